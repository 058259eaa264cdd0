"""null: the same valid answer every time, without a model."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.asking.validate import Valid, completion_to_result
from qwen_batch.config import EngineSettings
from qwen_batch.engine.engine import EngineKind
from qwen_batch.engine.kinds.null import ENGINE, smallest_instance
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.definition import Job, Quoted, job_decoding_schema
from qwen_batch.job.files import find_job, job_names, load_job
from qwen_batch.plugins import load_plugin
from qwen_batch.records import Chunk, CleanDocument, Completion, Document, Prompt

Short = Annotated[str, Field(max_length=20)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Day(Quoted):
    date: dt.date


class Inner(BaseModel):
    text: Short
    count: int = Field(ge=2)


def answer_to(schema: type[BaseModel]) -> Any:
    job = Job("job", schema, "Read.")
    text = smallest_instance(job_decoding_schema(job))
    checked = completion_to_result(Completion(text, "stop", 1, 0), schema)
    assert isinstance(checked, Valid), checked
    return checked.result


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Short, ""),
        (Annotated[str, Field(min_length=3, max_length=20)], "   "),
        (Short | None, None),
        (int, 0),
        (Annotated[int, Field(ge=3)], 3),
        (Annotated[int, Field(gt=3)], 4),
        (Annotated[float, Field(ge=0.5)], 0.5),
        (float | None, None),
        (bool, False),
        (Colour, "red"),
        (Literal["b", "a"], "b"),
        (Literal["only"], "only"),
        (dt.date, "1970-01-01"),
        (dt.datetime, "1970-01-01T00:00:00Z"),
        (dt.time, "00:00:00Z"),
        (Annotated[str, Field(pattern="^[0-9-]{8,10}$")], "1970-01-01"),
        (Annotated[str, Field(pattern="^[0-9]{0,4}$")], ""),
        (Inner, {"text": "", "count": 2}),
        (Day | None, None),
        (Annotated[list[Inner], Field(max_length=3)], []),
        (Annotated[list[Inner], Field(min_length=2, max_length=3)], [{"text": "", "count": 2}] * 2),
        (Annotated[list[Day], Field(max_length=3)], []),
    ],
)
def test_the_smallest_instance_is_valid(annotation: Any, value: Any) -> None:
    assert answer_to(create_model("Model", field=(annotation, ...))) == {"field": value}


@pytest.mark.parametrize("pattern", ["^[A-Z]{3}$", r"\\p{L}{1,3}"])
def test_a_pattern_that_no_example_meets_or_that_is_not_pythons_gets_the_empty_text(pattern: str) -> None:
    assert json.loads(smallest_instance(json.dumps({"type": "string", "pattern": pattern}))) == ""


def test_the_jobs_of_the_project_are_answered_validly(jobs_dir: Any) -> None:
    names = job_names(jobs_dir)
    assert names
    for name in names:
        job = load_job(find_job(name, jobs_dir))
        text = smallest_instance(job_decoding_schema(job))
        assert isinstance(completion_to_result(Completion(text, "stop", 1, 0), job.schema), Valid), name


def prompt(doc_id: str, text: str) -> Prompt:
    clean = CleanDocument(Document(doc_id, "file", "m", 1), text, (), (), "en", 1, 0, None)
    job = Job("job", create_model("Model", n=(int, ...)), "Read.")
    return chunk_to_prompt(clean, Chunk(text, 0, len(text)), job, ApproximateTokenizer())


def test_every_prompt_of_a_shard_gets_its_own_completion() -> None:
    plan = engine_plan(EngineSettings(kind="null"), "null", gpus=0, cpu_dtype="float32")
    engine = ENGINE.start(plan)
    shard = [prompt("a", "short"), prompt("b", "longer " * 100)]
    first = asyncio.run(engine.generate(shard))
    assert first == asyncio.run(engine.generate(shard))
    assert [completion.prompt_tokens for completion in first] == [len(one.token_ids) for one in shard]
    assert [json.loads(completion.text) for completion in first] == [{"n": 0}, {"n": 0}]
    assert {(one.finish_reason, one.output_tokens, one.error) for one in first} == {("stop", 0, None)}
    engine.close()


def test_an_empty_shard_gives_nothing() -> None:
    plan = engine_plan(EngineSettings(kind="null"), "null", gpus=0, cpu_dtype="float32")
    assert asyncio.run(ENGINE.start(plan).generate([])) == []


def test_the_engine_is_found_by_its_file_name_and_needs_no_model() -> None:
    kind = load_plugin("qwen_batch.engine.kinds", "null", "ENGINE")
    assert isinstance(kind, EngineKind)
    assert (kind.name, kind.loads_a_model) == ("null", False)
    assert kind.env(engine_plan(EngineSettings(kind="null"), "null", gpus=0, cpu_dtype="float32")) == {}
