"""A document in lines: in the table of all, and under its name on its own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.report.content import Shown

SEARCHED_CHARS = 600
"""Of a document's name and values, that a search looks in."""
FILE_SCHEME = "file://"


@dataclass(frozen=True, slots=True)
class Row:
    """A document's line in the table of all; `stated` values say something, `search` is what a search looks in."""

    key: str
    name: str
    folder: str
    state: str
    codes: tuple[str, ...]
    jobs: tuple[str, ...]
    confidence: float | None
    stated: int
    warnings: int
    pages: int
    ocr: int
    language: str
    answered: str
    search: str


def document_row(shown: Shown) -> Row:
    """A document's line in the table of all."""
    answers = shown.answers
    said = [str(value.value) for value in shown.values() if value.value not in (None, "")]
    state = "failed" if not answers else "changed" if any(one.state == "changed" for one in answers) else "answered"
    return Row(
        key=shown.key,
        name=shown.name,
        folder=shown.source_uri.removesuffix(shown.name).rstrip("/"),
        state="partly failed" if answers and shown.failures else state,
        codes=tuple(sorted({one.code for one in shown.failures})),
        jobs=tuple(sorted({*(one.job for one in answers), *(one.job for one in shown.failures)})),
        confidence=shown.confidence,
        stated=len(said),
        warnings=len(shown.warnings),
        pages=max((one.pages for one in answers), default=0),
        ocr=max((one.ocr_pages for one in answers), default=0),
        language=answers[0].language if answers else "",
        answered=max((one.processed_at for one in answers), default=""),
        search=f"{shown.name} {' '.join(said)}"[:SEARCHED_CHARS].lower(),
    )


def document_facts(shown: Shown) -> Sequence[str]:
    """A document's line under its name."""
    if not shown.answers:
        return ()
    one = max(shown.answers, key=lambda answer: answer.pages)
    ocr = f", {one.ocr_pages} through OCR" if one.ocr_pages else ""
    pages = f"{one.pages} page{'' if one.pages == 1 else 's'}{ocr}"
    return (pages, one.language, one.mime, f"{one.size_bytes / 1000:,.0f} kB", f"sha256 {shown.doc_id[:12]}")


def file_link(source_uri: str) -> str:
    """A link to a file of this machine; "" for others and for what is gone."""
    if source_uri.startswith(FILE_SCHEME):
        return source_uri
    path = Path(source_uri)
    return path.as_uri() if path.is_absolute() and path.is_file() else ""
