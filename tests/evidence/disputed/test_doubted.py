"""doubted: of two answers that stands which needs no passage that speaks to the reader."""

from __future__ import annotations

from typing import Any

from qwen_batch.evidence.disputed.doubted import resolved_doubt
from qwen_batch.evidence.merge import Merged
from qwen_batch.outcomes import ConfidenceParts, Evidence

SPANS = ((100, 150),)
NULLABLE = {"anyOf": [{"type": "object"}, {"type": "null"}]}
SCHEMA: dict[str, Any] = {
    "properties": {"law": NULLABLE, "parties": {"type": "array", "maxItems": 2}, "kind": {"type": "string"}}
}


def at(field: str, value: str, start: int | None, page: int = 1) -> Evidence:
    end = None if start is None else start + 10
    return Evidence(field, value, value, page, start, end, (), "none" if start is None else "exact", 1.0)


def parts(field: str, value: Any) -> ConfidenceParts:
    return ConfidenceParts(field, False, value in (None, []), 0.9, 0.9, None, "exact", 1.0, None)


def merged(field: str, value: Any, *evidence: Evidence) -> Merged:
    return Merged({field: value}, evidence, (parts(field, value),))


def law(value: str | None, start: int | None = None) -> Merged:
    if value is None:
        return merged("law", None)
    return merged("law", {"quote": value, "value": value}, at("law.value", value, start))


def resolved(given: Merged, without: Merged | None) -> Merged:
    return resolved_doubt(given, without, SPANS, SCHEMA)


def test_what_both_say_stands_with_the_quote_that_needs_no_order() -> None:
    found = resolved(law("Utah", 120), law("Utah", 10))
    assert found.result["law"]["value"] == "Utah"
    assert found.evidence[0].start == 10
    assert found.warnings == ()


def test_what_the_document_says_elsewhere_stands() -> None:
    assert resolved(law("Mars", 120), law("Utah", 10)).result["law"]["value"] == "Utah"
    assert resolved(law(None), law("Utah", 10)).result["law"]["value"] == "Utah"
    assert resolved(law("Utah", 10), law(None)).result["law"]["value"] == "Utah"


def test_what_rests_on_the_order_alone_is_null_and_both_stay_in_the_evidence() -> None:
    found = resolved(law("Mars", 120), law("Venus", None))
    assert found.result == {"law": None}
    assert found.warnings == ("conflict: law: 'Mars' (page 1) or 'Venus' (page 1)",)
    assert [one.value for one in found.evidence] == ["Mars", "Venus"]
    assert found.parts[0].absent
    assert found.parts[0].agreement == 0.0


def test_without_a_second_answer_only_what_is_quoted_elsewhere_stands() -> None:
    assert resolved(law("Mars", 120), None).result == {"law": None}
    assert resolved(law("Utah", 10), None).result["law"]["value"] == "Utah"


def party(number: int, name: str, start: int) -> Evidence:
    return at(f"parties[{number}].name", name, start)


def test_of_a_list_the_items_stand_that_are_quoted_outside_of_the_order() -> None:
    given = merged("parties", [{"name": "Evil"}, {"name": "Acme"}], party(0, "Evil", 120), party(1, "Acme", 30))
    without = merged("parties", [{"name": "Beta"}], party(0, "Beta", 60))
    found = resolved(given, without)
    assert found.result["parties"] == [{"name": "Beta"}, {"name": "Acme"}]
    assert [one.field for one in found.evidence] == ["parties[0].name", "parties[1].name"]


def test_a_list_grew_longer_than_the_job_allows() -> None:
    given = merged("parties", [{"name": "A"}, {"name": "C"}], party(0, "A", 10), party(1, "C", 30))
    without = merged("parties", [{"name": "B"}, {"name": "D"}], party(0, "B", 50), party(1, "D", 70))
    assert len(resolved(given, without).result["parties"]) == 2


def test_a_text_without_quotes_is_the_one_that_was_written_without_the_order() -> None:
    assert resolved(merged("kind", "hacked"), merged("kind", "lease")).result == {"kind": "lease"}
