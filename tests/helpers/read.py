"""What the tests of the readers share: a file's pages or its failure, as the pipeline would get them."""

from __future__ import annotations

from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.outcomes import Failure
from qwen_batch.reading.parts.reader import ReadResult, Unreadable, document_to_pages, reader_for, sniff_mime
from qwen_batch.records import Document, Page

SETTINGS = ReadSettings()


def read(path: Path, settings: ReadSettings = SETTINGS) -> ReadResult | Failure:
    return document_to_pages(Document("id", str(path), sniff_mime(path), path.stat().st_size), path, settings)


def pages_of(path: Path, settings: ReadSettings = SETTINGS) -> tuple[Page, ...]:
    result = read(path, settings)
    assert isinstance(result, ReadResult), result
    return result.pages


def failure_of(path: Path, settings: ReadSettings = SETTINGS) -> Failure:
    result = read(path, settings)
    assert isinstance(result, Failure), result
    return result


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def texts(page: Page) -> list[str]:
    """The page's lines without empty ones."""
    return [line.text for line in page.lines if line.text]


def of_kind(page: Page, kind: str) -> list[str]:
    return [line.text for line in page.lines if line.kind == kind]


def all_text(path: Path) -> str:
    return "\n".join(line.text for page in pages_of(path) for line in page.lines)


def rendered(path: Path, settings: ReadSettings = SETTINGS) -> str:
    """ "rendered", or why the first page cannot be."""
    try:
        reader_for(sniff_mime(path)).render(path, 1, 300, settings)
    except Unreadable as error:
        return error.code
    return "rendered"
