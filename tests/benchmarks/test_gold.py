"""benchmarks/gold.py: labels of many kinds become gold that eval reads, and a perfect answer to it is perfect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT

from benchmarks import gold as readers
from qwen_batch.evaluate.gold import GoldDocument, gold_to_line, read_gold
from qwen_batch.evaluate.score import Prediction, documents_to_scores


def perfect(document: GoldDocument) -> Prediction:
    """An answer that says what gold says, each value in an object or list of its own."""
    result: dict[str, Any] = {}
    for path, values in document.fields.items():
        *above, leaf = [part.removesuffix("[]") for part in path.split(".")]
        node: dict[str, Any] = result
        for key in above:
            node = node.setdefault(key, {})
        node[leaf] = [value.accepted[-1] for value in values]
    return Prediction(document.source, result)


@pytest.mark.parametrize("name", ["samples", "cuad", "derived_scans", "sroie", "docubench"])
def test_a_set_becomes_gold_that_eval_reads(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    data = ROOT / "data" if name == "samples" else request.getfixturevalue("shared_data")
    documents = tuple(readers.SETS[name](data, "contract_summary"))
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(gold_to_line(one) + "\n" for one in documents))
    assert read_gold(path) == documents
    scores = documents_to_scores(documents, [perfect(one) for one in documents])
    assert scores.counts.right > 0
    assert scores.counts.errors == 0


def test_what_a_contract_label_leaves_open_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def label(answer: str, *spans: str) -> dict[str, Any]:
        return {"answer": answer, "spans": list(spans)}

    labels = {
        "Parties": label('Acme, Inc. ("Acme"); Beta LLC (“Beta”, the "Buyer")', "ACME, INC.", "Buyer", "Beta LLC"),
        "Effective Date": label("", "upon the last signature"),
        "Governing Law": label(""),
        "Renewal Term": label("successive 1 year", "renews for successive one-year terms"),
        "Cap On Liability": label("Yes", "shall not exceed the fees paid"),
    }
    monkeypatch.setattr(readers, "_pages", lambda _pdf: ["acmeincandbetallc", "renewsforsuccessiveoneyearterms"])
    gold = readers.contract_to_gold(Path("x/lease.pdf"), labels, "contract_summary")
    assert {path: [value.accepted[0] for value in values] for path, values in gold.fields.items()} == {
        "parties[].name": ["Acme, Inc.", "Beta LLC"],
        "governing_law.jurisdiction": [],
        "renewal.value": ["successive 1 year"],
    }
    assert [(one.page, one.quote) for one in gold.evidence["parties[].name"]] == [(1, "ACME, INC."), (1, "Beta LLC")]
    assert [one.page for one in gold.evidence["renewal.value"]] == [2]
