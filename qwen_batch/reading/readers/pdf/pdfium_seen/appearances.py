"""The words in the appearances of annotations, after pdfium has drawn these into the page.

Drawing them in ("flattening") makes of each an object of the page, so that what covers or strikes text is seen as
anything else that is painted. It happens in memory alone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.pdfium_seen.annotations import Shown
from qwen_batch.reading.readers.pdf.pdfium_seen.calls import address, text_object
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import Bounds

SLACK_PT = 1.5
READ = {"value", "look", "stamp"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A character of an appearance; `place` is the middle of its box, None for a blank or a line break."""

    text: str
    place: tuple[float, float] | None


def with_appearances(shown: Sequence[Shown], textpage: pdfium.PdfTextPage, texts: Collection[int]) -> list[Shown]:
    """The same pieces as a reader sees them; `texts` are the addresses of the text objects of appearances."""
    letters = _letters(textpage, texts)
    return [
        replace(piece, text=_seen(piece, _inside(letters, piece.bounds))) if piece.kind in READ else piece
        for piece in shown
    ]


def _seen(piece: Shown, look: str) -> str:
    """A value whose look is the same, or only cut off, is itself; another look (a format, a date) is what is seen."""
    value, shown = "".join(piece.text.split()), "".join(look.split())
    if not shown or shown in value:
        return piece.text
    return look


def _letters(textpage: pdfium.PdfTextPage, texts: Collection[int]) -> list[Letter]:
    letters: list[Letter] = []
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    inside, raw = False, address(textpage.raw)
    for index in range(textpage.count_chars()):
        character = chr(pdfium_c.FPDFText_GetUnicode(textpage, index))
        if pdfium_c.FPDFText_IsGenerated(textpage, index) == 1 or character.isspace():
            if inside:
                letters.append(Letter("\n" if character in "\r\n" else " ", None))
            continue
        inside = text_object(raw, index) in texts
        if (
            inside
            and character.isprintable()
            and pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        ):
            letters.append(Letter(character, ((left.value + right.value) / 2, (bottom.value + top.value) / 2)))
    return letters


def _inside(letters: Sequence[Letter], bounds: Bounds) -> str:
    """The text in a rectangle, line by line."""
    left, bottom, right, top = bounds
    parts: list[str] = []
    within = False
    for letter in letters:
        if letter.place is not None:
            x, y = letter.place
            was, within = (
                within,
                (left - SLACK_PT <= x <= right + SLACK_PT and bottom - SLACK_PT <= y <= top + SLACK_PT),
            )
            if not within and was:
                parts.append(" ")
        if within:
            parts.append(letter.text)
    rows = (" ".join(row.split()) for row in "".join(parts).split("\n"))
    return "\n".join(row for row in rows if row)
