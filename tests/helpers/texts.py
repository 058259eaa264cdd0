"""Clean documents made of a text alone, as if it had been read: a line span for each of its lines."""

from __future__ import annotations

import re

from qwen_batch.records import Box, CleanDocument, Document, LineSpan

BOX = Box(50, 700, 550, 712)
LINES_A_PAGE = 40


def text_to_clean(text: str, language: str = "en") -> CleanDocument:
    """A document with this clean text, 40 lines a page."""
    found = list(re.finditer(r"[^\n]+", text))
    lines = tuple(
        LineSpan(line.start(), line.end(), 1 + number // LINES_A_PAGE, BOX) for number, line in enumerate(found)
    )
    document = Document("0" * 64, "a.txt", "text/plain", len(text.encode()))
    pages = lines[-1].page if lines else 1
    return CleanDocument(document, text, lines, (), language, pages, 0, None)
