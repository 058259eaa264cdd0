"""How the characters of a Word file look: hidden, struck, raised, in which font; by their own properties and styles.

What a style does not say it has from the one it is based on. Switches that both the paragraph's and the characters'
style turn on are off again (ECMA-376 part 1, 17.7.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from qwen_batch.reading.parts.inline.symbols import is_symbol_font
from qwen_batch.reading.parts.marks import Height
from qwen_batch.reading.parts.ooxml import attribute, child, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element

MIN_RAISED_HALF_POINTS = 4
"""Characters moved by less, to line up with a picture, are no marks."""
HEIGHTS: dict[str, Height] = {"superscript": "raised", "subscript": "lowered"}
WHITES = frozenset(("FFFFFF", "FEFEFE"))
CLEAR = frozenset(("", "AUTO", *WHITES))
NO_PATTERNS = frozenset(("", "clear", "nil"))
MIN_HALF_POINTS = 4
SWITCHES = ("vanish", "strike", "dstrike")


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look; `font` is a symbol font's name, None for letters."""

    hidden: bool = False
    struck: bool = False
    height: Height = "level"
    font: str | None = None
    white: bool = False
    """White letters, on whatever they stand."""
    tiny: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """What one place says of characters; None for what it leaves to others."""

    vanish: bool | None = None
    strike: bool | None = None
    dstrike: bool | None = None
    height: Height | None = None
    font: str | None = None
    ink: str | None = None
    half_points: int | None = None
    on_colour: bool | None = None

    def over(self, below: _Said) -> _Said:
        """This where it says something, else what `below` says."""
        return _Said(
            below.vanish if self.vanish is None else self.vanish,
            below.strike if self.strike is None else self.strike,
            below.dstrike if self.dstrike is None else self.dstrike,
            below.height if self.height is None else self.height,
            below.font if self.font is None else self.font,
            below.ink if self.ink is None else self.ink,
            below.half_points if self.half_points is None else self.half_points,
            below.on_colour if self.on_colour is None else self.on_colour,
        )


_NOTHING = _Said()


class Characters:
    """The looks that a file's styles give to characters."""

    def __init__(self, styles: Element | None) -> None:
        items = list(styles) if styles is not None else []
        self._styles = {attribute(item, "styleId"): item for item in items if local(item) == "style"}
        defaults = next((item for item in items if local(item) == "docDefaults"), None)
        self._default = _said(child(defaults, "rPrDefault", "rPr"))
        self._paragraph = next(
            (
                name
                for name, style in self._styles.items()
                if attribute(style, "type") == "paragraph" and attribute(style, "default") in {"1", "true"}
            ),
            None,
        )
        self._of_style: dict[str | None, _Said] = {}
        self._of_both: dict[tuple[str | None, str | None], _Said] = {}

    def look(self, run_properties: Element | None, paragraph_style: str | None) -> Look:
        """The look of a run in a paragraph of a style."""
        own = _said(run_properties)
        said = own.over(self._styled(paragraph_style or self._paragraph, value_of(run_properties, "rStyle")))
        return Look(
            bool(said.vanish),
            bool(said.strike) or bool(said.dstrike),
            said.height or "level",
            said.font or None,
            said.ink in WHITES and not said.on_colour,
            said.half_points is not None and said.half_points < MIN_HALF_POINTS,
        )

    def _styled(self, paragraph_style: str | None, character_style: str | None) -> _Said:
        key = paragraph_style, character_style
        if key not in self._of_both:
            above, below = self._style(character_style), self._style(paragraph_style)
            switches = {
                name: getattr(above, name) ^ getattr(below, name)
                for name in SWITCHES
                if getattr(above, name) is not None and getattr(below, name) is not None
            }
            self._of_both[key] = replace(above.over(below), **switches).over(self._default)
        return self._of_both[key]

    def _style(self, name: str | None) -> _Said:
        if name not in self._of_style:
            said = _NOTHING
            for style in self._chain(name):
                said = said.over(_said(child(style, "rPr")))
                if said.on_colour is None and is_shaded(child(style, "pPr")):
                    said = replace(said, on_colour=True)
            self._of_style[name] = said
        return self._of_style[name]

    def _chain(self, name: str | None) -> Iterator[Element]:
        seen: set[str | None] = set()
        while name in self._styles and name not in seen:
            seen.add(name)
            yield self._styles[name]
            name = value_of(self._styles[name], "basedOn")


def _said(properties: Element | None) -> _Said:
    if properties is None or not len(properties):
        return _NOTHING
    names = {local(item) for item in properties}
    vanish, strike, dstrike = (is_on(properties, name) if name in names else None for name in SWITCHES)
    size = value_of(properties, "sz") if "sz" in names else None
    return _Said(
        vanish,
        strike,
        dstrike,
        _height(properties, names),
        _font(properties) if "rFonts" in names else None,
        (value_of(properties, "color") or "").upper() if "color" in names else None,
        int(size) if size is not None and size.isdigit() else None,
        is_shaded(properties) or "highlight" in names if names & {"shd", "highlight"} else None,
    )


def is_shaded(properties: Element | None) -> bool:
    """Whether a run, a paragraph or a cell has a colour of its own behind it."""
    shade = child(properties, "shd")
    if shade is None:
        return False
    fill, pattern = (attribute(shade, name) or "" for name in ("fill", "val"))
    return fill.upper() not in CLEAR or attribute(shade, "themeFill") is not None or pattern not in NO_PATTERNS


def _height(properties: Element, names: set[str]) -> Height | None:
    if "vertAlign" in names:
        return HEIGHTS.get(value_of(properties, "vertAlign") or "", "level")
    if "position" in names:
        moved = value_of(properties, "position") or ""
        if moved.lstrip("-").isdigit() and abs(int(moved)) >= MIN_RAISED_HALF_POINTS:
            return "lowered" if moved.startswith("-") else "raised"
    return None


def _font(properties: Element) -> str | None:
    """The symbol font, "" for one of letters, None where nothing is said."""
    fonts = child(properties, "rFonts")
    named = [font for name in ("ascii", "hAnsi") if (font := attribute(fonts, name))]
    if not named:
        return None
    return next(filter(is_symbol_font, named), "")
