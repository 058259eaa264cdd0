"""Decides from a page's text and what is drawn on it whether the text layer is good enough.

Knows no PDF library: it sees counts and text only, so each rule can be tested by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qwen_batch.text_quality import text_quality

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
MAX_MOJIBAKE_SHARE = 0.02
"""Pairs such as "Ã©" among a text's characters: UTF-8 that was taken for Latin-1 when the PDF was made."""
MIN_HIDDEN_SHARE = 0.8
"""A page whose text objects are invisible or under the page's image to this share carries an old OCR's text."""
MIN_HIDDEN_QUALITY = 0.9
"""Share of characters in plausible words from which on an old OCR's text is good enough."""

_CID = re.compile(r"\(cid:\d+\)")
_BAD = re.compile(r"[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f]")
_MOJIBAKE = re.compile(r"[\u00c2-\u00c5\u00e2-\u00ef][\u0080-\u00bf\u0152\u0153\u0160\u0161\u2013-\u203a\u20ac\u2122]")
_NO_LETTER = bytes(code for code in range(256) if not chr(code).isalpha() or code > 127)  # noqa: PLR2004 - ASCII
_NO_VOWEL = bytes(code for code in range(256) if chr(code) not in "AEIOUYaeiouy")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a page shows.

    `image_cover` is the share of its area under images, 0 to 1; `segments` counts those of all paths; `hidden` is the
    share of text objects that are invisible or under an image as large as the page; `grid` says whether straight rules
    make a table's frame.
    """

    image_cover: float = 0.0
    images: int = 0
    segments: int = 0
    hidden: float = 0.0
    grid: bool = False


def ocr_reason(text: str, unmapped: int, drawn: Drawn) -> str | None:
    """Why a page needs OCR, None if its text will do; `unmapped` counts glyphs without a Unicode value.

    One of "no_text_layer", "garbage_text", "image_under_thin_text", "hidden_text".
    """
    visible = "".join(text.split())
    if not visible and not unmapped:
        return "no_text_layer" if drawn.images or drawn.segments >= MIN_OUTLINE_SEGMENTS else None
    if len(visible) + unmapped < MIN_LAYER_CHARS:
        outlined = drawn.segments >= MIN_OUTLINE_SEGMENTS_BESIDE_TEXT
        return "no_text_layer" if drawn.image_cover >= MIN_DRAWN_COVER or outlined else None
    if garbage_share(visible, unmapped) > MAX_GARBAGE_SHARE or not _has_vowels(visible):
        return "garbage_text"
    if not visible.isascii() and mojibake_share(visible) > MAX_MOJIBAKE_SHARE:
        return "garbage_text"
    if drawn.image_cover < SCAN_COVER:
        return None
    if len(visible) < THIN_LAYER_CHARS:
        return "image_under_thin_text"
    if drawn.hidden >= MIN_HIDDEN_SHARE and text_quality(text) < MIN_HIDDEN_QUALITY:
        return "hidden_text"
    return None


def garbage_share(visible: str, unmapped: int = 0) -> float:
    """The share of characters that stand for no letter: (cid:N), private use, replacement, control."""
    cids = _CID.findall(visible) if "(cid:" in visible else []
    total = len(visible) - sum(map(len, cids)) + len(cids) + unmapped
    bad = len(cids) + unmapped + len(_BAD.findall(visible))
    return bad / total if total else 0.0


def mojibake_share(visible: str) -> float:
    """The share of characters in pairs that UTF-8 makes of one letter when it is read as Latin-1 or cp1252."""
    return 2 * len(_MOJIBAKE.findall(visible)) / len(visible)


def _has_vowels(visible: str) -> bool:
    letters = visible.encode("ascii", "ignore").translate(None, _NO_LETTER)
    if len(letters) < max(MIN_LETTERS_FOR_RATE, len(visible) // 3):
        return True
    return len(letters.translate(None, _NO_VOWEL)) >= MIN_VOWEL_SHARE * len(letters)
