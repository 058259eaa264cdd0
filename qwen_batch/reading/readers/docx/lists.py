"""The styles and numbers of a Word file: which paragraph is a heading, which an item, and under which number.

Word stores no numbers with the text; they are counted as it does (ECMA-376 part 1, 17.9). In contracts they are what
a clause is called.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from qwen_batch.reading.parts.ooxml import attribute, child, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element

BODY_TEXT_LEVEL = 9
MAX_LEVELS = 9
BULLET = "-"

_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_PLACE = re.compile(r"%(\d)")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_ONES = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
CHINESE_FORMS = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital"}
MAX_CHINESE = 99
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph is: heading level from 1 or None, numbered by `list_id` on `level`, first on its page."""

    heading: int | None = None
    list_id: str | None = None
    level: int = 0
    breaks_page: bool = False


class Styles:
    """The paragraph styles of a file; what a style does not say it has from the one it is based on."""

    def __init__(self, root: Element | None) -> None:
        styles = [item for item in (root if root is not None else ()) if local(item) == "style"]
        self._by_id = {attribute(style, "styleId"): style for style in styles}
        defaults = [style for style in styles if attribute(style, "default") in {"1", "true"}]
        paragraph = [style for style in defaults if attribute(style, "type") == "paragraph"]
        self._default = attribute(paragraph[0], "styleId") if paragraph else None

    def look(self, paragraph: Element) -> Look:
        """What a paragraph is, by its own properties and its style."""
        own = child(paragraph, "pPr")
        chain = [own, *self._chain(value_of(own, "pStyle") or self._default)]
        list_id = next((found for item in chain if (found := value_of(item, "numPr", "numId"))), None)
        level = next((found for item in chain if (found := value_of(item, "numPr", "ilvl"))), "0")
        return Look(
            self._heading(own, chain),
            None if list_id == "0" else list_id,
            min(int(level), MAX_LEVELS - 1) if level.isdigit() else 0,
            any(is_on(item, "pageBreakBefore") for item in chain[:2]),
        )

    def _chain(self, style_id: str | None) -> list[Element | None]:
        """The paragraph properties of a style and of those it is based on, the nearest first."""
        found: list[Element | None] = []
        seen: set[str | None] = set()
        while style_id in self._by_id and style_id not in seen:
            seen.add(style_id)
            style = self._by_id[style_id]
            found.append(child(style, "pPr"))
            style_id = value_of(style, "basedOn")
        return found

    def _heading(self, own: Element | None, chain: list[Element | None]) -> int | None:
        level = next((found for item in chain if (found := value_of(item, "outlineLvl"))), None)
        if level is not None and level.isdigit():
            return int(level) + 1 if int(level) < BODY_TEXT_LEVEL else None
        name = value_of(self._by_id.get(value_of(own, "pStyle")), "name") or ""
        if named := _HEADING_NAME.fullmatch(name):
            return int(named[1])
        return 1 if name.lower() == "title" else None


@dataclass(slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = "%1."
    legal: bool = False


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the items of all lists of a file, in the order in which their paragraphs are asked about."""

    def __init__(self, root: Element | None) -> None:
        items = [] if root is None else list(root)
        abstract = {
            attribute(item, "abstractNumId"): _List(_levels(item)) for item in items if local(item) == "abstractNum"
        }
        self._lists: dict[str | None, _List] = {}
        self._restarts: dict[str | None, dict[int, int]] = defaultdict(dict)
        for item in items:
            if local(item) != "num":
                continue
            list_id = attribute(item, "numId")
            self._lists[list_id] = abstract.get(value_of(item, "abstractNumId"), _List())
            for override in item:
                start = value_of(override, "startOverride")
                level = attribute(override, "ilvl")
                if local(override) == "lvlOverride" and start and level and start.isdigit() and level.isdigit():
                    self._restarts[list_id][int(level)] = int(start)

    def marker(self, list_id: str, level: int) -> str:
        """The number of the next item as Word shows it, BULLET for a bullet, "" for an item without a mark."""
        found = self._lists.get(list_id)
        if found is None:
            return BULLET
        shape = found.levels.get(level, _Level(text=f"%{level + 1}."))
        restart = self._restarts[list_id].pop(level, None)
        first = shape.start if restart is None else restart
        found.counts[level] = found.counts[level] + 1 if level in found.counts and restart is None else first
        for deeper in [other for other in found.counts if other > level]:
            del found.counts[deeper]
        if shape.form == "bullet":
            return BULLET
        return (
            ""
            if shape.form == "none"
            else _PLACE.sub(lambda place: _number(found, int(place[1]) - 1, shape), shape.text)
        )


def _levels(abstract: Element) -> dict[int, _Level]:
    levels = {}
    for item in abstract:
        number = attribute(item, "ilvl") if local(item) == "lvl" else None
        if number is not None and number.isdigit():
            start = value_of(item, "start") or "1"
            levels[int(number)] = _Level(
                int(start) if start.isdigit() else 1,
                value_of(item, "numFmt") or "decimal",
                value_of(item, "lvlText") or "",
                is_on(item, "isLgl"),
            )
    return levels


def _number(found: _List, level: int, asked_by: _Level) -> str:
    shape = found.levels.get(level, _Level())
    value = found.counts.setdefault(level, shape.start)
    return number_text(value, "decimal" if asked_by.legal else shape.form)


def number_text(value: int, form: str) -> str:
    """A number as Word writes it in one of its formats; decimal for those not known here."""
    if value > 0 and form in {"lowerLetter", "upperLetter"}:
        letters = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if value > 0 and form in {"lowerRoman", "upperRoman"}:
        roman = _roman(value)
        return roman.upper() if form == "upperRoman" else roman
    if 0 < value <= MAX_CHINESE and form in CHINESE_FORMS:
        tens, ones = divmod(value, 10)
        digit = "" if tens <= 1 else _DIGITS[tens]
        return f"{digit}{'十' if tens else ''}{_DIGITS[ones] if ones else ''}"
    return f"{value:02}" if form == "decimalZero" else str(value)


def _roman(value: int) -> str:
    text = ""
    for size, letters in (*_ROMAN, *_ROMAN_ONES):
        count, value = divmod(value, size)
        text += letters * count
    return text
