"""Holds an old OCR's text against the page: a few lines of it, read anew, must stand in that text.

Of a long scan some pages are looked at first, and all others only if one of these has the wrong text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen_batch.cjk import CJK
from qwen_batch.reading.ocr.attempts import ROTATIONS, PageImage, Recogniser, band_text
from qwen_batch.reading.ocr.engine import OcrFailed
from qwen_batch.records import Page

UNPROVEN = "unproven_layer"
"""Why such a page is looked at: its text reads well, and may be that of another page."""
OTHER_TEXT = "other_text"
"""The reason of a page whose text layer says something else than the page."""
SURE_CONFIDENCE = 0.7
MIN_COMPARED = 8
"""From so few long words nothing is concluded."""
MIN_FOUND_SHARE = 0.4
"""Long words of some lines that stand in the layer; 0.8 and more where it is the page's own text."""
SAMPLED_PAGES = 5
_PIECE = re.compile(rf"[^\W\d_]{{5,}}|[{CJK}]{{2,}}")
_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Sample:
    """The pages of a document to recognise now, and those whose text stands if that of the others does."""

    now: tuple[Page, ...]
    later: tuple[Page, ...]


def pages_to_sample(pages: Sequence[Page]) -> Sample:
    """All pages but most of those with an old OCR's text; of these some, evenly."""
    unproven = [page for page in pages if page.needs_ocr == UNPROVEN]
    step = max(1, -(-len(unproven) // SAMPLED_PAGES))
    later = [page for at, page in enumerate(unproven) if at % step]
    return Sample(tuple(page for page in pages if page not in later), tuple(later))


def sample_stands(done: Iterable[Page]) -> bool:
    """Whether no page that was recognised has the text of another."""
    return all(page.needs_ocr != OTHER_TEXT for page in done)


def layer_stands(page: Page, image: PageImage, languages: tuple[str, ...], by: Recogniser) -> bool:
    """Whether the page's text may be kept; also where the page cannot be read surely, which says nothing against it."""
    try:
        seen = band_text(image, [(rotation, languages) for rotation in ROTATIONS[:1]], SURE_CONFIDENCE, by)
    except OcrFailed:
        return True
    if seen is None:
        return True
    return words_stand_in(seen.said, "\n".join(line.text for line in page.lines))


def words_stand_in(seen: str, layer: str) -> bool:
    """Whether enough of the long words of a text stand in another, or there are too few to tell."""
    said, kept = set(_pieces(seen)), set(_pieces(layer))
    return len(said) < MIN_COMPARED or len(said & kept) >= MIN_FOUND_SHARE * len(said)


def _pieces(text: str) -> Iterable[str]:
    """Long words in lower case, and pairs of neighbouring CJK characters."""
    for match in _PIECE.finditer(text):
        piece = match.group().lower()
        if _CJK.match(piece):
            yield from (piece[at : at + 2] for at in range(len(piece) - 1))
        else:
            yield piece
