"""Holds an old OCR's text against the page: a few lines of it, read anew, must stand in that text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qwen_batch.cjk import CJK
from qwen_batch.reading.ocr.attempts import ROTATIONS, PageImage, Recogniser, band_text
from qwen_batch.reading.ocr.engine import OcrFailed
from qwen_batch.records import Page

UNPROVEN = "unproven_layer"
"""Why such a page is looked at: its text reads well, and may be that of another page."""
SURE_CONFIDENCE = 0.7
MIN_COMPARED = 8
"""From so few long words nothing is concluded."""
MIN_FOUND_SHARE = 0.4
"""Long words of some lines that stand in the layer; 0.8 and more where it is the page's own text."""
_PIECE = re.compile(rf"[^\W\d_]{{5,}}|[{CJK}]{{2,}}")
_CJK = re.compile(f"[{CJK}]")


def layer_stands(page: Page, image: PageImage, languages: tuple[str, ...], by: Recogniser) -> bool:
    """Whether the page's text may be kept; also where the page cannot be read surely, which says nothing against it."""
    try:
        seen = band_text(image, [(rotation, languages) for rotation in ROTATIONS[:1]], SURE_CONFIDENCE, by)
    except OcrFailed:
        return True
    if seen is None:
        return True
    said = set(_pieces(seen.said))
    kept = set(_pieces("\n".join(line.text for line in page.lines)))
    return len(said) < MIN_COMPARED or len(said & kept) >= MIN_FOUND_SHARE * len(said)


def _pieces(text: str) -> Iterable[str]:
    """Long words in lower case, and pairs of neighbouring CJK characters."""
    for match in _PIECE.finditer(text):
        piece = match.group().lower()
        if _CJK.match(piece):
            yield from (piece[at : at + 2] for at in range(len(piece) - 1))
        else:
            yield piece
