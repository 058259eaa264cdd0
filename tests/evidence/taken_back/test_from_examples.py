"""from_examples: what stands in an example alone is never a value of the document."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from qwen_batch import Quoted
from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.taken_back.from_examples import WHY, without_examples
from qwen_batch.outcomes import ConfidenceParts, Evidence, Example, ExampleFact

TEXT = "Signed on 6 May 2024 in Utah for EUR 1,200, by Birch GmbH."


class Law(Quoted):
    place: str


class Terms(BaseModel):
    law: Law | None
    day: str | None
    fee: float | None
    kind: Literal["lease", "sale"] | None
    is_signed: bool | None
    title: str
    parties: list[Law] = Field(max_length=9)


SCHEMA = Terms.model_json_schema()
EXAMPLES = (
    Example(
        "id",
        "b.txt",
        tuple(
            ExampleFact("any", value)
            for value in ("Ohio", "2023-01-31", "2024-05-06", 900, 1200, "lease", "Birch GmbH")
        ),
    ),
)


def merged(**values: Any) -> Merged:
    result = {"law": None, "day": None, "fee": None, "kind": None, "is_signed": None, "title": "", "parties": []}
    parts = tuple(ConfidenceParts(field, False, False, 0.9, 0.8, None, "exact", 1.0, None) for field in result)
    return Merged({**result, **values}, (), parts)


def kept(**values: Any) -> Any:
    (field,) = values
    return without_examples(merged(**values), EXAMPLES, TEXT, SCHEMA).result[field]


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("day", "2023-01-31", None),
        ("day", "2024-05-06", "2024-05-06"),
        ("fee", 900.0, None),
        ("fee", 1200.0, 1200.0),
        ("fee", 77.0, 77.0),
        ("kind", "lease", "lease"),
        ("is_signed", True, True),
        ("title", "OHIO", ""),
        ("title", "Birch GmbH", "Birch GmbH"),
        ("law", {"quote": "", "place": "Ohio"}, None),
        ("law", {"quote": "in Utah", "place": "Utah"}, {"quote": "in Utah", "place": "Utah"}),
    ],
)
def test_a_value_without_a_quote_is_looked_for_in_the_document(field: str, value: Any, left: Any) -> None:
    assert kept(**{field: value}) == left


def test_a_fact_is_null_with_a_warning_and_its_evidence_is_rejected() -> None:
    found = Evidence("law.place", "Ohio", "in Utah", 1, 21, 28, (), "exact", 0.5)
    before = merged(law={"quote": "in Utah", "place": "Ohio"})
    after = without_examples(Merged(before.result, (found,), before.parts), EXAMPLES, TEXT, SCHEMA)
    assert after.result["law"] is None
    assert [one.standing for one in after.evidence] == ["rejected"]
    assert after.warnings == (f"law: {WHY}",)
    (part,) = (one for one in after.parts if one.field == "law")
    assert (part.absent, part.match) == (True, "none")


def test_an_item_of_a_list_is_gone_and_the_later_ones_move_up_with_their_evidence() -> None:
    items = [{"quote": "", "place": "Ohio"}, {"quote": "in Utah", "place": "Utah"}]
    evidence = tuple(
        Evidence(f"parties[{at}].place", place, "", 1, 1, 2, (), "exact", 1.0) for at, place in enumerate(("x", "Utah"))
    )
    before = merged(parties=items)
    after = without_examples(Merged(before.result, evidence, before.parts), EXAMPLES, TEXT, SCHEMA)
    assert after.result["parties"] == items[1:]
    assert [(one.field, one.value) for one in after.evidence] == [("parties[0].place", "Utah")]
    assert after.warnings == (f"parties: 1 {WHY}",)


def test_a_value_whose_quote_says_it_in_other_words_stands() -> None:
    found = Evidence("fee", "900", "nine hundred", 1, 0, 5, (), "exact", 1.0)
    before = merged(fee=900.0)
    after = without_examples(Merged(before.result, (found,), before.parts), EXAMPLES, TEXT, SCHEMA)
    assert after.result["fee"] == 900.0


def test_without_examples_nothing_changes() -> None:
    before = merged(day="2023-01-31")
    assert without_examples(before, (), TEXT, SCHEMA) is before
