"""Every owed document opened for its kind and its pages, in the child process that may crash.

A PDF's pages are counted without reading them. What has no such count is read, and kept in the text cache: the run
does not read it again. Whether a page of a PDF needs OCR is told by reading alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.errors import OutputError
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import ReadTools, read_stage
from qwen_batch.reading.isolate.isolator import Crash
from qwen_batch.reading.ocr.layers import pages_to_sample
from qwen_batch.reading.originals import ChangedError, local_file
from qwen_batch.reading.parts.reader import ReadResult, Unreadable, reader_for, sniff_mime
from qwen_batch.run.document.work import Work

UNREADABLE = "unreadable"
"""The kind of what no reader knows."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A document to do. `kind` is the name of its reader; `ocr_pages` is None where only reading tells.

    `length` is what its text grows with: characters where it has been read, else pages. `size_kept` are the bytes that
    its text takes in the cache now, None where it is not there. `kept_before` and `recognised` say that its text and
    its OCR were there before. `read_s` is how long reading it took now, None where it was not read.
    """

    work: Work
    kind: str
    pages: int
    ocr_pages: int | None
    length: float
    size_kept: int | None
    kept_before: bool
    recognised: bool
    read_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Glance:
    kind: str
    pages: int | None
    countable: bool


def count_documents(works: Sequence[Work], tools: ReadTools) -> list[Counted]:
    """Each of these, in their order."""
    return [_count(work, tools) for work in works]


def _count(work: Work, tools: ReadTools) -> Counted:
    document, cache = work.document, tools.cache
    size_kept = cache.reads.size(cache.read_key(document))
    recognised = cache.languages.size(cache.ocr_key(document, tools.config.ocr, "languages")) is not None
    try:
        path = local_file(document, tools.config.read, tools.isolator)
        glance = tools.isolator.call(_glance, path)
    except (Unreadable, ChangedError, OutputError, OSError):
        return Counted(work, UNREADABLE, 0, 0, 0, None, False, recognised)
    if isinstance(glance, Crash) or (glance.countable and glance.pages is None):
        kind = UNREADABLE if isinstance(glance, Crash) else glance.kind
        return Counted(work, kind, 0, 0, 0, None, False, recognised)
    if glance.pages is not None:
        return Counted(
            work, glance.kind, glance.pages, None, glance.pages, size_kept, size_kept is not None, recognised
        )
    return _read(work, glance.kind, size_kept, recognised, tools)


def _read(work: Work, kind: str, size_kept: int | None, recognised: bool, tools: ReadTools) -> Counted:
    began = time.perf_counter()
    read = read_stage(work.document, tools)
    took = time.perf_counter() - began if size_kept is None else None
    if isinstance(read, Failure):
        return Counted(work, kind, 0, 0, 0, None, False, recognised)
    pages = len(read.pages)
    ocr_pages = pages_for_ocr(read)
    characters = sum(len(line.text) for page in read.pages for line in page.lines)
    length = pages if ocr_pages == pages else characters
    kept = tools.cache.reads.size(tools.cache.read_key(work.document))
    return Counted(work, kind, pages, ocr_pages, length, kept, size_kept is not None, recognised, took)


def pages_for_ocr(read: ReadResult) -> int:
    """How many of its pages are recognised, if the text of those that only seem to need it stands."""
    return len(pages_to_sample([page for page in read.pages if page.needs_ocr]).now)


def _glance(path: Path) -> _Glance:
    """The kind of a file, and its pages if they can be counted without reading them."""
    try:
        reader = reader_for(sniff_mime(path))
    except Unreadable:
        return _Glance(UNREADABLE, None, countable=True)
    pages = reader.page_count(path) if reader.page_count else None
    return _Glance(reader.name, pages, countable=reader.page_count is not None)
