"""The lines of a document as they are drawn: type size, and whether they stand apart. Knows nothing of headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from qwen_batch.cjk import CJK
from qwen_batch.records import CleanDocument, LineSpan

_CJK = re.compile(f"[{CJK}]")
_HAS_ASCENDER = re.compile(r"[A-Z0-9bdfhklt(]")
_HAS_DESCENDER = re.compile(r"[gjpqy(),;Q]")
_EM_SHARE = {(True, True): 0.93, (True, False): 0.74, (False, True): 0.74, (False, False): 0.53}
"""Of the type size, how much a line is high with letters that rise, and that go below the line."""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line of the text; `size` in points is 0 where it is not known, `ocr` says that it is measured roughly."""

    start: int
    text: str
    size: float
    begins_block: bool
    ends_block: bool
    ocr: bool


def drawn_lines(clean: CleanDocument, end: int) -> Iterator[DrawnLine]:
    """The lines that begin before character `end`, without empty ones."""
    text = clean.text
    spans = [span for span in clean.lines if span.start < end and text[span.start : span.end].strip()]
    for place, span in enumerate(spans):
        following = spans[place + 1] if place + 1 < len(spans) else None
        before = spans[place - 1] if place else None
        own = text[span.start : span.end]
        yield DrawnLine(
            span.start,
            own.strip(),
            _size(span, own),
            before is None or before.page != span.page or "\n\n" in text[before.end : span.start],
            following is None or following.page != span.page or "\n\n" in text[span.end : following.start],
            any(word.confidence is not None for word in span.words),
        )


def _size(span: LineSpan, text: str) -> float:
    """The type size that a line's height speaks of."""
    height = span.box.y1 - span.box.y0
    if _CJK.search(text):
        return height
    return height / _EM_SHARE[bool(_HAS_ASCENDER.search(text)), bool(_HAS_DESCENDER.search(text))]


def body_size(lines: Sequence[DrawnLine]) -> float:
    """The size of most of the text, long lines counting more."""
    sizes = [line.size for line in lines for _ in range(1 + len(line.text) // 20) if line.size]
    return median(sizes) if sizes else 0.0
