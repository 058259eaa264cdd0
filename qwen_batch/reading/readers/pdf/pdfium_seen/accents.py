"""Puts accents that are drawn as glyphs of their own, as TeX does, onto the letters that they stand over.

pdfium gives such an accent beside its letter, or at the end of the line: "Jan Min ´ a´c ˇ" for "Ján Mináč".
"""

from __future__ import annotations

import ctypes
import re
import unicodedata

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

GONE = "\x01"
"""What stands for a character that is part of another; lines and words leave it out."""
COMBINING = {
    "`": "\u0300", "\u00b4": "\u0301", "\u02ca": "\u0301", "^": "\u0302", "\u02c6": "\u0302", "~": "\u0303",
    "\u02dc": "\u0303", "\u00af": "\u0304", "\u02c9": "\u0304", "\u02d8": "\u0306", "\u02d9": "\u0307",
    "\u00a8": "\u0308", "\u02da": "\u030a", "\u02dd": "\u030b", "\u02c7": "\u030c", "\u00b8": "\u0327",
    "\u02db": "\u0328",
}  # fmt: skip
DOTLESS = {"\u0131": "i", "\u0237": "j"}
MIDDLE_SHARE = 0.22
"""How far above the base line, as a share of the size of its font, the ink of every letter is met."""
MAX_ACCENTS = 5000
_ACCENT = re.compile(f"[{''.join(map(re.escape, COMBINING))}]")


def with_accents(textpage: pdfium.PdfTextPage, units: str) -> str:
    """The units of a text layer with accented letters in place of letters, and GONE in place of their accents."""
    found = [match.start() for match in _ACCENT.finditer(units)][:MAX_ACCENTS]
    if not found:
        return units
    kept = list(units)
    for at in found:
        position = _letter_below(textpage, at)
        letter = kept[position] if position is not None and position < len(kept) else ""
        whole = unicodedata.normalize("NFC", DOTLESS.get(letter, letter) + COMBINING[units[at]])
        if position is None or not letter.isalpha() or len(whole) != 1:
            continue
        kept[position] = whole
        kept[at] = GONE
        for beside in (at - 1, at + 1):
            if 0 <= beside < len(kept) and kept[beside] == " " and _is_generated(textpage, beside):
                kept[beside] = GONE
    return "".join(kept)


def _letter_below(textpage: pdfium.PdfTextPage, at: int) -> int | None:
    """The position of the letter in whose column an accent stands, None for an accent that stands alone."""
    index = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, at)
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    if not pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return None
    if not pdfium_c.FPDFText_GetCharOrigin(textpage, index, x, y):
        return None
    height = y.value + MIDDLE_SHARE * pdfium_c.FPDFText_GetFontSize(textpage, index)
    middle = (left.value + right.value) / 2
    below = pdfium_c.FPDFText_GetCharIndexAtPos(textpage, middle, height, 0, 0)
    if below < 0 or below == index:
        return None
    position: int = pdfium_c.FPDFText_GetTextIndexFromCharIndex(textpage, below)
    return position if position >= 0 else None


def _is_generated(textpage: pdfium.PdfTextPage, at: int) -> bool:
    index = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, at)
    return bool(pdfium_c.FPDFText_IsGenerated(textpage, index) == 1)
