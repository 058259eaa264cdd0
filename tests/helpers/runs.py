"""Runs without Ray: the same stages and the same commit, as plain loops in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from helpers.children import warm

from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.engine.kinds.null import ENGINE
from qwen_batch.engine.shards import Shards
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.reading.extract import ExtractSpec, document_to_extract
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_extract, prepare_run
from qwen_batch.run.progress import SilentReporter
from qwen_batch.run.request import Machinery, RunRequest, RunSummary
from qwen_batch.run.runner import execute_run
from qwen_batch.run.stopping import Stop


@contextmanager
def no_session(_config: Config) -> Iterator[None]:
    yield


def serially(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
    """The stages as plain loops, without Ray; no document is begun after the stop."""
    jobs, tokenizer = load_jobs(spec), make_tokenizer(spec)
    shards = Shards(ENGINE.start(spec.plan), spec.plan.batch_size, in_flight=2)
    answering = Answering(shards, spec.plan, jobs, tokenizer, limits=ENGINE.has_model)
    tools = warm(make_tools(spec.config))
    for one in works:
        if not stop.taking():
            return
        work = document_to_prompts(one, spec, tools, tokenizer, jobs)
        (done,) = asyncio.run(engine_stage([work], answering))
        yield settle_stage(done, spec, jobs, tools.isolator)


SERIAL = Machinery(no_session, serially)


def request_for(folder: Path, output: Path | str, config: Config, jobs_dir: Path, *jobs: str) -> RunRequest:
    return prepare_run([*(jobs or ("contract_summary",)), str(folder)], config, jobs_dir, Place(str(output))).request


def run(request: RunRequest, machinery: Machinery = SERIAL, stop: Stop | None = None) -> RunSummary:
    return execute_run(request, machinery, SilentReporter(), stop)


def sources(output: Path, table: str) -> list[str]:
    query = f"select parse_filename(source_uri) from '{output}/{table}/run=*/*.parquet' order by 1"
    return [row[0] for row in duckdb.sql(query).fetchall()]


def extract_serially(works: Sequence[Work], spec: ExtractSpec, stop: Stop) -> Iterator[DocumentOutcome]:
    tools = warm(make_tools(spec.config))
    for work in works:
        yield document_to_extract(work.document, tools)


def extract(
    folder: Path, output: Path | str, config: Config, execute: Callable[..., Any] = extract_serially
) -> RunSummary:
    request = prepare_extract([str(folder)], config, Place(str(output)))
    return execute_run(request, Machinery(no_session, execute), SilentReporter())
