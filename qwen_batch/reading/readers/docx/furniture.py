"""Which header and footer stands on which page of a Word file (ECMA-376 part 1, 17.10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import Package, attribute, is_on, local, relation_id
from qwen_batch.reading.parts.writer import PageDraft
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.docx.text import paragraph_text, shown_children
from qwen_batch.records import Line, Page

Place = Literal["header", "footer"]


class Furniture:
    """The headers and footers of a file's sections, a section without one having that of the section before."""

    def __init__(self, package: Package, part: str, sections: Sequence[Element]) -> None:
        targets = {relation.id: relation for relation in package.relations(part)}
        settings = next((item.target for item in targets.values() if item.kind == "settings"), None)
        root = package.tree(settings) if settings else None
        self._even = root is not None and is_on(root, "evenAndOddHeaders")
        self._first = [is_on(section, "titlePg") for section in sections]
        self._lines: list[dict[tuple[str, str], tuple[Line, ...]]] = []
        before: dict[tuple[str, str], tuple[Line, ...]] = {}
        for section in sections:
            before = dict(before)
            for item in section:
                place = local(item).removesuffix("Reference")
                relation = targets.get(relation_id(item) or "")
                if place in {"header", "footer"} and relation is not None:
                    tree = package.tree(relation.target)
                    key = place, attribute(item, "type") or "default"
                    before[key] = tuple(_lines(tree, "header" if place == "header" else "footer"))
            self._lines.append(before)

    def on_pages(self, pages: Sequence[Page], drafts: Sequence[PageDraft]) -> tuple[Page, ...]:
        """The pages with their headers above and footers below the text; `drafts` know the pages' sections."""
        if not self._lines:
            return tuple(pages)
        done = []
        for index, page in enumerate(pages):
            section = min(drafts[index].section, len(self._lines) - 1)
            opens = index == 0 or drafts[index - 1].section != drafts[index].section
            kind = "first" if opens and self._first[section] else "default"
            if kind == "default" and self._even and page.number % 2 == 0:
                kind = "even"
            header = self._lines[section].get(("header", kind), ())
            footer = self._lines[section].get(("footer", kind), ())
            done.append(replace(page, lines=(*header, *page.lines, *footer)))
        return tuple(done)


def _lines(root: Element | None, place: Place) -> Iterator[Line]:
    for text in _texts(root) if root is not None else ():
        for line in text.splitlines():
            if line.strip():
                yield Line(" ".join(line.split()), NO_BOX, kind=place)


def _texts(container: Element) -> Iterable[str]:
    """One text a paragraph, one a row of a table."""
    for block in shown_children(container):
        if local(block) == "p":
            found = paragraph_text(block)
            yield found.text
            for box in found.boxes:
                yield from _texts(box)
        elif local(block) == "tbl":
            for row in (row for row in shown_children(block) if local(row) == "tr"):
                yield "  ".join(" ".join(_texts(cell)) for cell in shown_children(row) if local(cell) == "tc")
