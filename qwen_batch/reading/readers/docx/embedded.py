"""Files that a program has put into the text for Word to convert (`altChunk`): HTML, RTF, plain text, Word files."""

from __future__ import annotations

from pathlib import PurePosixPath

from qwen_batch.reading.parts.encoding import bytes_to_text
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.readers.html.walk import html_to_writer
from qwen_batch.reading.readers.rtf.walk import MAGIC as RTF_MAGIC
from qwen_batch.reading.readers.rtf.walk import rtf_to_writer

NOT_READ = "a file within the text ({name}) was not read: open the document in Word and save it anew"
PLAIN = {".txt", ""}


def is_package(data: bytes) -> bool:
    """Whether the file is a Word file of its own."""
    return data.startswith(b"PK\x03\x04")


def embedded_to_writer(part: str, data: bytes | None, writer: PageWriter) -> None:
    """Writes what is read of the file in a part; a file that is not read is a warning."""
    text = bytes_to_text(data) if data else None
    if data and data.startswith(RTF_MAGIC):
        rtf_to_writer(data, writer)
    elif text is not None and text.lstrip().startswith("<"):
        html_to_writer(text, writer)
    elif text is not None and PurePosixPath(part).suffix.lower() in PLAIN:
        for paragraph in text.split("\n\n"):
            writer.paragraph(paragraph)
    else:
        writer.warn(NOT_READ.format(name=PurePosixPath(part).name or "unknown"))
