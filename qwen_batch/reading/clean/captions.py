"""Finds the captions of figures and the numbers that a chart leaves in the text; left out only if the settings say so.

Knows form alone: "Figure 3." or "图 3" in front of a paragraph, and runs of short lines without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qwen_batch.reading.clean.edge_lines import LineAt, Reason
from qwen_batch.records import Line, Page

MAX_CAPTION_LINES = 6
SAME_PARAGRAPH_HEIGHTS = 1.9
"""From one line of a caption to the next, in heights of a line, at most."""
MIN_DEBRIS_LINES = 6
"""Lines in a row without a word that are a chart's axis rather than a figure in the text."""
MAX_DEBRIS_CHARS = 12

_CAPTION = re.compile(
    r"(?i:figure|fig\.?|chart|graph|图|圖)\s*\d+(?:[-.]\d+)*(?:\s*[.:：|]|\s+[–—-]\s|\s+(?=[A-Z\u4e00-\u9fff]))"
)
_DEBRIS = re.compile(r"[\d\s.,%$€£¥()+\-–—/:]*\d[\d\s.,%$€£¥()+\-–—/:]*")


def captions_of(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines of figures' captions, and of charts' axes on the same pages."""
    found: dict[LineAt, Reason] = {}
    for index, page in enumerate(pages):
        if captions := list(_captions(page.lines)):  # without a figure, numbers alone may be those of clauses
            found |= {LineAt(index, at): "caption" for at in (*captions, *_debris(page.lines))}
    return found


def _captions(lines: Sequence[Line]) -> Iterator[int]:
    for first, line in enumerate(lines):
        if line.kind != "text" or not _CAPTION.match(line.text):
            continue
        yield first
        for at in range(first + 1, min(first + MAX_CAPTION_LINES, len(lines))):
            height = line.box.y1 - line.box.y0
            step = lines[at].box.y1 - lines[at - 1].box.y1
            if lines[at].kind != "text" or not 0 < step <= SAME_PARAGRAPH_HEIGHTS * height:
                break
            yield at


def _debris(lines: Sequence[Line]) -> Iterator[int]:
    run: list[int] = []
    for at, line in enumerate([*lines, None]):
        if line is not None and line.kind == "text" and _is_debris(line.text):
            run.append(at)
            continue
        if len(run) >= MIN_DEBRIS_LINES:
            yield from run
        run = []


def _is_debris(text: str) -> bool:
    return len(text) <= MAX_DEBRIS_CHARS and _DEBRIS.fullmatch(text) is not None
