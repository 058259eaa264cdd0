"""Reads Rich Text Format: one page of paragraphs, with its tables as Markdown.

The only importer of striprtf, which gives plain text and the cells of a table's row parted by bars.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.reader import Reader, Unreadable, without_page_images
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.records import Page

MAGIC = b"{\\rtf"
MIME = "application/rtf"
CELL_END = "|"


def sniff(head: bytes, path: Path) -> str | None:  # noqa: ARG001
    """application/rtf, by the file's first bytes."""
    return MIME if head.startswith(MAGIC) else None


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page: where pages broke is not in the file."""
    from striprtf.striprtf import rtf_to_text

    source = bytes_to_text(path.read_bytes())
    if source is None:
        raise Unreadable("damaged", "Its text is in no known encoding: open it and save it as .docx.")
    writer = PageWriter(settings)
    rows: list[list[str]] = []
    convert: Callable[..., str] = rtf_to_text  # it has no types, although it says so
    for line in convert(source, errors="replace").splitlines():
        if line.endswith(CELL_END):
            rows.append(line.removesuffix(CELL_END).split(CELL_END))
            continue
        writer.table(rows)
        rows = []
        writer.paragraph(line)
    writer.table(rows)
    return writer.pages()


READER: Reader = Reader("rtf", (MIME,), sniff, read, without_page_images, packages=("striprtf",))
