"""schema_walk: references, options and null in the schemas that pydantic writes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch.schema_walk import (
    definitions_of,
    is_null,
    may_be_null,
    options_of,
    referred,
    resolved,
    target_of,
)

Described = Annotated[None, Field(description="no day is stated")]


class Inner(BaseModel):
    kind: Literal["inner"]


class Other(BaseModel):
    kind: Literal["other"]


def field_of(annotation: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = create_model("Model", field=(annotation, ...)).model_json_schema()
    return schema["properties"]["field"], definitions_of(schema)


@pytest.mark.parametrize(
    "annotation", [Inner, Inner | None, Annotated[Inner | None, Field(description="who")], Inner | Described]
)
def test_a_field_is_resolved_to_its_model(annotation: Any) -> None:
    body = resolved(*field_of(annotation))
    assert (body["title"], body["type"]) == ("Inner", "object")


def test_what_may_be_of_several_types_is_left_as_it_is() -> None:
    field, definitions = field_of(int | str | None)
    assert resolved(field, definitions) is field
    assert [option["type"] for option in options_of(field)] == ["integer", "string", "null"]


def test_the_options_of_a_discriminated_union_are_options() -> None:
    field, definitions = field_of(Annotated[Inner | Other, Field(discriminator="kind")])
    assert [target_of(option) for option in options_of(field)] == ["Inner", "Other"]
    assert [referred(option, definitions)["title"] for option in options_of(field)] == ["Inner", "Other"]


def test_a_null_that_is_described_is_null_too() -> None:
    field, _ = field_of(int | Described)
    assert {"type": "null"} not in field["anyOf"]
    assert may_be_null(field)
    assert [is_null(option) for option in options_of(field)] == [False, True]


@pytest.mark.parametrize("annotation", [int, list[int | None], Inner])
def test_a_field_that_is_never_null(annotation: Any) -> None:
    assert not may_be_null(field_of(annotation)[0])


def test_a_reference_to_a_reference_is_followed_to_its_end() -> None:
    definitions = {"A": {"$ref": "#/$defs/B"}, "B": {"type": "string"}}
    assert referred({"$ref": "#/$defs/A"}, definitions) == {"type": "string"}
    assert referred({"type": "integer"}, definitions) == {"type": "integer"}


def test_what_refers_to_nothing_has_no_target_and_no_definitions() -> None:
    assert target_of({"type": "string"}) == ""
    assert definitions_of({"type": "string"}) == {}
