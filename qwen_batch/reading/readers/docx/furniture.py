"""Which header and footer stands on which page of a Word file (ECMA-376 part 1, 17.10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import Package, attribute, is_on, local, relation_id
from qwen_batch.reading.parts.writer import PageDraft
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.docx.text import Story, shown_children
from qwen_batch.records import HiddenText, Line, Page

Place = Literal["header", "footer"]


@dataclass(slots=True)
class _Strip:
    """A header or a footer: what it shows, what it hides, the parts of the file with its pictures."""

    lines: tuple[Line, ...] = ()
    hidden: list[HiddenText] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)


_EMPTY = _Strip()


class Furniture:
    """The headers and footers of a file's sections, a section without one having that of the section before."""

    def __init__(
        self, package: Package, part: str, sections: Sequence[Element], story: Callable[[Element], Story]
    ) -> None:
        targets = {relation.id: relation for relation in package.relations(part)}
        settings = next((item.target for item in targets.values() if item.kind == "settings"), None)
        root = package.tree(settings) if settings else None
        self._even = root is not None and is_on(root, "evenAndOddHeaders")
        self._first = [is_on(section, "titlePg") for section in sections]
        self._package = package
        self._story = story
        self._strips: list[dict[tuple[str, str], _Strip]] = []
        before: dict[tuple[str, str], _Strip] = {}
        for section in sections:
            before = dict(before)
            for item in section:
                place = local(item).removesuffix("Reference")
                relation = targets.get(relation_id(item) or "")
                if place in {"header", "footer"} and relation is not None:
                    key = place, attribute(item, "type") or "default"
                    before[key] = self._strip(relation.target, "header" if place == "header" else "footer")
            self._strips.append(before)

    def _strip(self, part: str, place: Place) -> _Strip:
        root = self._package.tree(part)
        if root is None:
            return _EMPTY
        strip = _Strip()
        pictures: list[str] = []
        strip.lines = tuple(_lines(self._story(root), root, place, strip.hidden, pictures))
        targets = {relation.id: relation.target for relation in self._package.relations(part)} if pictures else {}
        strip.pictures = [targets[picture] for picture in pictures if picture in targets]
        return strip

    def on_pages(self, pages: Sequence[Page], drafts: Sequence[PageDraft]) -> tuple[Page, ...]:
        """The pages with their headers above and footers below the text; `drafts` know the pages' sections.

        What a header hides, and the pictures in it, are told of on the first page that has it.
        """
        if not self._strips:
            return tuple(pages)
        done = []
        told: set[int] = set()
        for index, page in enumerate(pages):
            section = min(drafts[index].section, len(self._strips) - 1)
            opens = index == 0 or drafts[index - 1].section != drafts[index].section
            kind = "first" if opens and self._first[section] else "default"
            if kind == "default" and self._even and page.number % 2 == 0:
                kind = "even"
            header = self._strips[section].get(("header", kind), _EMPTY)
            footer = self._strips[section].get(("footer", kind), _EMPTY)
            new = [strip for strip in (header, footer) if id(strip) not in told]
            told |= {id(strip) for strip in new}
            drafts[index].furniture_pictures.extend(picture for strip in new for picture in strip.pictures)
            hidden = tuple(piece for strip in new for piece in strip.hidden)
            more = self._of_other_pages(section, {id(header), id(footer)}) if len(pages) == 1 else ()
            lines = (*header.lines, *more, *page.lines, *footer.lines)
            done.append(replace(page, lines=lines, hidden=(*page.hidden, *hidden)))
        return tuple(done)

    def _of_other_pages(self, section: int, shown: set[int]) -> Iterator[Line]:
        """The heads and feet of further pages, of a file in which no program has noted where its pages end."""
        for (_, kind), strip in self._strips[section].items():
            asked = {"first": self._first[section], "even": self._even}.get(kind, True)
            if asked and id(strip) not in shown:
                yield from strip.lines


def _lines(story: Story, root: Element, place: Place, hidden: list[HiddenText], pictures: list[str]) -> Iterator[Line]:
    for text in _texts(story, root, hidden, pictures):
        for line in text.splitlines():
            if line.strip():
                yield Line(" ".join(line.split()), NO_BOX, kind=place)


def _texts(story: Story, container: Element, hidden: list[HiddenText], pictures: list[str]) -> Iterable[str]:
    """One text a paragraph, one a row of a table."""
    for block in story.blocks(container):
        if block.found is not None:
            yield block.found.text
            yield from block.found.drawn
            hidden.extend(block.found.hidden)
            pictures.extend(block.found.pictures)
            for box in block.found.boxes:
                yield from _texts(story, box, hidden, pictures)
        elif local(block.element) == "tbl":
            for row in (row for row in shown_children(block.element) if local(row) == "tr"):
                cells = (cell for cell in shown_children(row) if local(cell) == "tc")
                yield "  ".join(" ".join(_texts(story, cell, hidden, pictures)) for cell in cells)
