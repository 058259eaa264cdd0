"""Readers turn one document's bytes into pages; this module picks the reader and keeps its failures in.

Knows no file format: each module of `reading/readers` exports `READER: Reader`, says for itself which files it
recognises, and is found by its file name. Nothing that a document contains raises out of
`document_to_pages`; a crash or a hang of a C library is what `reading/isolate` is for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.failure_codes import FailureCode
from qwen_batch.outcomes import Failure
from qwen_batch.plugins import PluginKind
from qwen_batch.records import Box, Document, Page, Word

if TYPE_CHECKING:
    from PIL.Image import Image

SNIFF_BYTES = 8192
"""How much of a file's beginning the readers see when they are asked whether it is theirs."""
UNKNOWN_MIME = "application/octet-stream"
MIB = 1 << 20


class Unreadable(Exception):  # noqa: N818 - internal to reading: a stage turns it into records.Failure
    """A document that cannot be read: `code` for machines, `message` one sentence that says what to do."""

    def __init__(self, code: FailureCode, message: str, page: int | None = None) -> None:
        super().__init__(code, message, page)
        self.code = code
        self.message = message
        self.page = page


@dataclass(frozen=True, slots=True)
class Reader:
    """How one kind of file is read.

    `sniff(head, path)` returns the file's MIME type if the file is of this kind, from its first
    SNIFF_BYTES bytes; readers with a lower `sniff_order` are asked first. `read` gives all pages,
    `render(path, page_number, dpi, settings)` an image of one page at about that resolution; both
    raise Unreadable. `line_words(path, {page: boxes of lines})` gives the words in each box with their own boxes, where
    the file can tell; a reader without it has words in its lines already, or no positions at all. `page_count(path)`
    counts pages in a millisecond, without reading them.

    `packages` are the distributions that shape what it reads, `programs(suffix)` the names of other programs that make
    what it reads of files with such a suffix. By the suffix of a name, in lower case, `bytes_per_token`
    are the fewest bytes that a token of its text takes (packed formats hold pictures too, which take more), and
    `bytes_per_page` those of a page that is an image.
    """

    name: str
    mimes: tuple[str, ...]
    sniff: Callable[[bytes, Path], str | None]
    read: Callable[[Path, ReadSettings], tuple[Page, ...]]
    render: Callable[[Path, int, int, ReadSettings], Image]
    sniff_order: int = 0
    line_words: Callable[[Path, Mapping[int, Sequence[Box]]], dict[int, list[tuple[Word, ...]]]] | None = None
    page_count: Callable[[Path], int | None] | None = None
    packages: tuple[str, ...] = ()
    programs: Callable[[str], tuple[str, ...]] | None = None
    bytes_per_token: Mapping[str, int] = field(default_factory=dict)
    bytes_per_page: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A document that could be read, page by page."""

    document: Document
    pages: tuple[Page, ...]


READERS: PluginKind[Reader] = PluginKind("qwen_batch.reading.readers", "READER")


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader, in the order in which they are asked whose a file is."""
    return tuple(sorted(map(READERS.load, READERS.names()), key=lambda reader: (reader.sniff_order, reader.name)))


def sniff_mime(path: Path) -> str:
    """The MIME type by content; UNKNOWN_MIME if no reader knows the file. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    for reader in all_readers():
        if mime := reader.sniff(head, path):
            return mime
    return UNKNOWN_MIME


def reader_for(mime: str) -> Reader:
    """The reader of a MIME type. Raises Unreadable with the code "unsupported"."""
    for reader in all_readers():
        if mime in reader.mimes:
            return reader
    raise Unreadable("unsupported", "No reader knows this kind of file: convert it to PDF, an image or text.")


def document_to_pages(document: Document, path: Path, settings: ReadSettings) -> ReadResult | Failure:
    """Reads the file at `path`; every page says for itself whether it needs OCR, and why.

    Failure codes: empty_file, too_large, too_many_pages, unreadable, unsupported, encrypted, damaged.
    """
    try:
        _check_size(path, settings)
        return ReadResult(document, reader_for(document.mime).read(path, settings))
    except Unreadable as error:
        return Failure(document, "read", error.code, error.message, page=error.page)
    except OSError as error:
        message = f"The file cannot be opened ({error.strerror or error}): check that it exists and may be read."
        return Failure(document, "read", "unreadable", message)
    except (MemoryError, RecursionError):
        message = "Reading it takes more memory than allowed: raise read.memory_mb or split the document."
        return Failure(document, "read", "out_of_memory", message)
    except Exception as error:  # noqa: BLE001 - a parser's bug on one document must not end the run
        message = f"The file cannot be read ({type(error).__name__}: {error}): open it in a viewer and save it anew."
        return Failure(document, "read", "damaged", message)


def _check_size(path: Path, settings: ReadSettings) -> None:
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("empty_file", "The file holds no bytes: copy it again from where it came from.")
    if size > settings.max_file_mb * MIB:
        limit = f"{settings.max_file_mb:g} MiB"
        raise Unreadable("too_large", f"The file is larger than {limit}: split it or raise read.max_file_mb.")
    with path.open("rb"):
        pass  # permission shows here as OSError, not as some library's own error


def without_page_images(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:  # noqa: ARG001
    """The `render` of a reader whose pages are text already and never need OCR. Raises Unreadable."""
    message = "This kind of file has no page images: print it to PDF if it has to be recognised."
    raise Unreadable("unsupported", message, page_number)


def check_page_count(count: int, settings: ReadSettings) -> None:
    """Raises Unreadable with the code "too_many_pages" above the limit."""
    if count > settings.max_pages:
        message = f"The document has {count} pages, more than {settings.max_pages}: split it or raise read.max_pages."
        raise Unreadable("too_many_pages", message)
