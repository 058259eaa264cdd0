"""How a cell's look changes what it says: its number format, and whether it is struck out.

Shared by the formats of Excel; the styles of xlsx files are read here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qwen_batch.reading.parts.marks import Height, Run, runs_to_text, struck
from qwen_batch.reading.parts.number_format import NumberFormat, builtin_format, number_format
from qwen_batch.reading.parts.ooxml import attribute, child, descendants, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element

HEIGHTS: dict[str | None, Height] = {"superscript": "raised", "subscript": "lowered"}


@dataclass(frozen=True, slots=True)
class CellStyle:
    """A cell's number format, and whether its font is struck out."""

    format: NumberFormat
    struck: bool = False
    plain: bool = field(init=False)
    """Words and whole numbers pass as they are."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.format.plain and not self.struck)

    def number(self, raw: str) -> str:
        """What is shown of a number as the file writes it, "" if the format hides it."""
        text = self.format.shown(raw)
        return struck(text) if self.struck else text

    def words(self, text: str) -> str:
        """What is shown of words, "" if the format hides them."""
        text = self.format.words(text)
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
        return runs_to_text(run if own else Run(run.text, run.height, style.struck) for run, own in self.runs)

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
    struck_fonts = [is_on(font, "strike") for font in (fonts if fonts is not None else ()) if local(font) == "font"]
    styles = []
    crossed = child(root, "cellXfs")
    for item in crossed if crossed is not None else ():
        number, font = _number(attribute(item, "numFmtId")), _number(attribute(item, "fontId"))
        styles.append(CellStyle(format_of(formats, number, date1904=date1904), struck_at(struck_fonts, font)))
    return styles or [CellStyle(builtin_format(0))]


def format_of(formats: dict[int, str], number: int, *, date1904: bool) -> NumberFormat:
    """The format of a number: the file's own before those that everybody knows."""
    if number in formats:
        return number_format(formats[number], date1904=date1904)
    return builtin_format(number, date1904=date1904)


def struck_at(fonts: list[bool], index: int) -> bool:
    """Whether the font of a number is struck out."""
    return 0 <= index < len(fonts) and fonts[index]


def rich_text(item: Element) -> RichText:
    """A string with runs of its own (18.4.8); phonetic guides are no part of it."""
    runs = []
    for piece in item:
        if local(piece) == "t":
            runs.append((Run(piece.text or ""), False))
        elif local(piece) == "r":
            look = child(piece, "rPr")
            text = "".join(part.text or "" for part in descendants(piece, "t"))
            height = HEIGHTS.get(value_of(look, "vertAlign"), "level")
            runs.append((Run(text, height, is_on(look, "strike")), look is not None))
    return RichText(tuple(runs))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
