"""The styles of an OpenDocument file: what is hidden, struck, raised, first on its page; how lists are numbered.

What a style does not say it has from its parent (ODF 1.3 part 3, 16).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.marks import Height
from qwen_batch.reading.parts.ooxml import attribute, child, descendants, local
from qwen_batch.reading.parts.xml import Element

MAX_PARENTS = 30
BULLET = "-"
_PLACE = re.compile(r"%(\d+)%")
FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
FORMS |= {"一, 二, 三, ...": "chineseCounting", "١, ٢, ٣, ٤, ...": "decimal"}


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look."""

    hidden: bool = False
    struck: bool = False
    height: Height = "level"
    font: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: `form` is Word's name of the number's form, "" for none, BULLET for a bullet.

    `pattern` has "%2%" where the number of the second level stands.
    """

    form: str
    before: str = ""
    after: str = ""
    start: int = 1
    shown_levels: int = 1
    pattern: str = ""


@dataclass(slots=True)
class Styles:
    """All styles of a file, those of the text itself over the shared ones."""

    _by_name: dict[tuple[str | None, str | None], Element] = field(default_factory=dict)
    _lists: dict[str | None, dict[int, Level]] = field(default_factory=dict)
    outline: dict[int, Level] = field(default_factory=dict)

    def add(self, roots: Iterable[Element | None]) -> None:
        """Takes in the styles below some elements."""
        for item in (item for root in roots if root is not None for item in root):
            if local(item) == "style":
                self._by_name[attribute(item, "family"), attribute(item, "name")] = item
            elif local(item) == "list-style":
                self._lists[attribute(item, "name")] = dict(_levels(item))
            elif local(item) == "outline-style":
                self.outline = dict(_levels(item))

    def look(self, family: str, name: str | None, above: Look | None = None) -> Look:
        """How text of a style looks within text that looks like `above`."""
        above = above or Look()
        properties = [child(style, "text-properties") for style in self._chain(family, name)]

        def first(*names: str) -> str | None:
            found = (attribute(one, wanted) for one in properties if one is not None for wanted in names)
            return next((value for value in found if value is not None), None)

        display, line = first("display"), first("text-line-through-style", "text-line-through-type")
        position = first("text-position")
        font = first("font-name", "font-family")
        return Look(
            above.hidden if display is None else display == "none",
            above.struck if line is None else line != "none",
            above.height if position is None else _height(position),
            above.font if font is None else font.strip("'"),
        )

    def breaks_page(self, name: str | None) -> bool:
        """Whether a paragraph of that style begins a page."""
        for style in self._chain("paragraph", name):
            if attribute(style, "master-page-name"):
                return True
            found = (
                attribute(properties, "break-before")
                if (properties := child(style, "paragraph-properties")) is not None
                else None
            )
            if found is not None:
                return found == "page"
        return False

    def master_page(self, name: str | None) -> str | None:
        """The kind of page that begins with a paragraph of that style, None if it goes on."""
        return next(
            (found for one in self._chain("paragraph", name) if (found := attribute(one, "master-page-name"))), None
        )

    def list_of(self, name: str | None) -> str | None:
        """The list that paragraphs of that style are items of."""
        return next(
            (found for one in self._chain("paragraph", name) if (found := attribute(one, "list-style-name"))), None
        )

    def heading_level(self, name: str | None) -> int | None:
        """The level of a heading, 1 for a title; None for other paragraphs."""
        for style in self._chain("paragraph", name):
            if (level := attribute(style, "default-outline-level")) and level.isdigit():
                return int(level)
            if attribute(style, "name") == "Title":
                return 1
        return None

    def is_hidden(self, family: str, name: str | None) -> bool:
        """Whether slides or sections of that style are not shown."""
        kinds = ("drawing-page-properties", "section-properties", "graphic-properties")
        found = [child(style, kind) for style in self._chain(family, name) for kind in kinds]
        return any(
            attribute(one, "visibility") == "hidden" or attribute(one, "display") == "none"
            for one in found
            if one is not None
        )

    def level(self, list_name: str | None, level: int) -> Level:
        """How the items on a level of a list, from 1, are numbered."""
        return self._lists.get(list_name, {}).get(level, Level(BULLET))

    def _chain(self, family: str, name: str | None) -> Iterator[Element]:
        for _ in range(MAX_PARENTS):
            style = self._by_name.get((family, name))
            if style is None:
                return
            yield style
            name = attribute(style, "parent-style-name")


def _height(position: str) -> Height:
    first = position.split(maxsplit=1)[0] if position.split() else "0%"
    if first in {"super", "sub"}:
        return "raised" if first == "super" else "lowered"
    try:
        value = float(first.rstrip("%"))
    except ValueError:
        return "level"
    return "raised" if value > 0 else "lowered" if value < 0 else "level"


def _levels(style: Element) -> Iterator[tuple[int, Level]]:
    for item in style:
        number = attribute(item, "level") or ""
        if not number.isdigit():
            continue
        if local(item) not in {"list-level-style-number", "outline-level-style"}:
            yield int(number), Level(BULLET)
            continue
        start, shown = attribute(item, "start-value") or "1", attribute(item, "display-levels") or "1"
        yield (
            int(number),
            Level(
                FORMS.get(attribute(item, "num-format") or "", ""),
                attribute(item, "num-prefix") or "",
                attribute(item, "num-suffix") or "",
                int(start) if start.isdigit() else 1,
                int(shown) if shown.isdigit() else 1,
                attribute(item, "num-list-format") or "",
            ),
        )


@dataclass(slots=True)
class Counter:
    """Counts the items of one list, or the headings of a file."""

    counts: dict[int, int] = field(default_factory=dict)

    def marker(self, levels: Styles, list_name: str | None, level: int, start: int | None = None) -> str:
        """The number of the next item on a level, as it is shown; `list_name` None is the headings' own list."""

        def of(at: int) -> Level:
            return levels.outline.get(at, Level("")) if list_name is None else levels.level(list_name, at)

        shape = of(level)
        before = self.counts.get(level)
        self.counts[level] = start if start is not None else shape.start if before is None else before + 1
        for deeper in [one for one in self.counts if one > level]:
            del self.counts[deeper]
        if shape.form in {"", BULLET}:
            return shape.form
        if shape.pattern:
            return _PLACE.sub(lambda place: self._number(int(place[1]), of(int(place[1]))), shape.pattern).strip()
        shown = range(max(level - shape.shown_levels + 1, 1), level + 1)
        numbers = [self._number(at, of(at)) for at in shown if of(at).form]
        return f"{shape.before}{'.'.join(numbers)}{shape.after}"

    def _number(self, level: int, shape: Level) -> str:
        return number_text(self.counts.setdefault(level, shape.start), shape.form) if shape.form else ""


def styles_of(content: Element, shared: Element | None) -> Styles:
    """The styles of a file by its two parts with styles."""
    styles = Styles()
    for root in (shared, content):
        if root is not None:
            styles.add([child(root, "styles"), child(root, "automatic-styles")])
    return styles


def words_of(element: Element) -> str:
    """All words below an element, on one line."""
    found = list(descendants(element, "p")) or [element]
    return " ".join(" ".join("".join(item.itertext()).split()) for item in found).strip()
