"""The styles and numbers of a Word file: which paragraph is a heading, which an item, and under which number.

Word stores no numbers with the text; they are counted as it does (ECMA-376 part 1, 17.9). In contracts they are what
a clause is called.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.ooxml import attribute, child, descendants, is_on, local, value_of
from qwen_batch.reading.parts.xml import Element

BODY_TEXT_LEVEL = 9
MAX_LEVELS = 9
BULLET = "-"

_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_PLACE = re.compile(r"%(\d)")


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph is: heading level from 1 or None, numbered by `list_id` on `level`, first on its page."""

    heading: int | None = None
    list_id: str | None = None
    level: int = 0
    breaks_page: bool = False
    style: str | None = None
    level_said: bool = True


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
        said = next((found for item in chain if (found := value_of(item, "numPr", "ilvl"))), None)
        level = said or "0"
        return Look(
            self._heading(own, chain),
            None if list_id == "0" else list_id,
            min(int(level), MAX_LEVELS - 1) if level.isdigit() else 0,
            any(is_on(item, "pageBreakBefore") for item in chain[:2]),
            value_of(own, "pStyle") or self._default,
            said is not None,
        )

    def list_of(self, style_id: str) -> str | None:
        """The list that a style of lists stands for."""
        return value_of(self._by_id.get(style_id), "pPr", "numPr", "numId")

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
    restart: int | None = None
    """The level, from 1, whose items make this one begin again; None for any above, 0 for none."""
    style: str | None = None

    def begins_again(self, level: int) -> bool:
        """Whether it does after an item of a level, from 0, above it."""
        return self.restart is None or level < self.restart


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the items of all lists of a file, in the order in which their paragraphs are asked about."""

    def __init__(self, root: Element | None, styles: Styles | None = None) -> None:
        items = [] if root is None else list(root)
        shapes = {attribute(item, "abstractNumId"): item for item in items if local(item) == "abstractNum"}
        of_list = {attribute(item, "numId"): value_of(item, "abstractNumId") for item in items if local(item) == "num"}
        abstract = {name: _List(_levels(_linked(item, shapes, of_list, styles))) for name, item in shapes.items()}
        self._lists: dict[str | None, _List] = {}
        self._own: dict[str | None, dict[int, _Level]] = defaultdict(dict)
        self._restarts: dict[str | None, dict[int, int]] = defaultdict(dict)
        for item in items:
            if local(item) == "num":
                self._num(item, abstract)

    def _num(self, item: Element, abstract: dict[str | None, _List]) -> None:
        list_id = attribute(item, "numId")
        self._lists[list_id] = abstract.get(value_of(item, "abstractNumId"), _List())
        for override in item:
            start, level = value_of(override, "startOverride"), attribute(override, "ilvl")
            if local(override) != "lvlOverride":
                continue
            self._own[list_id] |= _levels(override)
            if start and level and start.isdigit() and level.isdigit():
                self._restarts[list_id][int(level)] = int(start)

    def level(self, look: Look) -> int:
        """The level of an item; one whose style alone numbers it is on the level that names the style."""
        found = self._lists.get(look.list_id)
        if look.level_said or found is None:
            return look.level
        levels = found.levels | self._own[look.list_id]
        return next((level for level, shape in levels.items() if shape.style and shape.style == look.style), look.level)

    def marker(self, list_id: str, level: int) -> str:
        """The number of the next item as Word shows it, BULLET for a bullet, "" for an item without a mark."""
        found = self._lists.get(list_id)
        if found is None:
            return BULLET
        levels = found.levels | self._own[list_id]
        shape = levels.get(level, _Level(text=f"%{level + 1}."))
        restart = self._restarts[list_id].pop(level, None)
        first = shape.start if restart is None else restart
        found.counts[level] = found.counts[level] + 1 if level in found.counts and restart is None else first
        for deeper in [other for other in found.counts if other > level]:
            if levels.get(deeper, _Level()).begins_again(level):
                del found.counts[deeper]
        if shape.form == "bullet":
            return BULLET
        if shape.form == "none":
            return _PLACE.sub("", shape.text)
        return _PLACE.sub(lambda place: _number(found, levels, int(place[1]) - 1, shape), shape.text)


def _linked(
    abstract: Element,
    shapes: dict[str | None, Element],
    of_list: dict[str | None, str | None],
    styles: Styles | None,
) -> Element:
    """The definition that a definition without levels leaves them to, through a style of lists."""
    style = value_of(abstract, "numStyleLink")
    if style is None or styles is None:
        return abstract
    target = of_list.get(styles.list_of(style))
    return shapes.get(target, abstract)


def _levels(abstract: Element) -> dict[int, _Level]:
    levels = {}
    for item in abstract:
        number = attribute(item, "ilvl") if local(item) == "lvl" else None
        if number is not None and number.isdigit():
            start = value_of(item, "start") or "1"
            levels[int(number)] = _Level(
                int(start) if start.isdigit() else 1,
                _form(item),
                value_of(item, "lvlText") or "",
                is_on(item, "isLgl"),
                int(restart) if (restart := value_of(item, "lvlRestart")) and restart.isdigit() else None,
                value_of(item, "pStyle"),
            )
    return levels


def _form(level: Element) -> str:
    """The form of a level's numbers; newer ones stand beside one for old programs."""
    form = next(descendants(level, "numFmt"), None)
    said = attribute(form, "val") if form is not None else None
    if said == "custom":
        leading = attribute(form, "format") or ""
        return "decimalZero" if leading.startswith("0") else "decimal"
    return said or "decimal"


def _number(found: _List, levels: dict[int, _Level], level: int, asked_by: _Level) -> str:
    shape = levels.get(level, _Level())
    value = found.counts.setdefault(level, shape.start)
    return number_text(value, "decimal" if asked_by.legal else shape.form)
