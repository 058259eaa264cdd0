from __future__ import annotations

from typing import Any

import pyarrow as pa

from qwen_batch.report.content import Answer
from qwen_batch.report.values import row_to_answer

FACT = pa.struct([("quote", pa.string()), ("value", pa.string())])
DAY = pa.struct([("quote", pa.string()), ("date", pa.date32())])
TYPE = pa.struct([
    ("law", FACT), ("due", DAY), ("paid", pa.bool_()), ("items", pa.list_(FACT)),
    ("plain", pa.struct([("n", pa.int64())])),
])  # fmt: skip
EMPTY: dict[str, Any] = {"law": None, "due": None, "paid": None, "items": [], "plain": None}


def evidence(field: str, value: str = "", **more: Any) -> dict[str, Any]:
    return {"field": field, "value": value, "quote": value, "page": 1, "match": "exact", "score": 1.0} | more


def answer(result: dict[str, Any], *rows: dict[str, Any], confidence: float | None = 0.75) -> Answer:
    row = {
        "doc_id": "d", "source_uri": "/in/a.pdf", "job": "letter", "job_fingerprint": "f", "run_id": "r",
        "evidence": rows,
        "result": EMPTY | result, "confidence": dict.fromkeys(EMPTY, confidence) | {"record": 0.5},
    }  # fmt: skip
    return row_to_answer(row, TYPE, 0)


def paths(found: Answer) -> list[tuple[str, Any]]:
    return [(value.path, value.value) for value in found.values()]


def test_what_is_absent_is_a_value_under_the_path_of_what_would_be_typed() -> None:
    assert paths(answer({})) == [
        ("law.value", None), ("due.date", None), ("paid", None), ("items[0].value", None), ("plain.n", None),
    ]  # fmt: skip
    assert [value.kind for value in answer({}).values()] == ["text", "date", "boolean", "text", "integer"]


def test_a_fact_with_empty_words_says_nothing() -> None:
    assert paths(answer({"law": {"quote": "", "value": ""}}))[0] == ("law.value", None)


def test_each_item_of_a_list_is_a_fact_with_its_own_evidence() -> None:
    items = [{"quote": "ink", "value": "ink"}, {"quote": "paper", "value": "paper"}]
    found = answer({"items": items}, evidence("items[0].value", "ink"), evidence("items[1].value", "paper"))
    facts = [fact for fact in found.facts() if fact.path.startswith("items")]
    assert [[one.quote for one in fact.citations] for fact in facts] == [["ink"], ["paper"]]


def test_expected_error_follows_the_confidence_and_is_even_without_one() -> None:
    assert {value.error for value in answer({}).values()} == {0.25}
    assert {value.error for value in answer({}, confidence=None).values()} == {0.5}


def test_evidence_of_any_kind_is_kept_with_its_word() -> None:
    said = {"law": {"quote": "Ohio", "value": "Ohio"}}
    rows = [
        evidence("law.value", "Ohio", standing="value"),
        evidence("law.value", "Utah", standing="conflict", page=4),
        evidence("law.value", "Iowa", standing="rejected", match="corrected"),
    ]
    statuses = [(one.value, one.status, one.match) for one in answer(said, *rows).citations()]
    assert statuses == [("Ohio", "accepted", "exact"), ("Utah", "conflict", "exact"), ("Iowa", "rejected", "corrected")]


def test_evidence_of_a_value_that_was_dropped_is_not_lost() -> None:
    found = answer({"items": []}, evidence("items[3].value", "glue", standing="rejected"))
    assert [one.value for one in found.citations()] == ["glue"]


def test_ids_are_those_of_the_row_and_the_path() -> None:
    one, same = answer({"law": {"quote": "a", "value": "a"}}), answer({"law": {"quote": "b", "value": "b"}})
    assert [value.id for value in one.values()] == [value.id for value in same.values()]
    assert len({value.id for value in one.values()}) == len(list(one.values()))
