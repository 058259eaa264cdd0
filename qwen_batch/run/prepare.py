"""From arguments and settings to a run request: jobs, model, engine; everything that can be wrong is found here.

Nothing is written and nothing heavy is loaded before all of it has been checked.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from qwen_batch.asking.drafting.python_code import check_mypy
from qwen_batch.config import Config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.plan import plan_warnings
from qwen_batch.errors import JobError, OutputError, WrongOutputError
from qwen_batch.evidence.confidence import load_calibration
from qwen_batch.job.definition import Job, job_limits, job_schema
from qwen_batch.job.files import load_job
from qwen_batch.outcomes import Example
from qwen_batch.output.catalog import CATALOGS
from qwen_batch.output.corrections.examples import read_examples
from qwen_batch.output.format import FORMATS
from qwen_batch.output.layout import FAILURES, SKIPPED, SOURCES, Table, open_output
from qwen_batch.output.record_table import FAILURE_TABLE, job_table_schema, records_to_table
from qwen_batch.output.tables.known import check_run
from qwen_batch.output.text_table import DOCUMENTS, PAGES, STAGED_SCHEMA, extracts_to_table, staged_to_tables
from qwen_batch.reading.extract import EXTRACT, ExtractSpec, extract_fingerprint
from qwen_batch.reading.listing import check_input, printable_input
from qwen_batch.reading.ocr.engine import OCR_ENGINES
from qwen_batch.run.arguments import JobsAndInputs, split_arguments, with_params
from qwen_batch.run.doctor import check_metrics
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.fingerprints import job_fingerprints
from qwen_batch.run.fitting import fitted_spec
from qwen_batch.run.groups.order import grouping_of, with_member_jobs
from qwen_batch.run.in_process.choice import check_execution
from qwen_batch.run.request import Product, Question, RunRequest
from qwen_batch.storage.places import Store, explained, is_s3

Only = frozenset[Question] | None
Params = Mapping[str, str]
NO_PARAMS: Params = MappingProxyType({})
A_FOLDER = "give --output a folder"
RESERVED_TABLES = frozenset({FAILURES, SKIPPED, DOCUMENTS, PAGES, EXTRACT})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can run, and what the user should read before it does."""

    request: RunRequest[RunSpec]
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run writes, how many files it takes at most, and whether it may take another's lock."""

    output: str
    limit: int | None = None
    break_lock: bool = False


def prepare_run(
    arguments: Sequence[str], config: Config, jobs_dir: Path, place: Place, params: Params = NO_PARAMS
) -> Prepared:
    """Checks jobs, inputs, tools, model and output folder. Raises a QwenBatchError that says what to do."""
    return prepare_jobs(split_arguments(arguments, jobs_dir), config, place, params=params)


def prepare_jobs(
    asked: JobsAndInputs, config: Config, place: Place, only: Only = None, params: Params = NO_PARAMS
) -> Prepared:
    """As `prepare_run`, with jobs and inputs told apart; `only` as in RunRequest, `params` by name."""
    if len({load_job(source).name for source in asked.jobs}) < len(asked.jobs):
        raise JobError("a job is named twice", "name each job once")
    sources = with_params(with_member_jobs(asked.jobs), params)
    jobs = {job.name: job for job in map(load_job, sources)}
    if taken := RESERVED_TABLES.intersection(jobs):
        raise JobError(f"a job may not be called {min(taken)!r}: that table is another's", "rename the job")
    schemas = {name: job_table_schema(name, job_schema(job), of_members=bool(job.of)) for name, job in jobs.items()}
    inputs = tuple(map(printable_input, asked.inputs))
    has_model = ENGINES.load(config.engine.kind).has_model
    check_execution(config, has_model=has_model)
    if has_model and any(one.python for job in jobs.values() for one in job_limits(job)):
        check_mypy()
    store = _check_places(inputs, place, config)
    tables = [Table(name, "", schema) for name, schema in schemas.items()]
    check_run(store, config.sink.format, [*tables, FAILURE_TABLE])  # before a model is fetched
    chosen = choose_engine(config)
    examples = _examples(jobs.values(), config, store)
    fingerprints = job_fingerprints(jobs, config, chosen.model, examples)
    calibration = load_calibration(config.confidence.calibration)
    spec = RunSpec(config, sources, chosen.plan, chosen.model, fingerprints, calibration, examples)
    products = tuple(_job_product(job, spec.fingerprints[name], schemas[name]) for name, job in jobs.items())
    messages = (
        f"model: {chosen.model} ({chosen.why})",
        *plan_warnings(chosen.plan),
        *_fits_warnings(jobs.values(), config),
        *(f"examples: {len(found)} corrected rows of {name} may be shown" for name, found in examples.items()),
    )
    request = RunRequest(
        spec, products, inputs, store, fitted_spec, place.limit, only=only, break_lock=place.break_lock
    )
    return Prepared(request, messages)


def prepare_extract(inputs: Sequence[str], config: Config, place: Place, only: Only = None) -> RunRequest[ExtractSpec]:
    """Checks inputs, tools and output folder of an extraction; no model is looked for."""
    inputs = tuple(map(printable_input, inputs))
    check_execution(config, has_model=False)
    store = _check_places(inputs, place, config)
    fingerprint = extract_fingerprint(config)
    product = Product(
        EXTRACT,
        fingerprint,
        Table(DOCUMENTS, fingerprint, STAGED_SCHEMA, staged_to_tables),
        partial(extracts_to_table, fingerprint),
    )
    spec = ExtractSpec(config)
    request = RunRequest(spec, (product,), inputs, store, limit=place.limit, only=only, break_lock=place.break_lock)
    check_run(store, config.sink.format, request.tables())
    return request


def _examples(jobs: Iterable[Job], config: Config, store: Store) -> dict[str, tuple[Example, ...]]:
    """The corrected rows that prompts may show, by job; a group of documents has no example."""
    if not config.prompt.examples:
        return {}
    found = {job.name: read_examples(store, job.name, set(job.schema.model_fields)) for job in jobs if not job.of}
    return {name: examples for name, examples in found.items() if examples}


def _fits_warnings(jobs: Iterable[Job], config: Config) -> Iterator[str]:
    """Says that jobs are asked of all documents, though they say what they are for."""
    if config.prompt.fits and not config.engine.logprobs and any(job.fits for job in jobs):
        yield "every document is asked all jobs: what fits them is told by probabilities, and engine.logprobs is false"


def _job_product(job: Job, fingerprint: str, schema: pa.Schema) -> Product:
    table = Table(job.name, fingerprint, schema)
    return Product(job.name, fingerprint, table, partial(records_to_table, schema), grouping_of(job))


def _check_places(inputs: Sequence[str], place: Place, config: Config) -> Store:
    for item in inputs:
        check_input(item)
    FORMATS.load(config.sink.format)
    CATALOGS.load(config.sink.catalog)
    check_metrics(config.resources.metrics_port)
    store = _output_store(place.output)
    OCR_ENGINES.load(config.ocr.engine).probe(config.ocr.languages)
    return store


def _output_store(output: str) -> Store:
    """The store of the output. A folder, or the nearest one above it, must be writable; nothing is made yet."""
    store = open_output(output)
    if is_s3(output):
        store.exists(SOURCES)  # says what is wrong with bucket or credentials
        return store
    folder = Path(output)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise WrongOutputError(f"{folder} is a file, not a folder", A_FOLDER)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: no permission to write there", "give --output a folder that you may write to")
    if folder != Path(output):
        _must_take_folders(folder)
    return store


def _must_take_folders(folder: Path) -> None:
    """Some folders, such as /proc, say that one may write there and take nothing."""
    with explained(str(folder)):
        try:
            Path(tempfile.mkdtemp(prefix=".qwen-batch-", dir=folder)).rmdir()
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise WrongOutputError(f"{folder}: no folder can be made there ({error.strerror})", A_FOLDER) from None
