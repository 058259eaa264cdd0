"""Which text of a page nobody sees: the page is drawn with and without each suspect, and both are compared.

What is hidden as a whole is switched off, so that the text layer is as if it were not there; single characters of a
text (a black box over a part of a line) are named by their place in it.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.geometry import Placement, outline, overlap
from qwen_batch.reading.readers.pdf.pdfium_seen.calls import address, page_object, text_object
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import Painted
from qwen_batch.reading.readers.pdf.pdfium_seen.suspects import LIGHT, Suspect, suspects_of
from qwen_batch.records import Box, HiddenKind, HiddenText

SCALE = 2.5
"""Pixels a point."""
MAX_PIXELS = 6_000_000
MIN_CHANGE = 20
"""Grey values, of 255, that a letter changes at least where it is seen, and by which it differs from what it is on."""
DARK = 128
"""What lies over text and is darker than this was meant to take it out."""
MAX_SINGLE_LOOKS = 60
"""Suspects that lie one over the other and are looked at one by one."""
TAKEN_OUT = " "
"""What stands in the units of a text layer for a character that nobody sees: what it parted stays apart."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What nobody sees: `pieces` for the record, `chars` by the address of their text object, by place in it."""

    pieces: tuple[HiddenText, ...] = ()
    chars: Mapping[int, frozenset[int]] = field(default_factory=dict)
    switched_off: bool = False


NOTHING = Hidden()


@dataclass(frozen=True, slots=True)
class _Char:
    text: str
    box: Box | None


def hide(
    page: pdfium.PdfPage,
    textpage: pdfium.PdfTextPage,
    painted: Sequence[Painted],
    place: Placement,
    *,
    layers: bool,
) -> Hidden:
    """Finds the text that nobody sees and switches off the objects that are hidden as a whole."""
    suspects = suspects_of(painted, page.get_bbox(), layers=layers)
    if not suspects:
        return NOTHING
    chars = _chars_of(textpage, {one.at for one in suspects}, place)
    width, height = page.get_size()
    paper = Box(0, 0, width, height)
    suspects = [one for one in suspects if overlap(place(*one.bounds), paper)]
    unseen = _unseen(page, suspects, chars, place)
    pieces: list[tuple[HiddenKind, str]] = []
    partly: dict[int, frozenset[int]] = {}
    off = False
    for suspect in suspects:
        key = suspect.at
        found = unseen[key]
        if not found.places:
            continue
        own = chars.get(key, [])
        words = "" if found.dark else _words(own, found.places)
        kind: HiddenKind = "covered" if found.dark and suspect.kind == "white" else suspect.kind
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, f"{pieces[-1][1]} {words}")
        else:
            pieces.append((kind, words))
        if len(found.places) == sum(char.box is not None for char in own):
            pdfium_c.FPDFPageObj_SetIsActive(page_object(suspect.at), False)
            off = True
        else:
            partly[key] = found.places
    return Hidden(tuple(HiddenText(kind, " ".join(text.split())) for kind, text in pieces), partly, off)


def _words(chars: Sequence[_Char], places: frozenset[int]) -> str:
    """The characters at some places, with the blanks between them."""
    return "".join(char.text if char.box is None or at in places else " " for at, char in enumerate(chars)).strip()


def masked(units: str, textpage: pdfium.PdfTextPage, chars: Mapping[int, frozenset[int]]) -> str:
    """The units of a text layer without some characters of some objects."""
    if not chars:
        return units
    kept = list(units)
    seen: dict[int, int] = defaultdict(int)
    raw = address(textpage.raw)
    for index in range(textpage.count_chars()):
        if pdfium_c.FPDFText_IsGenerated(textpage, index) == 1:
            continue
        key = text_object(raw, index)
        if key not in chars:
            continue
        at, seen[key] = seen[key], seen[key] + 1
        if at in chars[key]:
            unit = pdfium_c.FPDFText_GetTextIndexFromCharIndex(textpage, index)
            if 0 <= unit < len(kept):
                kept[unit] = TAKEN_OUT
    return "".join(kept)


def _chars_of(textpage: pdfium.PdfTextPage, keys: set[int], place: Placement) -> dict[int, list[_Char]]:
    """The characters of some text objects; one that is blank has no box."""
    chars: dict[int, list[_Char]] = {key: [] for key in keys}
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw = address(textpage.raw)
    for index in range(textpage.count_chars()):
        if pdfium_c.FPDFText_IsGenerated(textpage, index) == 1:
            continue
        own = chars.get(text_object(raw, index))
        if own is None:
            continue
        text = chr(pdfium_c.FPDFText_GetUnicode(textpage, index))
        box = None
        if not text.isspace() and pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
            box = place(left.value, bottom.value, right.value, top.value)
        own.append(_Char(text, box))
    return chars


@dataclass(frozen=True, slots=True)
class _Unseen:
    """The places of unseen characters among those of a text object, and whether they lie under something dark."""

    places: frozenset[int] = frozenset()
    dark: bool = False


def _unseen(
    page: pdfium.PdfPage, suspects: Sequence[Suspect], chars: Mapping[int, list[_Char]], place: Placement
) -> dict[int, _Unseen]:
    found = {one.at: _Unseen(frozenset(_boxed(chars[one.at]))) if one.sure else _Unseen() for one in suspects}
    doubtful = [one for one in suspects if not one.sure and _boxed(chars[one.at])]
    if not doubtful:
        return found
    view = _View(page, outline([place(*one.bounds) for one in doubtful]))
    shown = view.pixels()
    bare = view.without(doubtful)
    for one in doubtful:
        found[one.at] = view.compared(one, chars[one.at], shown, bare)
    looked_at = 0
    for one in doubtful:
        own, box = chars[one.at], place(*one.bounds)
        whole = len(found[one.at].places) == len(_boxed(own))
        if whole or looked_at >= MAX_SINGLE_LOOKS:
            continue
        if any(overlap(box, place(*other.bounds)) for other in doubtful if other is not one):
            looked_at += 1
            found[one.at] = view.compared(one, own, shown, view.without([one]))
    return found


def _boxed(chars: Sequence[_Char]) -> list[int]:
    return [at for at, char in enumerate(chars) if char.box is not None]


def _words_at(chars: Sequence[_Char]) -> list[list[int]]:
    """The places of characters without a blank between them."""
    words: list[list[int]] = [[]]
    for at, char in enumerate(chars):
        if char.box is None:
            words.append([])
        else:
            words[-1].append(at)
    return words


class _View:
    """Renders one part of a page again and again."""

    def __init__(self, page: pdfium.PdfPage, part: Box) -> None:
        self._page = page
        width, height = page.get_size()
        self._left, self._top = max(part.x0 - 2, 0), max(part.y0 - 2, 0)
        right, bottom = min(part.x1 + 2, width), min(part.y1 + 2, height)
        self._crop = (self._left, max(height - bottom, 0), max(width - right, 0), self._top)
        area = max(right - self._left, 1) * max(bottom - self._top, 1)
        self._scale = min(SCALE, (MAX_PIXELS / area) ** 0.5)

    def pixels(self) -> np.ndarray:
        """The part as it is, as grey values."""
        bitmap = self._page.render(scale=self._scale, crop=self._crop, grayscale=True, may_draw_forms=False)
        grey: np.ndarray = bitmap.to_numpy().squeeze().astype(np.int16)
        return grey

    def without(self, suspects: Iterable[Suspect]) -> np.ndarray:
        """The part without some texts."""
        handles = [page_object(one.at) for one in suspects]
        for handle in handles:
            pdfium_c.FPDFPageObj_SetIsActive(handle, False)
        try:
            return self.pixels()
        finally:
            for handle in handles:
                pdfium_c.FPDFPageObj_SetIsActive(handle, True)

    def compared(self, suspect: Suspect, chars: Sequence[_Char], shown: np.ndarray, bare: np.ndarray) -> _Unseen:
        """The characters of a text that change nothing, or are in the colour of what they stand on."""
        places, greys, boxed = [], [], 0
        for at, char in enumerate(chars):
            if char.box is None:
                continue
            boxed += 1
            with_it, without_it = self._cut(shown, char.box), self._cut(bare, char.box)
            if with_it.size == 0:
                places.append(at)
                continue
            change = int(np.abs(with_it - without_it).max())
            ground = float(np.median(without_it))
            if change < MIN_CHANGE or (suspect.grey is not None and abs(suspect.grey - ground) < MIN_CHANGE):
                places.append(at)
                greys.append(ground)
        light = suspect.kind == "white" and suspect.grey is not None and suspect.grey >= LIGHT
        if light or suspect.kind == "layer":  # seen or not as a whole; a cover, a box below and a clip have an edge
            places = _boxed(chars) if 2 * len(places) > boxed else []
        if suspect.kind == "clipped":  # of a word that is cut through a person sees the rest, and reads all of it
            places = [at for word in _words_at(chars) if not set(word) - set(places) for at in word]
        dark = bool(greys) and float(np.median(greys)) < DARK and suspect.kind in {"covered", "white"}
        return _Unseen(frozenset(places), dark)

    def _cut(self, pixels: np.ndarray, box: Box) -> np.ndarray:
        """The middle of a box: its edges hold what a neighbour leaves there."""
        inset = min((box.x1 - box.x0) * 0.15, 1.0)
        x0, x1 = (box.x0 + inset - self._left) * self._scale, (box.x1 - inset - self._left) * self._scale
        y0, y1 = (box.y0 - self._top) * self._scale, (box.y1 - self._top) * self._scale
        rows = slice(max(int(y0), 0), max(int(y1) + 1, 0))
        return pixels[rows, max(int(x0), 0) : max(int(x1) + 1, 0)]
