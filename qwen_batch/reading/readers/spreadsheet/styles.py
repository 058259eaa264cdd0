"""How a cell's look changes what it says: its number format, and whether it is struck out.

Shared by the formats of Excel; the styles of xlsx files are read here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qwen_batch.reading.parts.inline.symbols import is_symbol_font, symbols_to_text
from qwen_batch.reading.parts.marks import Height, Run, runs_to_text, struck
from qwen_batch.reading.parts.number_format import NumberFormat, builtin_format, number_format
from qwen_batch.reading.parts.ooxml import attribute, child, descendants, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element

WHITE = "white"
MIN_SIZE_PT = 2
HEIGHTS: dict[str | None, Height] = {"superscript": "raised", "subscript": "lowered"}


@dataclass(frozen=True, slots=True)
class CellStyle:
    """A cell's number format, and whether its font is struck out."""

    format: NumberFormat
    struck: bool = False
    white: bool = False
    """Letters in the colour of their cell."""
    tiny: bool = False
    font: str = ""
    """The name of a symbol font, whose letters are signs; "" for any other font."""
    plain: bool = field(init=False)
    """Words and whole numbers pass as they are."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "plain", self.format.plain and not (self.struck or self.white or self.tiny or self.font)
        )

    def number(self, raw: str) -> str:
        """What is shown of a number as the file writes it, "" if the format hides it."""
        text = self.format.shown(raw)
        return struck(text) if self.struck else text

    def words(self, text: str) -> str:
        """What is shown of words, "" if the format hides them."""
        text = self.format.words(symbols_to_text(text, self.font) if self.font else text)
        return struck(text) if self.struck else text


@dataclass(frozen=True, slots=True)
class RichText:
    """A string with looks of its own; runs without any take the cell's."""

    runs: tuple[tuple[Run, bool], ...]
    """Each with whether it says for itself how it looks."""

    def shown(self, style: CellStyle) -> str:
        """The text in a cell of some style."""
        if style.format.words("x") == "":
            return ""
        return runs_to_text(
            run if own else Run(symbols_to_text(run.text, style.font), run.height, style.struck)
            for run, own in self.runs
        )

    @property
    def text(self) -> str:
        """The characters alone."""
        return "".join(run.text for run, _ in self.runs)


def xlsx_styles(root: Element | None, *, date1904: bool) -> list[CellStyle]:
    """The styles that cells name by number, in order; the first is that of cells which name none."""
    formats: dict[int, str] = {}
    listed = child(root, "numFmts")
    for item in listed if listed is not None else ():
        formats[_number(attribute(item, "numFmtId"))] = attribute(item, "formatCode") or ""
    fonts = child(root, "fonts")
    listed_fonts = [font for font in (fonts if fonts is not None else ()) if local(font) == "font"]
    struck_fonts = [is_on(font, "strike") for font in listed_fonts]
    tiny_fonts = [_is_tiny(value_of(font, "sz")) for font in listed_fonts]
    symbol_fonts = [symbol_font(value_of(font, "name")) for font in listed_fonts]
    inks = [_colour(child(font, "color")) for font in listed_fonts]
    fills = child(root, "fills")
    papers = [_paper(child(fill, "patternFill")) for fill in (fills if fills is not None else ())]
    styles = []
    crossed = child(root, "cellXfs")
    for item in crossed if crossed is not None else ():
        number, font = _number(attribute(item, "numFmtId")), _number(attribute(item, "fontId"))
        fill = _number(attribute(item, "fillId"))
        white = font < len(inks) and fill < len(papers) and inks[font] == papers[fill] is not None
        struck_out, tiny = _at(struck_fonts, font), _at(tiny_fonts, font)
        signs = symbol_fonts[font] if font < len(symbol_fonts) else ""
        styles.append(CellStyle(format_of(formats, number, date1904=date1904), struck_out, white, tiny, signs))
    return styles or [CellStyle(builtin_format(0))]


def format_of(formats: dict[int, str], number: int, *, date1904: bool) -> NumberFormat:
    """The format of a number: the file's own before those that everybody knows."""
    if number in formats:
        return number_format(formats[number], date1904=date1904)
    return builtin_format(number, date1904=date1904)


def symbol_font(name: str | None) -> str:
    """The name of a font if it is a symbol font, else ""."""
    return name if name and is_symbol_font(name) else ""


def _at(looks: list[bool], index: int) -> bool:
    return index < len(looks) and looks[index]


def _is_tiny(size: str | None) -> bool:
    try:
        return size is not None and float(size) < MIN_SIZE_PT
    except ValueError:
        return False


def _colour(color: Element | None) -> str | None:
    """A colour by its value, its number or its place in the theme (18.8.19), None for one that is not stated."""
    if color is None:
        return None
    if rgb := attribute(color, "rgb"):
        return WHITE if rgb[-6:].upper() == "FFFFFF" else rgb[-6:].upper()
    for name, whites in (("indexed", {"1", "9"}), ("theme", {"0"})):
        if (number := attribute(color, name)) is not None:
            tint = attribute(color, "tint") or ""
            return WHITE if number in whites and not tint else f"{name} {number} {tint}"
    return None


def _paper(pattern: Element | None) -> str | None:
    """The colour of a cell, None for a pattern or a gradient."""
    if pattern is None:
        return None
    kind = attribute(pattern, "patternType") or "none"
    if kind == "none":
        return WHITE
    return _colour(child(pattern, "fgColor")) if kind == "solid" else None


def rich_text(item: Element) -> RichText:
    """A string with runs of its own (18.4.8); phonetic guides are no part of it."""
    runs = []
    for piece in item:
        if local(piece) == "t":
            runs.append((Run(piece.text or ""), False))
        elif local(piece) == "r":
            look = child(piece, "rPr")
            text = "".join(part.text or "" for part in descendants(piece, "t"))
            text = symbols_to_text(text, value_of(look, "rFont"))
            height = HEIGHTS.get(value_of(look, "vertAlign"), "level")
            runs.append((Run(text, height, is_on(look, "strike")), look is not None))
    return RichText(tuple(runs))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
