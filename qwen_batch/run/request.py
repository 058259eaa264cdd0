"""What a run is asked and what it says at its end: values between `prepare`, the runner and the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from qwen_batch.config import Config
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.job.members import Grouping
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.keys import Key, document_key
from qwen_batch.output.layout import Table
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.skip_table import SKIPPED_TABLE
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.progress import Counts
from qwen_batch.run.stopping import Stop
from qwen_batch.storage.places import Store


class RunsWith(Protocol):
    """What a run needs to know of its specification; workers know the rest."""

    @property
    def config(self) -> Config:
        """All settings."""

    def about(self) -> dict[str, Any]:
        """What the run manifest says of it."""


Spec = TypeVar("Spec", bound=RunsWith)
Spec_contra = TypeVar("Spec_contra", bound=RunsWith, contravariant=True)


@dataclass(frozen=True, slots=True)
class Product:
    """What a run makes of every document: the answers to one job, or its extract.

    `to_rows(records, run_id, processed_at)` makes rows of `table` from the outcome's records of this name. With
    `grouping` its documents are made of the rows of another product.
    """

    name: str
    fingerprint: str
    table: Table
    to_rows: Callable[[Sequence[Any], str, datetime], pa.Table]
    grouping: Grouping | None = None

    def key(self, document: Document) -> Key:
        """What a document's row is known by."""
        return document_key(document, self.name, self.fingerprint)


def as_it_is(spec: Spec, documents: Sequence[Document]) -> Spec:  # noqa: ARG001
    """The `fit` of a specification in which nothing depends on the documents."""
    return spec


class Question(NamedTuple):
    """A job asked of the source at one place, whatever its content is."""

    source_uri: str
    job: str


@dataclass(frozen=True, slots=True)
class RunRequest(Generic[Spec]):
    """What the user asked for; `spec` has every setting decided, `limit` is a number of files.

    `fit(spec, documents)` decides what depends on how many and how long the documents are that a run has to do.
    `only`, if given, are the questions that are to be asked, also if they failed before.
    """

    spec: Spec
    products: tuple[Product, ...]
    inputs: tuple[str, ...]
    store: Store
    fit: Callable[[Spec, Sequence[Document]], Spec] = as_it_is
    limit: int | None = None
    only: frozenset[Question] | None = None
    break_lock: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it looks at all that lies at its inputs: only then does what is missing mean anything."""
        return self.limit is None and self.only is None

    def tables(self) -> list[Table]:
        """All tables that the run may publish."""
        return [*(product.table for product in self.products), FAILURE_TABLE, SKIPPED_TABLE]


@dataclass(frozen=True, slots=True)
class Machinery(Generic[Spec]):
    """How works are executed: Ray or processes of our own in a run; plain loops and faults in tests.

    `execution` is its name in the settings, None in a test.
    """

    session: Callable[[Config], AbstractContextManager[None]]
    execute: Callable[[Sequence[Work], Spec, Stop], Iterator[DocumentOutcome | EngineUsage]]
    execution: str | None = None

    def for_works(self, works: Sequence[Work], spec: Spec) -> Machinery[Spec]:  # noqa: ARG002
        """Itself, whatever there is to do."""
        return self


class Machineries(Protocol[Spec_contra]):
    """What a Machinery is chosen from once it is known what there is to do."""

    def for_works(self, works: Sequence[Work], spec: Spec_contra) -> Machinery[Any]:
        """The one for these works."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended. Rows by table, and by code the failures that it published; `failed_before` from earlier runs.

    What a killed run had staged is published by this one, and new with it. `skips` are the new ones by job,
    `skipped_before` those of runs before. `execution` is what ran the stages, None where nothing had to run. `messages`
    is what came up on the way. `left` is how many documents were not done because the run had to stop, for the reason
    `stopped_by`. `first_document_s` is when the first one was done.
    """

    run_id: str
    documents: int
    done_before: int
    failed_before: int
    rows: dict[str, int]
    failure_codes: dict[str, int]
    counts: Counts
    seconds: float
    left: int = 0
    stopped_by: str | None = None
    first_document_s: float | None = None
    skips: Mapping[str, int] = field(default_factory=dict)
    skipped_before: int = 0
    execution: str | None = None
    messages: tuple[str, ...] = ()

    @property
    def failed_now(self) -> int:
        """Documents and jobs that are new among the failures."""
        return sum(self.failure_codes.values())

    @property
    def failed(self) -> int:
        """Documents and jobs without a row, from this run or before."""
        return self.failed_before + self.failed_now
