"""The prompts that a job would make of whole documents, as token ids: what a plain script puts to the same engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.job.files import JobSource
from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts
from qwen_batch.run.document.work import Work

WHOLE = ("prompt.select=whole", "prompt.second_reading=false", "cache.enabled=false")


def whole_prompts(folder: Path, job: Path, settings: Sequence[str]) -> list[tuple[int, ...]]:
    """One prompt a document, more only where a document is longer than the context."""
    chosen = choose_engine(load_config(None, (*settings, *WHOLE)))
    source = JobSource(str(job), job.read_text("utf-8"))
    spec = RunSpec(load_config(None, (*settings, *WHOLE)), (source,), chosen.plan, chosen.model, {job.stem: "whole"})
    documents = sources_to_documents(inputs_to_sources([str(folder)]), {}).documents
    tokenizer, jobs, tools = make_tokenizer(spec), load_jobs(spec), make_tools(spec.config)
    with tools.isolator:
        works = [document_to_prompts(Work(one, (job.stem,)), spec, tools, tokenizer, jobs) for one in documents]
    return [prompt.token_ids for work in works for prompt in work.prompts]
