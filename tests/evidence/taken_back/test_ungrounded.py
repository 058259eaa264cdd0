"""ungrounded: marked values that are not in the document go, with their evidence; the rest keeps its own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from qwen_batch.evidence.taken_back.ungrounded import Kept, drop_ungrounded
from qwen_batch.job.definition import MUST_BE_GROUNDED, Quoted
from qwen_batch.outcomes import Evidence
from qwen_batch.records import MatchKind

Short = Annotated[str, Field(max_length=40)]


class Law(Quoted):
    state: Short


class Party(Quoted):
    name: Short
    role: Annotated[Short | None, MUST_BE_GROUNDED]


class Section(BaseModel):
    heading: Short
    laws: Annotated[list[Law], Field(max_length=3), MUST_BE_GROUNDED]


class Contract(BaseModel):
    law: Annotated[Law | None, MUST_BE_GROUNDED]
    other: Law | None
    parties: list[Party] = Field(max_length=3)
    laws: Annotated[list[Law], Field(max_length=3), MUST_BE_GROUNDED]
    sections: list[Section] = Field(max_length=3)


class Cap(Quoted):
    state: str = Field(max_length=40, description="the state.")


class Described(BaseModel):
    cap: Annotated[Cap | None, MUST_BE_GROUNDED] = Field(description="what caps liability")


SCHEMA = Contract.model_json_schema()
EMPTY: dict[str, Any] = {"law": None, "other": None, "parties": [], "laws": [], "sections": []}


def evidence(field: str, match: MatchKind) -> Evidence:
    return Evidence(field, "v", "q", None if match == "none" else 1, 0, 1, (), match, 1.0)


def law(state: str) -> dict[str, str]:
    return {"quote": "q", "state": state}


def kept(result: dict[str, Any], *evidences: Evidence) -> Kept:
    return drop_ungrounded({**EMPTY, **result}, evidences, SCHEMA)


def test_a_marked_fact_that_is_not_located_becomes_null_and_is_named() -> None:
    found = kept({"law": law("Utah")}, evidence("law.state", "none"))
    assert found == Kept(EMPTY, (), ("law",))


def test_a_marked_fact_that_is_located_and_an_unmarked_one_stay_as_they_are() -> None:
    given = (evidence("law.state", "fuzzy"), evidence("other.state", "none"))
    result = {"law": law("Utah"), "other": law("Ohio")}
    assert kept(result, *given) == Kept({**EMPTY, **result}, given, ())


def test_items_leave_a_marked_list_and_the_evidence_of_the_others_moves_up() -> None:
    given = [evidence(f"laws[{place}].state", match) for place, match in enumerate(("none", "exact", "none", "exact"))]
    found = kept({"laws": [law("a"), law("b"), law("c"), law("d")]}, *given)
    assert found.result["laws"] == [law("b"), law("d")]
    assert [item.field for item in found.evidence] == ["laws[0].state", "laws[1].state"]
    assert found.dropped == ("laws[0]", "laws[2]")


def test_a_marked_value_beside_its_quote_goes_alone() -> None:
    party = {"quote": "q", "name": "Acme", "role": "Seller"}
    found = kept({"parties": [party]}, evidence("parties[0].name", "none"), evidence("parties[0].role", "none"))
    assert found.result["parties"] == [{**party, "role": None}]
    assert [item.field for item in found.evidence] == ["parties[0].name"]
    assert found.dropped == ("parties[0].role",)


def test_lists_inside_of_items_are_renumbered_too() -> None:
    sections = [{"heading": "One", "laws": [law("a"), law("b")]}]
    found = kept(
        {"sections": sections},
        evidence("sections[0].laws[0].state", "none"),
        evidence("sections[0].laws[1].state", "exact"),
    )
    assert found.result["sections"] == [{"heading": "One", "laws": [law("b")]}]
    assert [item.field for item in found.evidence] == ["sections[0].laws[0].state"]


def test_a_value_that_repeats_the_field_s_description_was_taken_for_what_the_document_says() -> None:
    schema = Described.model_json_schema()
    found = (evidence("cap.state", "exact"),)
    for said in ("what caps liability", "The state."):
        echo = {"cap": law(said)}
        assert drop_ungrounded(echo, found, schema) == Kept({"cap": None}, (), ("cap",))
    assert drop_ungrounded({"cap": law("a state of caps")}, found, schema).dropped == ()
