"""rejecting: a value that is more likely wrong than right leaves the row and stays in the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.taken_back.rejecting import with_rejected, without_unsure
from qwen_batch.job.definition import Quoted
from qwen_batch.outcomes import ConfidenceParts, Evidence


class Fact(Quoted):
    value: str = Field(max_length=40)


class Terms(BaseModel):
    law: Fact | None
    must: Fact
    names: list[Fact] = Field(max_length=3)
    summary: str = Field(max_length=200)


SCHEMA = Terms.model_json_schema()
FACT = {"quote": "q", "value": "v"}
RESULT: dict[str, Any] = {"law": FACT, "must": FACT, "names": [FACT], "summary": "s"}


def evidence(field: str, start: int | None = 3) -> Evidence:
    return Evidence(field, "v", "q", 1, start, 4, (), "exact", 1.0)


def merged(**changes: Any) -> Merged:
    result = {**RESULT, **changes}
    parts = tuple(
        ConfidenceParts(name, False, result[name] is None, 0.9, 0.9, None, "exact", 1.0, None) for name in result
    )
    return Merged(result, tuple(evidence(f"{name}.value") for name in result if result[name]), parts)


def test_an_unsure_fact_becomes_null_with_a_warning_and_its_candidate_stays_as_rejected() -> None:
    kept, confidence = without_unsure(merged(), dict.fromkeys(RESULT, 0.1), 0.15, SCHEMA)
    assert kept.result == {**RESULT, "law": None}
    assert {one.field: one.standing for one in kept.evidence}["law.value"] == "rejected"
    assert {one.standing for one in kept.evidence if not one.field.startswith("law")} == {"value"}
    assert kept.warnings == ("law: left out, its confidence 0.10 is below 0.15",)
    assert [one.absent for one in kept.parts] == [True, False, False, False]
    assert confidence == {"law": 0.9, "must": 0.1, "names": 0.1, "summary": 0.1}


def test_a_sure_fact_and_one_of_an_engine_without_probabilities_stand() -> None:
    for number in (0.15, 0.9, None):
        kept, confidence = without_unsure(merged(), dict.fromkeys(RESULT, number), 0.15, SCHEMA)
        assert (kept, set(confidence.values())) == (merged(), {number})


def test_the_located_evidence_of_what_was_taken_back_before_is_kept_as_rejected() -> None:
    found = [evidence("law.value"), evidence("law.value", None), evidence("must.value")]
    kept = with_rejected(merged(law=None), found)
    assert [(one.field, one.standing) for one in kept.evidence if one.standing != "value"] == [
        ("law.value", "rejected")
    ]


def test_what_is_known_of_cut_lists_stays_when_a_value_is_left_out() -> None:
    kept, _ = without_unsure(replace(merged(), cut=("names",)), dict.fromkeys(RESULT, 0.1), 0.15, SCHEMA)
    assert (kept.result["law"], kept.cut) == (None, ("names",))
