"""The way into an engine for a run's prompts: shards, jobs, tokenizer and what the settings ask for, put together."""

from __future__ import annotations

from qwen_batch.asking.answering import Answering
from qwen_batch.engine.engine import ENGINES, Engine
from qwen_batch.engine.shards import Shards
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer


def answering_with(engine: Engine, spec: RunSpec, batch_size: int | None = None) -> Answering:
    """The way into an engine; `batch_size` prompts a shard, by default as many as the plan says."""
    return Answering(
        shards=Shards(engine, batch_size or spec.plan.batch_size, spec.plan.in_flight),
        plan=spec.plan,
        jobs=load_jobs(spec),
        tokenizer=make_tokenizer(spec),
        self_check=spec.config.confidence.self_check,
        fits_threshold=spec.config.prompt.fits_threshold,
        continuations=spec.config.prompt.continuations,
        asks_orders=spec.config.prompt.orders == "ask",
        limits=ENGINES.load(spec.plan.kind).has_model,
    )
