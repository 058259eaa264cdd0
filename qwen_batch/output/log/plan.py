"""What `qwen-batch plan` foretells of a run, kept in the output until the next plan: for the run's end and for status.

Nothing that is published depends on it, and whoever finds it broken does without.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from qwen_batch.errors import OutputError
from qwen_batch.output.layout import plan_path
from qwen_batch.output.manifest import Moment, Written
from qwen_batch.storage.places import Store


class Estimate(BaseModel):
    """A figure with its range; the three are one where it is known."""

    model_config = ConfigDict(frozen=True)

    low: float
    likely: float
    high: float

    def times(self, factor: float) -> Estimate:
        """So many times as much."""
        return Estimate(low=self.low * factor, likely=self.likely * factor, high=self.high * factor)


class PlannedDocuments(Written):
    """Documents under all their names: those found, and what runs before have settled of them.

    `to_do` are contents, for each is read once. `unusable` cannot even be opened. `read_before` and `recognised_before`
    of those to do are in the text cache.
    """

    found: int
    done: int
    unusable: int
    to_do: int
    read_before: int
    recognised_before: int


class PlannedKind(Written):
    """Documents to do of one kind of file. `sampled` of them were read as a run reads them."""

    kind: str
    documents: int
    pages: int
    ocr_pages: Estimate
    size_bytes: int
    unreadable: int
    sampled: int


class PlannedJob(Written):
    """One job: `documents` it is asked of, and what runs before have settled.

    `output_from` says where the number of output tokens comes from: the rows of runs before, or a guess between the
    shortest valid answer and max_output_tokens.
    """

    job: str
    fingerprint: str
    documents: int
    done: int
    failed: int
    skipped: int
    prompts: Estimate | None
    prompt_tokens: Estimate | None
    output_tokens: Estimate | None
    output_from: Literal["rows", "guess", "nothing"]


class PlannedStage(Written):
    """How long a stage takes by itself; None where nothing here tells, and `why` says from what it is known.

    `prompts` are made of what was read: cleaning, passages, tokens.
    """

    stage: Literal["read", "ocr", "prompts", "start", "engine"]
    seconds: Estimate | None
    why: str


class PlannedDisk(Written):
    """Bytes that the run adds to its output and to the text cache, and what is free at the output."""

    output_bytes: Estimate | None
    cache_bytes: Estimate | None
    free_bytes: int | None


class Plan(Written):
    """All of it. Times in seconds; `gpu_hours` and `price` are None where no GPU works or its time is not known.

    `notes` are sentences for people: what is not known, and why.
    """

    planned_at: Moment
    version: str
    inputs: tuple[str, ...]
    limit: int | None
    model: str
    engine: str
    gpus: int
    documents: PlannedDocuments
    pages: int
    ocr_pages: Estimate
    ocr_pages_to_do: Estimate
    kinds: tuple[PlannedKind, ...]
    jobs: tuple[PlannedJob, ...]
    prompt_tokens: Estimate | None
    output_tokens: Estimate | None
    sampled: int
    stages: tuple[PlannedStage, ...]
    seconds: Estimate | None
    gpu_hours: Estimate | None
    price: Estimate | None
    disk: PlannedDisk
    notes: tuple[str, ...]

    def is_of(self, inputs: tuple[str, ...], jobs: dict[str, str], limit: int | None) -> bool:
        """Whether it was made for these inputs and jobs, by their fingerprints, and as many files."""
        mine = {one.job: one.fingerprint for one in self.jobs}
        return (self.inputs, mine, self.limit) == (inputs, jobs, limit)


class Foretold(Written):
    """A figure of a plan and what the run came to; times in seconds."""

    what: Literal["pages", "OCR pages", "tokens in", "tokens out", "time"]
    planned: Estimate
    real: float


def keep_plan(store: Store, plan: Plan) -> None:
    """Keeps it in place of the one before."""
    store.put(plan_path(), plan.write)


def kept_plan(store: Store) -> Plan | None:
    """The last plan; None if there is none, or another version's that does not read."""
    try:
        return Plan.from_json(store.read(plan_path()), store.uri(plan_path()))
    except (FileNotFoundError, OutputError):
        return None
