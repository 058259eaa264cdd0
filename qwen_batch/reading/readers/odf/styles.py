"""The styles of an OpenDocument file: what is hidden, struck, raised, first on its page; how lists are numbered.

What a style does not say it has from its parent (ODF 1.3 part 3, 16).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.marks import Height
from qwen_batch.reading.parts.ooxml import attribute, child, descendants, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.lists import BULLET, Level, levels_of
from qwen_batch.records import HiddenKind

MAX_PARENTS = 30
USUAL_PT, MIN_PT = 12.0, 2.0
BEHIND = ("{*}page-layout-properties", "{*}graphic-properties", "{*}background-image")
CLEAR = frozenset(("", "transparent", "#ffffff"))
WHITES = frozenset(("#ffffff", "#fefefe"))
_POINTS = re.compile(r"([\d.]+)pt")


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look."""

    hidden: bool = False
    struck: bool = False
    height: Height = "level"
    font: str = ""
    ink: str = ""
    paper: str = ""
    size_pt: float = USUAL_PT

    @property
    def unseen(self) -> HiddenKind | None:
        """Why nobody sees text on white, None for text that is seen."""
        if self.hidden:
            return "run"
        if self.paper in CLEAR and self.ink in WHITES:
            return "white"
        return "tiny" if self.size_pt < MIN_PT else None


@dataclass(slots=True)
class Styles:
    """All styles of a file, those of the text itself over the shared ones."""

    _by_name: dict[tuple[str | None, str | None], Element] = field(default_factory=dict)
    _families: dict[str, str] = field(default_factory=dict)
    _lists: dict[str | None, dict[int, Level]] = field(default_factory=dict)
    outline: dict[int, Level] = field(default_factory=dict)
    unseen: set[str | None] = field(default_factory=set)
    """The layers of drawings that are not shown."""
    coloured: bool = False
    """Whether something may lie behind the text of pages."""

    def add(self, roots: Iterable[Element | None]) -> None:
        """Takes in the styles below some elements."""
        for item in (item for root in roots if root is not None for item in root):
            if local(item) == "style":
                self._by_name[attribute(item, "family"), attribute(item, "name")] = item
            elif local(item) == "list-style":
                self._lists[attribute(item, "name")] = dict(levels_of(item))
            elif local(item) == "outline-style":
                self.outline = dict(levels_of(item))

    def add_fonts(self, root: Element) -> None:
        """Takes in the names that a part gives to fonts."""
        self._families |= font_families(root)

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
        ink, paper, size = first("color"), first("background-color"), _POINTS.fullmatch(first("font-size") or "")
        return Look(
            above.hidden if display is None else display == "none",
            above.struck if line is None else line != "none",
            above.height if position is None else _height(position),
            above.font if font is None else self._families.get(font, font).strip("'"),
            above.ink if ink is None else ink.lower(),
            above.paper if paper in {None, "transparent"} else (paper or "").lower(),
            float(size[1]) if size else above.size_pt,
        )

    def paper(self, family: str, name: str | None) -> str:
        """The colour behind paragraphs or cells of a style, "" for none."""
        for style in self._chain(family, name):
            for kind in ("paragraph-properties", "table-cell-properties", "table-properties", "table-row-properties"):
                if (found := child(style, kind)) is not None and (paper := attribute(found, "background-color")):
                    return paper.lower()
        return ""

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

    def hides_master(self, name: str | None) -> bool:
        """Whether a slide of that style shows nothing of its kind of page."""
        found = (child(style, "drawing-page-properties") for style in self._chain("drawing-page", name))
        return any(attribute(one, "background-objects-visible") == "false" for one in found if one is not None)

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


def font_families(root: Element) -> dict[str, str]:
    """The families of fonts by the names under which a part uses them (ODF 1.3 part 3, 16.23)."""
    listed = child(root, "font-face-decls")
    found = (
        (attribute(face, "name") or "", attribute(face, "font-family") or "")
        for face in (listed if listed is not None else ())
    )
    return {name: family.strip("'\"") for name, family in found if family}


def _height(position: str) -> Height:
    first = position.split(maxsplit=1)[0] if position.split() else "0%"
    if first in {"super", "sub"}:
        return "raised" if first == "super" else "lowered"
    try:
        value = float(first.rstrip("%"))
    except ValueError:
        return "level"
    return "raised" if value > 0 else "lowered" if value < 0 else "level"


def styles_of(content: Element, shared: Element | None) -> Styles:
    """The styles of a file by its two parts with styles."""
    styles = Styles()
    for root in (shared, content):
        if root is not None:
            styles.add_fonts(root)
            styles.add([child(root, "styles"), child(root, "automatic-styles")])
            styles.coloured = styles.coloured or any(map(_lies_behind, root.iter(*BEHIND)))
            layers = child(root, "master-styles", "layer-set")
            for layer in layers if layers is not None else ():
                if attribute(layer, "display") in {"none", "printer"}:
                    styles.unseen.add(attribute(layer, "name"))
    return styles


def _lies_behind(properties: Element) -> bool:
    """Whether pages are coloured, or a drawing runs through behind the text."""
    if local(properties) == "background-image":
        return attribute(properties, "href") is not None
    colour = (attribute(properties, "background-color") or "").lower() if "page" in local(properties) else ""
    return colour not in CLEAR or attribute(properties, "run-through") == "background"


def master_pages(shared: Element | None) -> dict[str | None, Element]:
    """The kinds of page, or of slide, by their names."""
    found = child(shared, "master-styles")
    return {
        attribute(item, "name"): item for item in (found if found is not None else ()) if local(item) == "master-page"
    }


def words_of(element: Element) -> str:
    """All words below an element, on one line."""
    is_text = local(element) in {"p", "h"}
    found = [element] if is_text else list(descendants(element, "p")) or [element]
    return " ".join(" ".join("".join(item.itertext()).split()) for item in found).strip()
