"""The running text of an HTML element, as runs of one look each: fields, formulas, ruby and items in cells too."""

from __future__ import annotations

from collections.abc import Iterator

from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.marks import Run, runs_to_text
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.html.items import ListCount
from qwen_batch.reading.readers.html.look import NOT_SHOWN, Look, Looks

BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "main", "nav", "p"),
        *("section", "summary", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "option", "menu", "dir"),
    )
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = frozenset(("ul", "ol", "menu", "dir"))
APART = frozenset((*BLOCKS, *HEADINGS, *LISTS, "li", "br", "table", "pre", "text"))
"""Elements whose text does not touch the text beside them; `text` is SVG's."""
MAX_DEPTH = 200
"""Elements nested deeper are read as plain text: Python's own stack ends at about four times as many."""
CHECKED, UNCHECKED = "☒", "☐"
READINGS = frozenset(("rt", "rp", "rtc"))


def run(text: str | None, look: Look) -> Run:
    """A piece of text in a look."""
    return Run(symbols_to_text(text or "", look.font), look.height, look.struck)


class InlineText:
    """Reads the text of elements of one page."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks

    def line(self, element: Element) -> str:
        """What an element shows, on one line."""
        return " ".join(runs_to_text(self.runs(element, Look(), 0)).split())

    def field(self, element: Element, look: Look) -> Run | None:
        """What an element shows that holds no text: a picture's words, a form field's value; None for others."""
        tag = element.tag
        if tag == "img":
            return run(f" {element.get('alt') or ''} ", look)
        if tag == "input":
            return run(_input_text(element), look)
        if tag == "select":
            chosen = element.xpath(".//option[@selected]") or element.xpath(".//option")[:1]
            return run(" " + ", ".join(self.line(option) for option in chosen) + " ", look)
        if tag == "math":
            return run(formula_to_text(element), Look())
        if tag == "span" and "katex" in (element.get("class") or "").split():
            formula = next(element.iter("math"), None)  # its letters follow once more, one by one
            return run(formula_to_text(formula), Look()) if formula is not None else None
        if tag == "ruby":
            return run(self._ruby(element), look)
        return None

    def runs(self, element: Element, around: Look, depth: int) -> Iterator[Run]:
        """All text of an element in order; blocks are set apart by blanks."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag or tag in NOT_SHOWN or self._looks.hidden(element) is not None:
            return
        if depth > MAX_DEPTH:
            yield Run(" ".join(element.itertext()))
            return
        look = self._looks.look(element, around)
        if (shown := self.field(element, look)) is not None:
            yield shown
            return
        apart = [Run(" ")] if tag in APART or self._looks.apart(element) else []
        yield from apart
        if tag == "table":
            yield from self._inner_table(element, look, depth)
        elif tag in LISTS:
            yield from self._items(element, look, depth)
        else:
            yield run(element.text, look)
            for child in element:
                yield from self.runs(child, look, depth + 1)
                yield run(child.tail, look)
        yield from apart

    def _items(self, element: Element, look: Look, depth: int) -> Iterator[Run]:
        count = ListCount(element, self._looks.list_style(element))
        for child in element:
            if child.tag == "li" and self._looks.hidden(child) is None:
                yield Run(f" {count.marker(child, self._looks.list_style(child))} ")
            yield from self.runs(child, look, depth + 1)

    def _inner_table(self, table: Element, look: Look, depth: int) -> Iterator[Run]:
        """A table within a cell: its rows parted by semicolons, its cells by commas."""
        rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
        first = True
        for row in (row for row in rows if self._looks.hidden(row) is None):
            cells = [runs_to_text(self.runs(cell, look, depth + 2)) for cell in row.iterchildren("td", "th")]
            filled = [" ".join(cell.split()) for cell in cells]
            if any(filled):
                yield Run(("" if first else "; ") + ", ".join(filled))
                first = False

    def _ruby(self, element: Element) -> str:
        """The bases, then their readings in brackets."""
        bases: list[str] = [element.text or ""]
        readings: list[str] = []
        for child in element:
            if child.tag in {"rt", "rtc"}:
                readings.append("".join(child.itertext()).strip())
            elif child.tag not in READINGS and isinstance(child.tag, str):
                bases.append("".join(child.itertext()))
            bases.append((child.tail or "").strip())
        reading = "".join(readings)
        base = "".join(bases).strip()
        return f"{base}({reading})" if reading else base


def _input_text(element: Element) -> str:
    kind = (element.get("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return f" {CHECKED if element.get('checked') is not None else UNCHECKED} "
    return "" if kind in {"password", "image", "file", "hidden"} else f" {element.get('value') or ''} "
