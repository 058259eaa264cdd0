"""Phase 2: report_outline asked over whole documents and over their heading trees, by one engine.

Reads nothing but the prepared file, and writes results with their evidence: nothing is left to do but to judge.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.answers.documents.cases import save
from benchmarks.answers.outline.cases import OutlineCase, load_outline_cases
from benchmarks.answers.spec import files_to_spec
from benchmarks.common import ROOT, ensure_environment
from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config, PromptSettings
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.shards import Shards
from qwen_batch.outcomes import Record
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import engine_stage
from qwen_batch.run.document.work import Work

JOB = "report_outline"
SIDES = ("whole", "tree")


@dataclass(frozen=True, slots=True)
class OutlineRequest:
    """What is asked for: the prepared file, where answers go, the model, further settings, and which reports."""

    cases: Path
    out: Path
    model: Path
    half: str
    limit: int | None
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutlineAnswer:
    """One report asked one way: its result and where its key figures were found; `failure` says why there is none.

    `figures` has for each key figure of the result the page of its quote, None where the quote is in no document.
    """

    name: str
    side: str
    result: dict[str, Any] | None
    figures: tuple[int | None, ...]
    prompt_tokens: int
    first_prompt_tokens: int
    output_tokens: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class OutlineAnswers:
    """All that was answered, by which model, and in how many seconds a side."""

    model: str
    answers: tuple[OutlineAnswer, ...]
    seconds: dict[str, float]


def ask_outlines(request: OutlineRequest) -> int:
    """Asks both sides; gives the exit code. Starts itself again if the engine needs another environment."""
    spec = files_to_spec((f"engine.model={request.model}", *request.settings), [ROOT / "jobs" / f"{JOB}.py"])
    ensure_environment(ENGINES.load(spec.plan.kind).env(spec.plan))
    cases = sorted(load_outline_cases(request.cases, request.half), key=lambda case: len(case.clean.text))
    answers = asyncio.run(_ask_both(cases[: request.limit], spec))
    size = save(answers, request.out)
    print(f"{request.out}: {len(answers.answers)} answers, {size >> 10} KiB")
    return 0


async def _ask_both(cases: Sequence[OutlineCase], spec: RunSpec) -> OutlineAnswers:
    engine = ENGINES.load(spec.plan.kind).start(spec.plan)
    shards = Shards(engine, spec.plan.batch_size, spec.plan.in_flight)
    answers: list[OutlineAnswer] = []
    seconds = {}
    with Isolator(spec.config.read.timeout_s, spec.config.read.memory_mb) as isolator:
        for side in SIDES:
            began = time.monotonic()
            of_side = replace(spec, config=_settings(spec.config, side))
            answers += await asyncio.gather(*(_asked(case, side, of_side, shards, isolator) for case in cases))
            seconds[side] = time.monotonic() - began
            print(f"{side}: {len(cases)} reports, {seconds[side]:.1f} s", flush=True)
    engine.close()
    return OutlineAnswers(spec.model_name, tuple(answers), seconds)


def _settings(config: Config, side: str) -> Config:
    prompt = PromptSettings(**{**config.prompt.model_dump(), "select": "whole" if side == "whole" else "auto"})
    return config.model_copy(update={"prompt": prompt})


async def _asked(case: OutlineCase, side: str, spec: RunSpec, shards: Shards, isolator: Isolator) -> OutlineAnswer:
    jobs = load_jobs(spec)
    tokenizer = make_tokenizer(spec)
    work = prompt_stage(Work(case.clean.document, (JOB,), case.clean), spec, tokenizer, jobs)
    first = sum(len(prompt.token_ids) for prompt in work.prompts)
    answering = Answering(shards, spec.plan, jobs, tokenizer, self_check=spec.config.confidence.self_check)
    if work.prompts:
        (work,) = await engine_stage([work], answering)
    outcome = settle_stage(work, spec, jobs, isolator)
    if not outcome.records:
        why = "; ".join(f"{one.code}: {one.message}" for one in outcome.failures)
        return OutlineAnswer(case.gold.name, side, None, (), 0, first, 0, why or "no answer")
    return _answer(case, side, outcome.records[0], first)


def _answer(case: OutlineCase, side: str, record: Record, first: int) -> OutlineAnswer:
    pages = {one.field.split(".")[0]: one.page for one in record.evidence if one.match != "none"}
    figures = tuple(pages.get(f"key_figures[{at}]") for at in range(len(record.result["key_figures"])))
    return OutlineAnswer(
        case.gold.name, side, record.result, figures, record.prompt_tokens, first, record.output_tokens
    )
