"""limits: what a marker says, where it may stand, and what a prompt says of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch.asking.prompts import schema_outline
from qwen_batch.errors import JobError
from qwen_batch.job.definition import DRAFTING, Job, job_decoding_schema, job_fingerprint, job_limits
from qwen_batch.job.drafting.limits import REWORDED, SAME_SHAPE, STATED_NUMBERS, Glossary, Keeps, Limits

Kept = Annotated[str, Keeps("names"), Field(max_length=20)]
Point = Annotated[str, STATED_NUMBERS, Field(max_length=60)]


class Slide(BaseModel):
    title: Annotated[str, Limits(characters=30)] = Field(max_length=90)
    points: list[Point] = Field(max_length=4)


def job(language: str = "", **fields: Any) -> Job:
    return Job("copy", create_model("Copy", **fields), "Write.", DRAFTING, language=language)


def text(*marks: Any, most: int = 400) -> Any:
    bound = Field(max_length=most, description="the copy")
    return (Annotated[(str, *marks)] if marks else str, bound)


def test_a_text_has_all_its_marks_and_the_grammar_none_of_them() -> None:
    made = job(text=text(Limits(characters=120, emoji=2), Keeps("numbers"), Glossary("Aurora"), REWORDED, SAME_SHAPE))
    (one,) = job_limits(made)
    assert (one.path, one.characters, one.emoji, one.keeps) == ("text", 120, 2, ("numbers",))
    assert (one.terms, one.reworded, one.shape) == ((("Aurora", "Aurora"),), True, True)
    assert json.loads(job_decoding_schema(made))["properties"] == {"text": {"type": "string", "maxLength": 400}}


def test_texts_of_nested_models_and_lists_are_found_by_their_paths() -> None:
    made = job(slides=(list[Slide], Field(max_length=3)))
    assert [(one.path, one.characters, one.stated) for one in job_limits(made)] == [
        ("slides[].title", 30, False),
        ("slides[].points[]", None, True),
    ]
    outline = schema_outline(made)
    assert "title: at most 30 characters (4 words of English)" in outline
    assert "points: at most 4, with numbers of the document alone" in outline


def test_a_prompt_says_what_has_to_be_kept() -> None:
    marks = (
        Limits(characters=120, emoji=0),
        Keeps("numbers", "dates", "names"),
        Glossary("Aurora", zh={"sale": "特卖"}),
    )
    assert schema_outline(job(text=text(*marks), language="zh")) == (
        "text: the copy, at most 120 characters (16 words of English), no emoji, keeping all numbers, dates and names, "
        'keeping "Aurora" as written; "sale" is "特卖"'
    )


def test_a_glossary_has_the_terms_of_the_jobs_language_alone() -> None:
    both = Glossary(en={"会员日": "Member Day"}, zh={"Member Day": "会员日"}, zh_hant={"Member Day": "會員日"})
    assert job_limits(job("en", text=text(both)))[0].terms == (("会员日", "Member Day"),)
    assert job_limits(job("zh-hant", text=text(both)))[0].terms == (("Member Day", "會員日"),)


def test_limits_change_the_fingerprint() -> None:
    assert job_fingerprint(job(text=text(Limits(emoji=2)))) != job_fingerprint(job(text=text(Limits(emoji=1))))
    assert job_fingerprint(job("en", text=text())) != job_fingerprint(job("zh", text=text()))


@pytest.mark.parametrize(
    ("fields", "language", "words"),
    [
        ({"text": text(Limits(characters=120), most=120)}, "", "decoding would cut text"),
        ({"count": (Annotated[int, Limits(emoji=1)], Field(ge=0))}, "", "count has limits, but it is no text"),
        ({"text": text(Glossary(zh={"a": "b"}))}, "", "but the job no language"),
        ({"points": (list[Kept], Field(max_length=2))}, "", "compares all of the document"),
        ({"text": text()}, "xx", "language='xx' is not known"),
    ],
)
def test_a_mark_that_could_not_be_kept_is_refused(fields: dict[str, Any], language: str, words: str) -> None:
    with pytest.raises(JobError, match=words):
        job(language, **fields)


@pytest.mark.parametrize(
    "make", [Limits, lambda: Limits(characters=0), lambda: Limits(emoji=-1), Keeps, lambda: Keeps("x"), Glossary]
)
def test_a_mark_that_says_nothing_is_refused(make: Any) -> None:
    with pytest.raises(JobError):
        make()
