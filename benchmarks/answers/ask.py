"""Phase 2 of the answer benchmark: one engine for all variants, every document of a variant in flight at once.

Runs where the model is; reads nothing but the prepared cases. Each variant's answers are written as soon as they are
there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.answers.baseline import baseline_prompt, without_fence
from benchmarks.answers.documents.cases import BaselineAnswer, Case, VariantAnswers, load_cases, save_answers
from benchmarks.answers.spec import files_to_spec
from benchmarks.answers.variants import BASELINE, NAMES, SHIPPED, VARIANTS, Variant, variant_text, without_grammar
from benchmarks.common import ensure_environment
from qwen_batch.asking.answer import Rejected
from qwen_batch.asking.answering import Answering
from qwen_batch.config_file import load_config
from qwen_batch.engine.engine import ENGINES, Engine, EngineKind
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.job.files import load_job
from qwen_batch.records import Completion, Prompt
from qwen_batch.run.document.prompting import prompt_stage
from qwen_batch.run.document.spec import RunSpec, make_tokenizer
from qwen_batch.run.document.stages import engine_stage
from qwen_batch.run.document.work import Work

JOBS = Path(__file__).parent / "jobs"
SHIPPED_JOBS = Path(__file__).parents[2] / "jobs"


@dataclass(frozen=True, slots=True)
class AskRequest:
    """What is asked for: empty `variants` and `sets` are all; limits count documents of a set."""

    cases: Path
    out: Path
    model: Path
    variants: tuple[str, ...]
    sets: tuple[str, ...]
    limit: int | None
    ablation_limit: int
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """One engine with what asking needs."""

    spec: RunSpec
    jobs: dict[str, Job]
    tokenizer: Tokenizer
    engine: Engine
    shards: Shards


def ask(request: AskRequest) -> int:
    """Asks all variants; gives the exit code. Starts itself again if the engine needs another environment."""
    names = request.variants or NAMES
    if unknown := set(names).difference(NAMES):
        raise SystemExit(f"no variant {min(unknown)!r}; there are: {', '.join(NAMES)}")
    spec = _spec(request)
    kind = ENGINES.load(spec.plan.kind)
    ensure_environment(kind.env(spec.plan))
    with _free_answers_end(spec.plan.kind):
        asyncio.run(_ask_all(request, names, spec, kind))
    return 0


def _spec(request: AskRequest) -> RunSpec:
    shipped = [SHIPPED_JOBS / f"{name}.py" for name in SHIPPED]
    files = [*JOBS.glob("*.py"), *(request.cases / "jobs").glob("*.py"), *shipped]
    return files_to_spec((f"engine.model={request.model}", *request.settings), files)


@contextmanager
def _free_answers_end(kind: str) -> Iterator[None]:
    """Lets an answer without a schema end where the model ends it.

    In the package a prompt without a schema is a measure of speed and runs to its last token.
    """
    if kind != "vllm":
        yield
        return
    from qwen_batch.engine.kinds import vllm

    given = vllm._sampling_params  # noqa: SLF001  there is no other place to say so

    def ending(prompt: Prompt, with_logprobs: bool) -> Any:
        params = given(prompt, with_logprobs)
        params.ignore_eos = False
        return params

    with patch.object(vllm, "_sampling_params", ending):
        yield


class Unfenced:
    """An engine whose free answers come without a Markdown fence; their tokens then no longer match and are dropped."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """The engine's completions, unfenced."""
        return [_unfenced(completion) for completion in await self._engine.generate(shard)]

    def close(self) -> None:
        """Ends the engine."""
        self._engine.close()


def _unfenced(completion: Completion) -> Completion:
    text = without_fence(completion.text)
    if text == completion.text:
        return completion
    return replace(completion, text=text, token_texts=(), logprobs=())


async def _ask_all(request: AskRequest, names: Sequence[str], spec: RunSpec, kind: EngineKind) -> None:
    began = time.monotonic()
    engine = kind.start(spec.plan)
    jobs = {job.name: job for job in map(load_job, spec.jobs)}
    running = Running(
        spec, jobs, make_tokenizer(spec), engine, Shards(engine, spec.plan.batch_size, spec.plan.in_flight)
    )
    print(f"engine: {spec.model_name}, context {spec.plan.max_model_len}, {time.monotonic() - began:.1f} s", flush=True)
    cases = _limited(load_cases(request.cases, request.sets), request.limit)
    for name in names:
        if name == BASELINE:
            answers = await _ask_baseline([case for case in cases if case.raw_text], running)
        else:
            variant = VARIANTS[name]
            config = load_config(None, (f"engine.model={request.model}", *request.settings, *variant.settings))
            mine = replace(running, spec=replace(spec, config=config))
            answers = await _ask_variant(variant, _cases_of(variant, cases, request.ablation_limit), mine)
        save_answers(answers, request.out / f"{name}.pickle.gz")
        figures = ", ".join(f"{key} {value:,.1f}".removesuffix(".0") for key, value in answers.figures.items())
        print(f"{name}: {figures}", flush=True)
    engine.close()


def _limited(cases: Iterator[Case], limit: int | None) -> list[Case]:
    taken: dict[str, list[Case]] = {}
    for case in cases:
        taken.setdefault(case.set_name, []).append(case)
    return [case for several in taken.values() for case in several[:limit]]


def _cases_of(variant: Variant, cases: Sequence[Case], ablation_limit: int) -> list[Case]:
    """The cases of a variant; those of an ablation are spread evenly from the shortest to the longest."""
    mine = [case for case in cases if variant.sets is None or case.set_name in variant.sets]
    if not variant.is_ablation or len(mine) <= ablation_limit:
        return mine
    return [mine[(2 * number + 1) * len(mine) // (2 * ablation_limit)] for number in range(ablation_limit)]


async def _ask_baseline(cases: Sequence[Case], running: Running) -> VariantAnswers:
    began = time.monotonic()
    prompts = [baseline_prompt(case, running.spec.plan.max_model_len, running.tokenizer) for case in cases]
    completions = await running.shards.complete(prompts)
    figures = {
        "documents": len(cases),
        "prompts": len(prompts),
        "seconds": time.monotonic() - began,
        "tokens_in": sum(completion.prompt_tokens for completion in completions),
        "tokens_out": sum(completion.output_tokens for completion in completions),
        "rejected": sum(completion.error is not None for completion in completions),
    }
    baseline = {
        (case.set_name, case.name): BaselineAnswer(case.name, replace(completion, token_texts=(), logprobs=()))
        for case, completion in zip(cases, completions, strict=True)
    }
    return VariantAnswers(BASELINE, running.spec, {}, baseline, figures)


async def _ask_variant(variant: Variant, cases: Sequence[Case], running: Running) -> VariantAnswers:
    """Every document through the pipeline's own prompt and engine stage, all of them at once."""
    plan = running.spec.plan
    engine = running.engine if variant.constrained else Unfenced(running.engine)
    shards = Shards(engine, plan.batch_size, plan.in_flight)
    answering = Answering(
        shards=shards,
        plan=plan,
        jobs=running.jobs,
        tokenizer=running.tokenizer,
        self_check=running.spec.config.confidence.self_check,
        asks_orders=running.spec.config.prompt.orders == "ask",
    )
    began = time.monotonic()
    with _attempts(variant.attempts):
        works = [_work(variant, case, running) for case in cases]
        answered = await asyncio.gather(*(_answered(work, answering) for work in works))
    answers = [answer for work in answered for answer in work.answers]
    figures = {
        "documents": len(cases),
        "prompts": sum(len(work.prompts) for work in answered),
        "seconds": time.monotonic() - began,
        "tokens_in": sum(getattr(answer, "prompt_tokens", 0) for answer in answers),
        "tokens_cached": sum(getattr(answer, "cached_tokens", 0) for answer in answers),
        "tokens_first": sum(
            len(prompt.token_ids) for work in answered for prompt in work.prompts if not prompt.chunk.second
        ),
        "tokens_out": sum(getattr(answer, "output_tokens", 0) for answer in answers),
        "repaired": sum(not isinstance(answer, Rejected) and answer.attempts > 1 for answer in answers),
        "rejected": sum(isinstance(answer, Rejected) for answer in answers),
        "failed": sum(work.failure is not None for work in answered),
    }
    works_by_key = {(case.set_name, case.name): work for case, work in zip(cases, answered, strict=True)}
    return VariantAnswers(variant.name, running.spec, works_by_key, {}, figures)


@contextmanager
def _attempts(limit: int | None) -> Iterator[None]:
    if limit is None:
        yield
        return
    with patch("qwen_batch.asking.answer.MAX_ATTEMPTS", limit):
        yield


def _work(variant: Variant, case: Case, running: Running) -> Work:
    clean = variant_text(variant, case)
    work = Work(clean.document, (variant.job(case.job),), clean)
    work = prompt_stage(work, running.spec, running.tokenizer, running.jobs)
    return work if variant.constrained else without_grammar(work)


async def _answered(work: Work, answering: Answering) -> Work:
    if not work.prompts:
        return work
    (answered,) = await engine_stage([work], answering)
    return answered
