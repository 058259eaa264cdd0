"""enforceable: what a schema may say is what the grammar holds a model to; xgrammar itself is asked."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AnyUrl, BaseModel, Field, create_model

from qwen_batch.errors import JobError
from qwen_batch.job.definition import Job, Quoted, job_decoding_schema

Short = Annotated[str, Field(max_length=5)]
Code = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: Short


class Law(Quoted):
    state: Short


def job_for(annotation: Any) -> Job:
    return Job("note", create_model("Model", field=(annotation, ...)), "Read.")


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Any, "may be anything"),
        (AnyUrl, "format uri"),
        (bytes, "format binary"),
        (Decimal, "has no max_length"),
        (Annotated[int, Field(multiple_of=5)], "multipleOf"),
        (tuple[int, int], "prefixItems"),
        (Annotated[set[int], Field(max_length=3)], "uniqueItems"),
        (Annotated[str, Field(pattern="^[A-Z]+$")], "has no end"),
        (Annotated[str, Field(pattern="^a{2,}$")], "has no end"),
        (Annotated[str, Field(pattern=r"^a\bc$")], "more than a grammar can say"),
        (Annotated[str, Field(pattern="^[A-Z]{3}$", max_length=3)], "maxLength beside pattern"),
        (Annotated[dt.date, Field(json_schema_extra={"maxLength": 3})], "maxLength beside format"),
        (Annotated[Cat, Field(json_schema_extra={"maximum": 3})], "maximum beside a nested model"),
        (Annotated[Any, Field(json_schema_extra={"oneOf": [{"type": "integer"}]})], "oneOf without a discriminator"),
    ],
)
def test_what_decoding_would_not_hold_an_answer_to_is_refused_by_name(annotation: Any, words: str) -> None:
    with pytest.raises(JobError, match=rf"job note: .*field.*{words}|job note: .*{words}.*field"):
        job_for(annotation)


ENFORCED = [
    (Short, "abc", "abcdef"),
    (Short, "合同书", "合同书一二三"),
    (Code, "USD", "usd"),
    (Code | None, None, "USDX"),
    (Annotated[str, Field(max_length=5, min_length=2)], "ab", "a"),
    (Annotated[int, Field(ge=3, le=5)], 4, 6),
    (Annotated[int, Field(gt=3)], 4, 3),
    (Annotated[float, Field(ge=0.5)], 0.75, 0.25),
    (Annotated[float, Field(lt=1)], 0.5, 1.5),
    (Annotated[list[int], Field(max_length=2)], [1], [1, 2, 3]),
    (Annotated[list[int], Field(min_length=1, max_length=2)], [1], []),
    (dt.date, "2024-05-01", "0000-00-00"),
    (dt.datetime, "2024-05-01T00:00:00Z", "2024-05-01"),
    (dt.timedelta, "P3D", "3 days"),
    (Literal["a", "b"], "a", "c"),
    (bool, True, 1),
    (Law | None, {"quote": "the laws of Utah", "state": "Utah"}, {"state": "Utah", "quote": "the laws of Utah"}),
    (Law | None, {"quote": "", "state": None}, None),
    (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "dog", "name": "Rex"}, {"kind": "cat", "name": "Tom"}),
]


@pytest.mark.vllm
@pytest.mark.parametrize(("annotation", "good", "bad"), ENFORCED)
def test_what_a_job_may_say_binds_xgrammar(annotation: Any, good: Any, bad: Any) -> None:
    xgrammar = pytest.importorskip("xgrammar")
    tokens = xgrammar.TokenizerInfo([bytes([byte]) for byte in range(256)] + [b"<end>"], stop_token_ids=[256])
    schema = job_decoding_schema(job_for(annotation))
    grammar = xgrammar.GrammarCompiler(tokens).compile_json_schema(schema, any_whitespace=False)

    def accepts(value: Any) -> bool:
        matcher = xgrammar.GrammarMatcher(grammar)
        return matcher.accept_string(json.dumps({"field": value}, ensure_ascii=False)) and matcher.accept_token(256)

    assert accepts(good)
    assert not accepts(bad)
