"""Which fonts of a document say other characters than they show: each font is looked at once, not each page.

Figures of every font are compared with how they look; letters where a text has strangely many rare ones.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from qwen_batch.reading.readers.pdf.pdfium_seen.calls import address, font_of, text_object
from qwen_batch.reading.readers.pdf.pdfium_seen.glyphs import FIGURES, LETTERS, Glyph, looks_otherwise, rendered
from qwen_batch.reading.readers.pdf.pdfium_seen.objects import TEXT, Bounds, Painted, bounds_of
from qwen_batch.reading.readers.pdf.symbols import PRIVATE_SIGN, symbol

RARE_LETTERS = "jqxzvwk"
MAX_RARE_SHARE = 0.12
"""Rare letters among the small ones from which on letters are looked at: English has 5 %, a shifted map some 20 %."""
MIN_LETTERS = 60
MAX_TEXTS = 2
"""Text objects of a font that are drawn, for figures or for letters."""
MAX_RUNS = 40
MAX_PAGE_RUNS = 1000
MAX_GLYPHS = 12
MIN_OTHERWISE = 2
MIN_OTHERWISE_SHARE = 0.4
GLYPH_PIXELS = 20.0
MAX_ASPECT = 100

ENOUGH_GLYPHS = 4
"""Different glyphs by which a font is judged for the rest of a document."""
MAX_TRIES = 5
"""Pages on which a font is looked at while it has shown fewer."""
Key = tuple[bytes, int, str]
"""A font's name, the size of its file and what is looked at."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a document's fonts: their glyphs that look otherwise or do not, and the final verdicts."""

    verdicts: dict[Key, bool] = field(default_factory=dict)
    glyphs: defaultdict[Key, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    tries: Counter[Key] = field(default_factory=Counter)


_RUNS = {FIGURES: re.compile("[0-9]+"), LETTERS: re.compile("[a-z]{3,}")}


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters side by side in one text object: the first's place in the text layer, and what they say."""

    text_object: Painted
    start: int
    text: str


def fonts_in_doubt(
    document: pdfium.PdfDocument, textpage: pdfium.PdfTextPage, painted: Sequence[Painted], units: str, judged: Judged
) -> bool:
    """Whether a font of this page shows other figures or letters than its map says; `judged` is kept by the caller."""
    looked_at = [characters for characters in (FIGURES, LETTERS) if _may_differ(units, characters)]
    if not looked_at:
        return False
    texts: dict[int, list[Painted]] = {}
    for one in painted:
        if one.kind == TEXT:
            texts.setdefault(font_of(one.at) or 0, []).append(one)
    doubt = False
    for characters in looked_at:
        new: dict[int, tuple[Key, Painted]] = {}
        for own in texts.values():
            key = (*_identity(pdfium_c.FPDFTextObj_GetFont(own[0].handle)), characters)
            if key in judged.verdicts:
                doubt = doubt or judged.verdicts[key]
            else:
                new.update((one.at, (key, one)) for one in own)
        for key, runs in _runs(textpage, units, characters, new).items() if new else ():
            doubt = _judge(document, textpage, key, runs, judged) or doubt
    return doubt


def _judge(
    document: pdfium.PdfDocument, textpage: pdfium.PdfTextPage, key: Key, runs: Sequence[_Run], judged: Judged
) -> bool:
    """Whether a font is in doubt by the glyphs seen so far; a lone one that looks otherwise costs its page, no more."""
    seen = judged.glyphs[key]
    _look(document, textpage, runs, key[2], seen)
    judged.tries[key] += 1
    count = sum(seen.values())
    doubt = bool(seen) and count >= min(MIN_OTHERWISE, len(seen)) and count >= MIN_OTHERWISE_SHARE * len(seen)
    if len(seen) >= ENOUGH_GLYPHS or judged.tries[key] >= MAX_TRIES:
        judged.verdicts[key] = doubt
    return doubt


def _runs(
    textpage: pdfium.PdfTextPage, units: str, characters: str, texts: Mapping[int, tuple[Key, Painted]]
) -> dict[Key, list[_Run]]:
    """Runs of figures or letters in some text objects, by font."""
    shifted = textpage.count_chars() != len(units)
    raw = address(textpage.raw)
    found: dict[Key, list[_Run]] = {}
    for match in islice(_RUNS[characters].finditer(units), MAX_PAGE_RUNS):
        start = match.start()
        if shifted:
            start = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, start)
        known = texts.get(text_object(raw, start))
        if known is not None:
            runs = found.setdefault(known[0], [])
            if len(runs) < MAX_RUNS:
                runs.append(_Run(known[1], start, match[0]))
    return found


def _may_differ(units: str, characters: str) -> bool:
    if characters is FIGURES:
        return any(figure in units for figure in FIGURES)
    small = sum(map(units.count, LETTERS)) if units else 0
    return small >= MIN_LETTERS and sum(map(units.count, RARE_LETTERS)) > MAX_RARE_SHARE * small


def _identity(font: Any) -> tuple[bytes, int]:
    name, size = ctypes.create_string_buffer(128), ctypes.c_size_t()
    pdfium_c.FPDFFont_GetBaseFontName(font, name, 128)
    pdfium_c.FPDFFont_GetFontData(font, None, 0, size)
    return name.value, size.value


def _look(
    document: pdfium.PdfDocument,
    textpage: pdfium.PdfTextPage,
    runs: Sequence[_Run],
    characters: str,
    seen: dict[str, bool],
) -> None:
    """Adds to `seen` whether glyphs of a font look otherwise."""
    drawn: set[int] = set()
    for run in runs:
        at = run.text_object.at
        if len(seen) >= MAX_GLYPHS or len(drawn) >= MAX_TEXTS:
            break
        if at in drawn or seen.keys() >= set(run.text):
            continue
        drawn.add(at)
        for glyph in _glyphs(
            document, textpage, run.text_object, [one for one in runs if one.text_object is run.text_object]
        ):
            if glyph.text not in seen and len(seen) < MAX_GLYPHS:
                otherwise = looks_otherwise(glyph, characters)
                if otherwise is not None:
                    seen[glyph.text] = otherwise


def _glyphs(
    document: pdfium.PdfDocument, textpage: pdfium.PdfTextPage, text: Painted, runs: Sequence[_Run]
) -> Iterator[Glyph]:
    """The characters of runs in a level text object, each cut out of it."""
    bounds, matrix = bounds_of(text), pdfium_c.FS_MATRIX()
    if bounds is None or text.matrix is not None or not pdfium_c.FPDFPageObj_GetMatrix(text.handle, matrix):
        return
    height = bounds[3] - bounds[1]
    if matrix.b or matrix.c or matrix.a <= 0 or height <= 0 or bounds[2] - bounds[0] > MAX_ASPECT * height:
        return
    scale = GLYPH_PIXELS / height
    ink = rendered(document, textpage.page, text.handle, scale)
    if ink is None:
        return
    for run in runs:
        for offset, character in enumerate(run.text):
            box = _char_box(textpage, run.start + offset)
            if box is None:
                continue
            x0, x1 = (box[0] - bounds[0]) * scale, (box[2] - bounds[0]) * scale
            cut = ink[:, max(round(x0), 0) : max(round(x1) + 1, 0)]
            if cut.size:
                yield Glyph(character, cut)


_EDGES = tuple(ctypes.c_double() for _ in range(4))


def _char_box(textpage: pdfium.PdfTextPage, index: int) -> Bounds | None:
    left, right, bottom, top = _EDGES
    if not pdfium_c.FPDFText_GetCharBox(textpage, index, left, right, bottom, top):
        return None
    return left.value, bottom.value, right.value, top.value


def with_symbols(textpage: pdfium.PdfTextPage, units: str) -> str:
    """The units of a text layer with the signs of symbol fonts in place of their private codes."""
    kept: list[str] = []
    for match in () if units.isascii() else PRIVATE_SIGN.finditer(units):
        at = match.start()
        kept = kept or list(units)
        index = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, at)
        handle = pdfium_c.FPDFText_GetTextObject(textpage, index)
        font = pdfium_c.FPDFTextObj_GetFont(handle) if handle else None
        name = _identity(font)[0].decode("latin-1") if font else ""
        kept[at] = symbol(match[0], name, units[at - 1 : at] if at else "", units[at + 1 : at + 2])
    return "".join(kept) or units
