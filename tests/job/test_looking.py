"""looking: what a job says of where its fields stand, and that a marker which means nothing is refused by name."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch import WHOLE_DOCUMENT, Job, LooksFor, Mentions, Quoted
from qwen_batch.errors import JobError
from qwen_batch.job.definition import job_decoding_schema
from qwen_batch.job.looking import LOOK_KEYS, MAX_SHORT_LIST, FieldLook, field_looks
from qwen_batch.job.rules import DERIVED_KEY, PROSE_CHARS

RENEW = Mentions(en=("renew", "extend"), zh=("续",))


class Law(Quoted):
    place: str = Field(max_length=40)


def model(annotation: Any, **more: Any) -> type[BaseModel]:
    return create_model("Model", whose_law=(annotation, Field(**more)))


def look(annotation: Any, **more: Any) -> FieldLook:
    job = Job("terms", model(annotation, **more), "Read.")
    (found,) = field_looks(job.schema.model_json_schema())
    return found


def test_without_a_marker_a_field_is_looked_for_by_its_name_and_description() -> None:
    assert look(Law | None, description="state or country").query == "whose law state or country"
    assert look(Law | None).query.split() == ["whose", "law"]


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[Law | None, LooksFor("governed by", "laws of")],
        Annotated[Law, LooksFor("governed by", "laws of")],
        Annotated[Law, LooksFor("governed by", "laws of")] | None,
        Annotated[list[Law], Field(max_length=3), LooksFor("governed by", "laws of")],
    ],
)
def test_phrases_take_the_place_of_the_description(annotation: Any) -> None:
    assert look(annotation, description="state or country").query == "whose law governed by laws of"


@pytest.mark.parametrize("annotation", [Annotated[Law | None, RENEW], Annotated[Law, RENEW] | None])
def test_words_that_must_be_mentioned_are_those_of_the_documents_language(annotation: Any) -> None:
    found = look(annotation)
    assert found.words("en") == ("renew", "extend")
    assert found.words("zh") == ("续",)
    assert found.words("und") == ()
    assert look(Law | None).words("en") == ()


@pytest.mark.parametrize(
    ("annotation", "whole"),
    [
        (Annotated[str, Field(max_length=40)], False),
        (Annotated[str, Field(max_length=40), WHOLE_DOCUMENT], True),
        (Annotated[str, Field(max_length=40), WHOLE_DOCUMENT] | None, True),
        (Annotated[str, Field(max_length=PROSE_CHARS + 1)], True),
        (Annotated[str, Field(max_length=PROSE_CHARS + 1)] | None, True),
        (Law | None, False),
        (Annotated[list[Law], Field(max_length=MAX_SHORT_LIST)], False),
        (Annotated[list[Law], Field(max_length=MAX_SHORT_LIST + 1)], True),
    ],
)
def test_prose_long_lists_and_what_is_marked_are_about_the_whole_document(annotation: Any, whole: bool) -> None:
    assert look(annotation).whole is whole


def test_lists_are_told_from_single_facts() -> None:
    assert look(Annotated[list[Law], Field(max_length=3)]).is_list
    assert look(Annotated[list[Law], Field(max_length=3)] | None).is_list
    assert not look(Law | None).is_list


def test_a_field_that_code_fills_is_not_looked_for() -> None:
    schema = create_model(
        "Model",
        law=(Law, ...),
        original=(Annotated[str | None, Field(max_length=9, json_schema_extra={DERIVED_KEY: True})], None),
    )
    assert [one.field for one in field_looks(schema.model_json_schema())] == ["law"]


def test_the_model_is_not_told_of_markers() -> None:
    marked = model(Annotated[Law | None, LooksFor("governed by"), RENEW, WHOLE_DOCUMENT])
    assert all(key in str(marked.model_json_schema()) for key in LOOK_KEYS)
    assert "x-" not in job_decoding_schema(Job("terms", marked, "Read."))


@pytest.mark.parametrize("phrases", [(), ("",), (" ",), ("law", ""), ("---",), (7,), (["law"],)])
def test_a_marker_without_words_is_refused(phrases: tuple[Any, ...]) -> None:
    with pytest.raises(JobError, match="LooksFor"):
        LooksFor(*phrases)


@pytest.mark.parametrize("words", [{}, {"en": ()}, {"en": "renew"}, {"en": ["renew"]}, {"en": ("",)}, {"en": (7,)},
                                   {"en": ("-",)}, {"english": ("renew",)}, {"en_US": ("renew",)}])  # fmt: skip
def test_mentions_without_words_by_language_are_refused(words: dict[str, Any]) -> None:
    with pytest.raises(JobError, match="Mentions"):
        Mentions(**words)


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Annotated[Law, RENEW], "may not be null"),
        (Annotated[Annotated[str, Field(max_length=9)] | None, RENEW], "has no quote"),
        (Annotated[list[Law], Field(max_length=3), RENEW], "has no quote"),
    ],
)
def test_mentions_on_a_field_that_cannot_be_taken_back_are_refused_by_its_name(annotation: Any, problem: str) -> None:
    with pytest.raises(JobError, match=f"whose_law has Mentions, but it {problem}"):
        look(annotation)


MARKERS = (LooksFor("governed by"), RENEW, WHOLE_DOCUMENT)


@pytest.mark.parametrize("marker", MARKERS, ids=lambda marker: type(marker).__name__)
def test_a_marked_field_of_a_nested_model_is_refused_by_its_name(marker: Any) -> None:
    inner = create_model("Inner", place=(Annotated[Law | None, marker], ...))
    with pytest.raises(JobError, match=r"Inner\.place is marked"):
        look(inner | None)


@pytest.mark.parametrize("marker", MARKERS, ids=lambda marker: type(marker).__name__)
def test_a_marker_on_the_items_of_a_list_was_ignored(marker: Any) -> None:
    items = Annotated[list[Annotated[Law, marker]], Field(max_length=3)]
    for annotation in (items, items | None):
        with pytest.raises(JobError, match=r"whose_law\[\] is marked"):
            look(annotation)
    inner = create_model("Inner", places=(items, ...))
    with pytest.raises(JobError, match=r"Inner\.places is marked"):
        look(inner)


def test_a_marker_on_a_field_that_code_fills_was_ignored() -> None:
    derived = Annotated[str | None, Field(max_length=9, json_schema_extra={DERIVED_KEY: True}), LooksFor("words")]
    with pytest.raises(JobError, match="original is marked"):
        Job("terms", create_model("Model", law=(Law, ...), original=(derived, None)), "Read.")
