"""drafts: what a row says of texts with limits, and that none is over them however it was made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.config import Config
from qwen_batch.engine.plan import engine_plan
from qwen_batch.job.files import find_job, load_job
from qwen_batch.records import Answer, Chunk, Completion, Document
from qwen_batch.run.document.kinds.drafts import MAX_NAMED, UNCHECKED, draft_warnings, over_limits_failure
from qwen_batch.run.document.spec import RunSpec

JOB = load_job(find_job("polish_copy", ROOT / "jobs"))
DOCUMENT = Document("0", "post.txt", "text/plain", 9)
ANSWER = Answer(
    Chunk("a draft", 0, 7), {"text": "short"}, Completion("", "stop", 1, 1), 2, 1, 1, asked_again=("text: x",)
)


@pytest.fixture
def spec(null_config: Config) -> RunSpec:
    plan = engine_plan(null_config.engine, "null", gpus=0, cpu_dtype="float32")
    return RunSpec(null_config, (), plan, "null", {})


def warnings(answers: list[Answer], spec: RunSpec) -> list[str]:
    return list(draft_warnings(answers, JOB, spec, lambda chunk: f"page {chunk.index}"))


def test_a_text_that_was_asked_again_says_why(spec: RunSpec) -> None:
    model = replace(spec, plan=replace(spec.plan, kind="http"))
    assert warnings([ANSWER], model) == ["asked again: text: x"]
    assert warnings([replace(ANSWER, asked_again=(), lacking=("text: y",))], model) == ["terms not kept to: text: y"]


def test_of_many_parts_they_are_counted_and_the_first_are_named(spec: RunSpec) -> None:
    model = replace(spec, plan=replace(spec.plan, kind="http"))
    some = [replace(ANSWER, chunk=replace(ANSWER.chunk, index=number)) for number in range(9)]
    first, *named = warnings([*some, replace(ANSWER, asked_again=())], model)
    assert first == "asked again: 9 of 10 parts"
    assert named == [f"asked again: page {number}: text: x" for number in range(MAX_NAMED)]


def test_without_a_model_nothing_was_checked_and_that_is_said(spec: RunSpec) -> None:
    assert warnings([ANSWER], spec)[0] == UNCHECKED
    plain = load_job(find_job("contract_terms", Path(ROOT / "jobs")))
    assert list(draft_warnings([ANSWER], plain, spec, lambda _: "")) == []


def test_no_row_has_a_text_over_its_limits_however_it_was_made() -> None:
    assert over_limits_failure(DOCUMENT, JOB, {"text": "short 🎉"}) is None
    failure = over_limits_failure(DOCUMENT, JOB, {"text": "a" * 121 + "🎉🎉🎉"})
    assert failure is not None
    assert (failure.code, failure.job) == ("broken_limit", "polish_copy")
    assert failure.message == (
        "text: it has 124 characters, at most 120 are allowed; text: it has 3 emoji, at most 2 are allowed"
    )
