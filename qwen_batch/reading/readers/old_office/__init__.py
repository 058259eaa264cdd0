"""Reads Word and PowerPoint files of the old kind (doc, ppt) by programs of others, as far as they are installed.

LibreOffice makes a file of today's kind of it, which the reader of that kind reads; antiword, catdoc and catppt give
the text alone. `programs` says which are there and runs them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.ole import ole_kind
from qwen_batch.reading.parts.reader import SNIFF_BYTES, Reader, Unreadable, reader_for, sniff_mime
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.old_office.programs import Converted, installed, is_encrypted, old_to_new
from qwen_batch.records import Page

if TYPE_CHECKING:
    from PIL.Image import Image

DOC, PPT = "application/msword", "application/vnd.ms-powerpoint"
MIMES = {"doc": DOC, "ppt": PPT}
TEXT_ALONE = "only the plain text was read, by {program}: install LibreOffice for tables, lists and what is hidden"


def sniff(head: bytes, path: Path) -> str | None:
    """The MIME type by the streams of the file."""
    return MIMES.get(ole_kind(head, path) or "")


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """All pages. Raises Unreadable: "encrypted", "damaged", "unsupported" where no program is installed."""
    converted = _converted(path, settings)
    if converted.suffix:
        with bytes_as_file(converted.data, f"a{converted.suffix}") as file:
            return reader_for(sniff_mime(file)).read(file, settings)
    writer = PageWriter(settings)
    for index, part in enumerate(converted.data.decode("utf-8", "replace").strip("\f\n").split("\f")):
        if index:
            writer.break_page()
        writer.preformatted(part)
    writer.warn(TEXT_ALONE.format(program=converted.program))
    return writer.pages()


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a page that is a picture."""
    converted = _converted(path, settings)
    if not converted.suffix:
        raise Unreadable("unsupported", "This page is text and has no image.", page_number)
    with bytes_as_file(converted.data, f"a{converted.suffix}") as file:
        return reader_for(sniff_mime(file)).render(file, page_number, dpi, settings)


def _converted(path: Path, settings: ReadSettings) -> Converted:
    with path.open("rb") as file:
        kind = ole_kind(file.read(SNIFF_BYTES), path) or ""
    if is_encrypted(path, kind):
        raise Unreadable("encrypted", "The document is protected with a password: save it without one.")
    state = path.stat()
    return _kept(path, state.st_mtime_ns, state.st_size, kind, settings)


@lru_cache(maxsize=1)
def _kept(path: Path, _modified: int, _size: int, kind: str, settings: ReadSettings) -> Converted:
    """A file as converted, kept until the next one: OCR asks for its pages one by one."""
    return old_to_new(path, kind, settings)


READER: Reader = Reader(
    "old_office",
    (DOC, PPT),
    sniff,
    read,
    render,
    sniff_order=10,
    programs=lambda suffix: installed(suffix.removeprefix(".")),
    bytes_per_token={".doc": 3, ".ppt": 50},
)
"""Asked before `refused`, which knows what is left of the old kinds."""
