"""What the report's pages are made of: documents, their answers, values and citations. Values alone.

Lengths on a page are in points from its top left corner, pages count from 1, characters of the clean text from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from qwen_batch.records import Box

ValueKind = Literal["text", "integer", "number", "date", "time", "boolean"]
"""What a person may type for a value; `time` is a day with its time, both in ISO 8601."""
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Citation:
    """A row of evidence. `number` is its own on the document's page; `status` is accepted, rejected, conflict, ….

    `doc_id` is another document's, where a value rests on several.
    """

    number: int
    field: str
    value: str
    quote: str
    page: int | None
    start: int | None
    end: int | None
    boxes: tuple[Box, ...]
    match: str
    status: str
    score: float | None
    doc_id: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that can be right or wrong: `path` leads to it in the result. None says that there is none.

    `error` is how likely it is wrong, by its field's confidence. `decoy` is another document's value of the same field,
    for blind checks; "" for none.
    """

    id: str
    path: str
    label: str
    kind: ValueKind
    value: Any
    confidence: float | None
    error: float
    citations: tuple[int, ...]
    decoy: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Values that stand beside one quote, or a value alone, with the evidence of all of them."""

    path: str
    values: tuple[Value, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A top-level field of a job with what it says."""

    name: str
    confidence: float | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One job's row of a document."""

    job: str
    doc_id: str
    source_uri: str
    fingerprint: str
    run_id: str
    model: str
    processed_at: str
    confidence: float | None
    tokens: int
    pages: int
    ocr_pages: int
    language: str
    mime: str
    size_bytes: int
    state: str
    warnings: tuple[str, ...]
    fields: tuple[Field, ...]

    def citations(self) -> Iterator[Citation]:
        """All evidence of the row."""
        for one in self.facts():
            yield from one.citations

    def facts(self) -> Iterator[Fact]:
        """All facts of the row."""
        for field in self.fields:
            yield from field.facts

    def values(self) -> Iterator[Value]:
        """All values of the row."""
        for fact in self.facts():
            yield from fact.values


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure that stands: what went wrong with a job on a document, and what helps."""

    job: str
    code: str
    message: str
    remedy: str
    source_uri: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A document of the report: `key` names its page and pictures, `answers` has one row a job.

    All answers are of one content, `doc_id`.
    """

    key: str
    name: str
    source_uri: str
    doc_id: str
    answers: tuple[Answer, ...]
    failures: tuple[Trouble, ...] = ()

    @property
    def confidence(self) -> float | None:
        """That of its least sure row."""
        return min((one.confidence for one in self.answers if one.confidence is not None), default=None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Those of its rows, each once."""
        return tuple(dict.fromkeys(warning for one in self.answers for warning in one.warnings))

    def citations(self) -> Iterator[Citation]:
        """All evidence of its rows."""
        for one in self.answers:
            yield from one.citations()

    def placed(self) -> Iterator[Citation]:
        """The evidence that stands on a page of this document, and not of another one."""
        for one in self.citations():
            if one.page is not None and one.doc_id in {"", self.doc_id}:
                yield one

    def values(self) -> Iterator[Value]:
        """All values of its rows."""
        for one in self.answers:
            yield from one.values()


def as_evidence(row: dict[str, Any], number: int) -> Citation:
    """A stored row of evidence, of whatever version: what it does not have is at its default."""
    sides = ("x0", "y0", "x1", "y1")
    return Citation(
        number=number,
        field=row["field"],
        value=row.get("value") or "",
        quote=row.get("quote") or "",
        page=row.get("page"),
        start=row.get("start"),
        end=row.get("end"),
        boxes=tuple(Box(*(float(box[side]) for side in sides)) for box in row.get("boxes") or ()),
        match=str(row.get("match") or "none"),
        status=ACCEPTED if row.get("standing") in {None, "value"} else row["standing"],
        score=row.get("score"),
        doc_id=row.get("doc_id") or "",
    )
