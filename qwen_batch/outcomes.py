"""What becomes of a document: a record with evidence and confidence, its extract, or a failure.

As in `records`, lengths on a page are in points, pages count from 1, characters from 0, spans are half open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from qwen_batch.failure_codes import FAILURE_CODES, FailureCode
from qwen_batch.records import Box, Document, HiddenText, MatchKind, Trimmed

Stage = Literal["discover", "read", "ocr", "clean", "chunk", "engine", "validate", "ground", "merge"]


Standing = Literal["value", "rejected", "conflict"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value of the result comes from: `field` is its path, such as `parties[0].name`.

    `start` and `end` are characters of the clean text, `boxes` one a line on `page`. By its `standing` it is of the
    value in the row, of one that was rejected, or of one that another place of the document contradicts. Where a person
    decided, `who` and `decided_at` say who and when; the match of a value that the person gave is "corrected", that of
    one that code made of others "computed". In a row of a group `doc_id` and `source_uri` name the member that all of
    this is in. `cell` is where a sheet has it, such as "Prices!C12".
    """

    field: str
    value: str
    quote: str
    page: int | None
    start: int | None
    end: int | None
    boxes: tuple[Box, ...]
    match: MatchKind
    score: float
    standing: Standing = "value"
    who: str | None = None
    decided_at: datetime | None = None
    doc_id: str | None = None
    source_uri: str | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class MemberOf:
    """A document of a group; `code` and `message` say why one has no row."""

    doc_id: str
    source_uri: str
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One document's answer to one job: a row of the table. Tokens are sums over its calls.

    `incomplete` are the top-level fields of which it is known that they may not say all. In a row of a group `members`
    are the documents that it was made from, and `failed_members` those that are lacking.
    """

    document: Document
    clean: CleanSummary
    job: str
    job_fingerprint: str
    model: str
    prompt_tokens: int
    output_tokens: int
    cached_tokens: int
    finish_reason: str
    attempts: int
    warnings: tuple[str, ...]
    result: dict[str, Any]
    evidence: tuple[Evidence, ...]
    confidence: dict[str, float | None]
    confidence_parts: tuple[ConfidenceParts, ...] = ()
    incomplete: tuple[str, ...] = ()
    members: tuple[MemberOf, ...] = ()
    failed_members: tuple[MemberOf, ...] = ()


@dataclass(frozen=True, slots=True)
class CleanSummary:
    """What a record keeps of the reading: counts in pages, mean OCR confidence, language."""

    pages: int
    ocr_pages: int
    ocr_confidence: float | None
    language: str


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """A page of the table `pages`: `text` after cleaning, `raw_text` before; `ocr` says whether OCR gave it.

    `trimmed` was on it and is in no clean text, `hidden` nobody sees who looks at it.
    """

    page: int
    width: float
    height: float
    text: str
    raw_text: str
    ocr: bool
    ocr_reason: str | None
    ocr_confidence: float | None
    rotation: int
    skew: float
    warnings: tuple[str, ...]
    trimmed: tuple[Trimmed, ...] = ()
    hidden: tuple[HiddenText, ...] = ()


@dataclass(frozen=True, slots=True)
class Extract:
    """A document's clean text without any job's answer: a row of `documents`, and its rows of `pages`."""

    document: Document
    clean: CleanSummary
    text: str
    trimmed: tuple[Trimmed, ...]
    warnings: tuple[str, ...]
    pages: tuple[ExtractedPage, ...]
    job: str = "extract"


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that did not become a record: where, why (`code` for machines, `message` for people)."""

    document: Document
    stage: Stage
    code: FailureCode
    message: str
    page: int | None = None
    attempts: int = 1
    job: str | None = None
    raw_text: str | None = None

    @property
    def retryable(self) -> bool:
        """Whether another try may succeed."""
        return FAILURE_CODES[self.code].retryable


@dataclass(frozen=True, slots=True)
class Skip:
    """A document that is not what a job is for: how probable it is that it fits, and what was asked, for people.

    Tokens are those of the question.
    """

    document: Document
    job: str
    probability: float
    reason: str
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """All that came of one document: one record, one skip or one failure for each job asked, or its extract.

    `began_s` is when its reading began, in seconds since the epoch. `messages` are what the user should know once,
    however many documents say it.
    """

    document: Document
    records: tuple[Record | Extract, ...]
    failures: tuple[Failure, ...]
    pages: int = 0
    ocr_pages: int = 0
    began_s: float | None = None
    skips: tuple[Skip, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfidenceParts:
    """What a field's confidence is made of; None where it does not apply.

    `token` is the geometric mean probability of the value's tokens, `weakest` the least of them; `ocr` the mean OCR
    confidence of the words behind it; `match` the worst kind of its quotes' matches and `score` the worst score;
    `agreement` the share of the chunks with a value here that say the same; `self_check` the probability that the
    model gives the value when it is asked whether it is right; `absent` is a null, empty or blank value.

    `quoted` is the geometric mean probability of its quotes' tokens, `quote_start` the least of those that begin one:
    there the model decides whether the document says such a thing at all. `worded` is the share of the words of the
    field's best phrase (`LooksFor`) that stand in its quotes and close around them.
    """

    field: str
    scanned: bool
    absent: bool
    token: float | None
    weakest: float | None
    ocr: float | None
    match: MatchKind | None
    score: float | None
    agreement: float | None
    self_check: float | None = None
    quoted: float | None = None
    quote_start: float | None = None
    worded: float | None = None


RECORD_CONFIDENCE = "record"


@dataclass(frozen=True, slots=True)
class ExampleFact:
    """A value that a person found right: `path` as `parties[].name`, and the words where it stands, if known."""

    path: str
    value: str | float | bool
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """What people found right of one document's row, as the prompt of another document may show it."""

    doc_id: str
    document: str
    facts: tuple[ExampleFact, ...]
