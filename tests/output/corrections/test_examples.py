"""examples: what people found right of each row, in fixed order, without what was rejected or is prose."""

from __future__ import annotations

from pathlib import Path

from helpers.decided import LETTER, decision, later, letter, save
from helpers.published import publish_run

from qwen_batch.outcomes import ExampleFact
from qwen_batch.output.corrections.examples import read_examples
from qwen_batch.output.layout import open_output
from qwen_batch.run.apply import apply_corrections

FIELDS = ("law", "total", "items")


def test_what_stands_of_peoples_decisions_is_an_example(tmp_path: Path) -> None:
    output = tmp_path / "out"
    publish_run(output, LETTER, [letter("a.txt"), letter("b.txt"), letter("c.txt")])
    store = open_output(str(output))
    assert read_examples(store, "letter", FIELDS) == ()
    decisions = [
        decision("law.value", "Ohio", "Utah", "b.txt"),
        decision("items[1].value", "pens", source="b.txt", when=later()),
        decision("law.value", "Ohio", source="a.txt", decision="reject"),
        decision("law.value", "Ohio", "x" * 500, "c.txt"),
    ]
    apply_corrections(str(output), save(tmp_path, *decisions))
    (one,) = read_examples(store, "letter", FIELDS)
    assert (one.doc_id, one.document) == ("id-b.txt", "b.txt")
    assert [(fact.path, fact.value) for fact in one.facts] == [("items[].value", "pens"), ("law.value", "Utah")]
    assert all(isinstance(fact, ExampleFact) for fact in one.facts)
    (less,) = read_examples(store, "letter", ("law",))
    assert [fact.path for fact in less.facts] == ["law.value"]
    assert read_examples(store, "another", FIELDS) == ()
