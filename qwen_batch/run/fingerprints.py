"""What shapes an answer or a failure, as one short text: when it changes, documents are asked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from qwen_batch.asking.drafting.broken import LIMITS_VERSION
from qwen_batch.asking.examples import EXAMPLES_VERSION
from qwen_batch.asking.fits import FITS_VERSION
from qwen_batch.asking.logs.condense import LOG_VERSION
from qwen_batch.asking.orders.speaks_to_reader import ORDERS_VERSION
from qwen_batch.asking.passages.cut import PASSAGES_VERSION
from qwen_batch.asking.prompts import PROMPT_VERSION
from qwen_batch.asking.rows.layouts import LAYOUT_VERSION
from qwen_batch.asking.selecting.prompt import Whole, passages_a_field
from qwen_batch.asking.text_budget import shaping_settings
from qwen_batch.asking.workbook.shown import FACTS_VERSION
from qwen_batch.config import Config, PromptSettings
from qwen_batch.evidence.by_code.cited import CITED_VERSION
from qwen_batch.job.computed.grouped import GROUPED_VERSION
from qwen_batch.job.computed.marks import COMPUTED_VERSION
from qwen_batch.job.definition import (
    Job,
    job_checks,
    job_computed,
    job_fingerprint,
    job_limits,
    job_log_fields,
    job_rows,
)
from qwen_batch.job.workbook.profile import PROFILE_VERSION
from qwen_batch.job.workbook.slots import SLOTS_VERSION
from qwen_batch.outcomes import Example
from qwen_batch.reading.version import reading_code
from qwen_batch.run.groups.text import GROUP_VERSION

NOT_SHOWN = {"fits", "fits_threshold", "continuations", "examples"}
"""Settings of `prompt` that say nothing of what a job is shown."""
SHAPING_ENGINE = {"precision", "kv_cache", "seed"}
"""Settings that change answers: part of the fingerprint when they are not at their default."""


def job_fingerprints(
    jobs: Mapping[str, Job], config: Config, model: str, examples: Mapping[str, Sequence[Example]] | None = None
) -> dict[str, str]:
    """The fingerprint of each job under these settings, this model and the code that makes a document's text.

    `examples` are those that prompts may show, by job.
    """
    reading = {
        "ocr": config.ocr.model_dump(exclude={"timeout_s"}),
        "clean": config.clean.model_dump(),
        "code": reading_code(),
    }
    shaping: dict[str, Any] = {**reading, "long": shaping_settings(config.long)}
    if cut_off := config.prompt.model_dump(include={"continuations"}, exclude_defaults=True):
        shaping["cut_off"] = cut_off
    if engine := config.engine.model_dump(include=SHAPING_ENGINE, exclude_defaults=True):
        shaping["engine"] = engine
    if config.confidence.reject_below != "auto":
        shaping["reject_below"] = config.confidence.reject_below
    return {
        name: job_fingerprint(
            job,
            model=model,
            prompt_version=PROMPT_VERSION,
            prompt=_shown(job, config.prompt),
            **_fits(job, config),
            **({"group": GROUP_VERSION} if job.of else {}),
            **_by_code(job),
            **_examples(examples.get(name, ()) if examples else (), config.prompt.examples),
            **_drafted(job),
            **shaping,
        )
        for name, job in jobs.items()
    }


def _shown(job: Job, settings: PromptSettings) -> dict[str, Any]:
    """What of a document a job is shown: for one that is always shown all of it no setting but that counts."""
    orders = {"orders": ORDERS_VERSION} if settings.orders == "ask" else {}
    passages = passages_a_field(job, settings)
    if isinstance(passages, Whole):
        return {"select": "whole", **orders}
    return {**settings.model_dump(exclude=NOT_SHOWN), "passages": passages, **orders}


def _fits(job: Job, config: Config) -> dict[str, Any]:
    """What decides whether a document is skipped; nothing for a job of which none is."""
    if not (job.fits and config.prompt.fits and config.engine.logprobs):
        return {}
    return {"fits": {"what": job.fits, "threshold": config.prompt.fits_threshold, "version": FITS_VERSION}}


def _examples(examples: Sequence[Example], count: int) -> dict[str, Any]:
    """Which examples there are; nothing where none is shown."""
    if not (examples and count):
        return {}
    return {"examples": {"count": count, "of": _digest(examples), "version": EXAMPLES_VERSION}}


def _digest(examples: Sequence[Example]) -> str:
    """16 hex digits that change with what may be shown."""
    said = json.dumps([[one.doc_id, [asdict(fact) for fact in one.facts]] for one in examples], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _by_code(job: Job) -> dict[str, Any]:
    """What decides over values that no model writes; nothing for a job without such fields."""
    rows: dict[str, Any] = {"rows": LAYOUT_VERSION} if job_rows(job) else {}
    rows |= {"logs": LOG_VERSION} if job_log_fields(job) else {}
    if job.workbook:
        versions = (PROFILE_VERSION, FACTS_VERSION, SLOTS_VERSION, GROUPED_VERSION, CITED_VERSION)
        rows["workbook"] = ".".join(map(str, versions))
    return rows | ({"computed": COMPUTED_VERSION} if job_computed(job) or job_checks(job) else {})


def _drafted(job: Job) -> dict[str, Any]:
    """What decides over texts with limits, and over passages that are asked alone; nothing for a job without either."""
    passages = {"passages_version": PASSAGES_VERSION} if job.passages else {}
    return passages | ({"limits": LIMITS_VERSION} if job_limits(job) else {})


def limits_fingerprint(config: Config) -> str:
    """8 hex digits that change with the limits of reading: a failure counts for the limits it met only."""
    limits = f"{config.read.model_dump_json()} {config.ocr.timeout_s}"
    return hashlib.sha256(limits.encode()).hexdigest()[:8]
