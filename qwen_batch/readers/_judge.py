"""Decides from a page's text and what is drawn on it whether the text layer is good enough.

Knows no PDF library: it sees counts and text only, so each rule can be tested by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MIN_LAYER_CHARS = 20
"""Fewer visible characters than this are no text layer if a good part of the page is drawn."""
MIN_DRAWN_COVER = 0.25
MIN_OUTLINE_SEGMENTS = 30
MIN_OUTLINE_SEGMENTS_BESIDE_TEXT = 1000
"""So many path segments without text, or beside a few characters, are letters turned into outlines."""
THIN_LAYER_CHARS = 300
"""An image that covers the page under fewer characters is a scan with a stamp or a watermark."""
SCAN_COVER = 0.75
MAX_GARBAGE_SHARE = 0.15
MIN_LETTERS_FOR_RATE = 300
MIN_VOWEL_SHARE = 0.18
"""Latin text of any language has a third or more of vowels; a shifted font encoding has few."""

_CID = re.compile(r"\(cid:\d+\)")
_BAD = re.compile(r"[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f]")
_LATIN = re.compile(r"[A-Za-z]")
_VOWEL = re.compile(r"[AEIOUYaeiouy]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a page shows besides text.

    `image_cover` is the share of its area under images, 0 to 1; `segments` counts those of all paths; rules are
    straight lines and the sides of boxes, which ruled tables are made of.
    """

    image_cover: float = 0.0
    images: int = 0
    segments: int = 0
    horizontal_rules: int = 0
    vertical_rules: int = 0


def ocr_reason(text: str, unmapped: int, drawn: Drawn) -> str | None:
    """Why a page needs OCR, None if its text will do; `unmapped` counts glyphs without a Unicode value."""
    visible = "".join(text.split())
    if not visible and not unmapped:
        return "no_text_layer" if drawn.images or drawn.segments >= MIN_OUTLINE_SEGMENTS else None
    if len(visible) + unmapped < MIN_LAYER_CHARS:
        outlined = drawn.segments >= MIN_OUTLINE_SEGMENTS_BESIDE_TEXT
        return "no_text_layer" if drawn.image_cover >= MIN_DRAWN_COVER or outlined else None
    if garbage_share(visible, unmapped) > MAX_GARBAGE_SHARE or not _has_vowels(visible):
        return "garbage_text"
    if drawn.image_cover >= SCAN_COVER and len(visible) < THIN_LAYER_CHARS:
        return "image_under_thin_text"
    return None


def garbage_share(visible: str, unmapped: int = 0) -> float:
    """The share of characters that stand for no letter: (cid:N), private use, replacement, control."""
    cids = _CID.findall(visible)
    total = len(visible) - sum(map(len, cids)) + len(cids) + unmapped
    bad = len(cids) + unmapped + len(_BAD.findall(visible))
    return bad / total if total else 0.0


def _has_vowels(visible: str) -> bool:
    letters = len(_LATIN.findall(visible))
    if letters < max(MIN_LETTERS_FOR_RATE, len(visible) // 3):
        return True
    return len(_VOWEL.findall(visible)) >= MIN_VOWEL_SHARE * letters
