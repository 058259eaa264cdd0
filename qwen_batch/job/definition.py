"""What a job is: a pydantic schema, an instruction and sampling. Knows nothing of files or engines.

A job file defines one `JOB = Job(...)` and imports only `qwen_batch`, pydantic and the standard library.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from qwen_batch.errors import JobError
from qwen_batch.job.computed.grouped import GroupedField, check_grouped, grouped_fields
from qwen_batch.job.computed.marks import (
    Check,
    Checks,
    Computed,
    ComputedField,
    check_computed,
    checks_of,
    computed_fields,
)
from qwen_batch.job.drafting.languages import check_language
from qwen_batch.job.drafting.limits import FieldLimits, check_limits, field_limits
from qwen_batch.job.drafting.passages import Passages, check_passages
from qwen_batch.job.logs.marks import At, Component, LogField, Number, check_log_fields, log_fields, with_fewer_events
from qwen_batch.job.looking import FieldLook, check_looks, field_looks
from qwen_batch.job.members import Compared, FromMembers, GroupBy, Over, Said, check_members
from qwen_batch.job.rows.marks import RowsField, check_rows, rows_fields, with_fewer_asked
from qwen_batch.job.rules import MUST_BE_GROUNDED, MustBeGrounded, Reduce, check_rules
from qwen_batch.job.schema import check_schema, decoding_schema
from qwen_batch.job.workbook.asked import aggregate_fields

__all__ = [
    "DRAFTING",
    "EXTRACTION",
    "MUST_BE_GROUNDED",
    "Checks",
    "Compared",
    "Computed",
    "FromMembers",
    "GroupBy",
    "Job",
    "LogLine",
    "MustBeGrounded",
    "Passages",
    "Quote",
    "Quoted",
    "Reduce",
    "Said",
    "Sampling",
    "job_decoding_schema",
    "job_fingerprint",
    "job_schema",
]

JOB_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
MAX_QUOTE_CHARS = 120
MAX_FITS_CHARS = 200
Given = str | int | float | bool | None
"""The value of a parameter, as JSON has it."""


Quote = Annotated[str, Field(max_length=MAX_QUOTE_CHARS, description="the exact words of the document")]


class Quoted(BaseModel):
    """A fact with the words of the document that say it, quoted before the fact is stated.

    The engine quotes, the code locates. Any model with a field `quote` gets evidence; one that wants
    it in another place declares `quote: Quote` itself.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    quote: Quote


class LogLine(Quoted):
    """A fact that a line of a log tells. All but the quote the code takes from that line (docs/logs.md).

    `at` is its time in ISO 8601 as far as it is written, `line` its number in the file, `times` how many lines are like
    it, the last of them `until` then. In a document that is no log they are null.
    """

    at: At = None
    line: Number = None
    component: Component = None
    times: Number = None
    until: At = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn, by a name that stands in the manifest."""

    name: str
    temperature: float
    top_p: float = 1.0


EXTRACTION = Sampling("extraction", temperature=0.3, top_p=0.9)
DRAFTING = Sampling("drafting", temperature=0.7, top_p=0.8)


@dataclass(frozen=True, slots=True)
class Job:
    """One question asked of every document.

    `schema` is the row's `result`; `instruction` says in one or two sentences what is wanted;
    `max_output_tokens` bounds one answer. `fits` says what a document has to be for the job, such as
    "a contract between parties": others are skipped; without it every document is asked. `checks` say what has to hold
    between fields. `language` is the one that values are written in, the document's without it; `passages` says that
    each passage of a document is asked alone. `of` names the job whose rows are its documents: each, or all of a group
    if it says `over` which go together. With `workbook` the model is shown facts that code computed of the document's
    tables, and a number of its answer that is no cell and no such fact is told. `params` is the model of the job's
    parameters, `given` are values. Raises JobError for a schema that cannot be enforced.
    """

    name: str
    schema: type[BaseModel]
    instruction: str
    sampling: Sampling = EXTRACTION
    max_output_tokens: int = 1024
    fits: str = ""
    of: str = ""
    over: Over | GroupBy | None = None
    checks: Checks | None = None
    workbook: bool = False
    params: type[BaseModel] | None = None
    given: tuple[tuple[str, Given], ...] = ()
    language: str = ""
    passages: Passages | None = None

    def __post_init__(self) -> None:
        if not JOB_NAME.fullmatch(self.name):
            raise JobError(f"job name {self.name!r} is not valid", "use lower case letters, digits and underscores")
        if not self.instruction.strip():
            raise JobError(f"job {self.name}: the instruction is empty", "say in a sentence what is wanted")
        check_fits(self.name, self.fits)
        check_schema(self.name, job_schema(self))
        check_rules(self.name, job_schema(self))
        check_looks(self.name, job_schema(self))
        check_members(self.name, job_schema(self), of=self.of, over=self.over)
        check_rows(self.name, job_schema(self))
        check_log_fields(self.name, job_schema(self))
        check_computed(self.name, job_schema(self), self.checks)
        check_grouped(self.name, job_schema(self), tuple(self.params.model_fields) if self.params else ())
        if not self.workbook and (aggregate_fields(job_schema(self)) or grouped_fields(job_schema(self))):
            raise JobError(
                f"job {self.name}: it asks tables for numbers, but is no job of workbooks", "Job(workbook=True)"
            )
        check_language(self.name, self.language)
        check_limits(self.name, job_schema(self), self.language)
        check_passages(self.name, job_schema(self), self.passages, self.language, self.of)


def check_fits(job: str, fits: str) -> None:
    """Raises JobError for words that make no question `Is this document …?`."""
    words = fits.strip()
    if len(fits) > MAX_FITS_CHARS or (fits and not words) or words[-1:] in tuple(".?!") or "\n" in words:
        raise JobError(
            f"job {job}: fits={fits!r} does not go into the question whether a document is that",
            f'say in at most {MAX_FITS_CHARS} characters what it is, without an end mark: "a contract between parties"',
        )


@lru_cache(maxsize=64)
def job_schema(job: Job) -> dict[str, Any]:
    """The JSON schema of a job's answers with its descriptions, made once: not to be changed."""
    return with_fewer_events(with_fewer_asked(job.schema.model_json_schema()))


@lru_cache(maxsize=64)
def job_looks(job: Job) -> tuple[FieldLook, ...]:
    """Where each field that the model is asked for is looked for, made once."""
    return field_looks(job_schema(job))


@lru_cache(maxsize=64)
def job_computed(job: Job) -> tuple[ComputedField, ...]:
    """The fields of a job that the code computes, each behind those that it reads."""
    return computed_fields(job.name, job_schema(job))


@lru_cache(maxsize=64)
def job_checks(job: Job) -> tuple[Check, ...]:
    """What has to hold between the fields of a job."""
    return checks_of(job.name, job.checks)


@lru_cache(maxsize=64)
def job_rows(job: Job) -> tuple[RowsField, ...]:
    """The lists of a job that are taken from a table row by row."""
    return rows_fields(job_schema(job))


@lru_cache(maxsize=64)
def job_grouped(job: Job) -> tuple[GroupedField, ...]:
    """The lists of a job with an item for each value of a column."""
    return grouped_fields(job_schema(job))


@lru_cache(maxsize=64)
def job_aggregates(job: Job) -> tuple[str, ...]:
    """The fields of a job that are questions to a workbook."""
    return aggregate_fields(job_schema(job))


@lru_cache(maxsize=64)
def job_limits(job: Job) -> tuple[FieldLimits, ...]:
    """What the texts that a job has written have to keep."""
    return field_limits(job_schema(job), job.language)


@lru_cache(maxsize=64)
def job_log_fields(job: Job) -> tuple[LogField, ...]:
    """The lists of a job that are read from a log."""
    return log_fields(job_schema(job))


@lru_cache(maxsize=64)
def job_decoding_schema(job: Job) -> str:
    """The JSON schema for constrained decoding: every key required, prose removed, keys in field order."""
    return decoding_schema(job_schema(job))


def job_fingerprint(job: Job, **context: Any) -> str:
    """16 hex digits that change when anything that shapes an answer does.

    `context` adds what the job does not know: the model, the settings of reading and cleaning, the
    version of the prompt.
    """
    content = {
        "name": job.name,
        "schema": job_schema(job),
        "instruction": job.instruction,
        "sampling": asdict(job.sampling),
        "max_output_tokens": job.max_output_tokens,
        **({"of": job.of, "over": str(job.over)} if job.of else {}),
        **({"checks": job.checks.expressions} if job.checks else {}),
        **({"workbook": True} if job.workbook else {}),
        **({"params": job.given} if job.params else {}),
        **({"language": job.language} if job.language else {}),
        **({"passages": asdict(job.passages)} if job.passages else {}),
        **context,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str, ensure_ascii=False).encode())
    return digest.hexdigest()[:16]
