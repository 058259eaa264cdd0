"""What the styles of an OpenDocument file say that changes what is read: raised, struck out, hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.reading.parts.inline.symbols import symbols_to_text
from qwen_batch.reading.parts.marks import Height, Run, runs_to_text
from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.styles import CLEAR, WHITES, font_families

MAX_SPACES = 100
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Look:
    """What a style says of characters, cells and sheets; None where it leaves it to its parent."""

    height: Height | None = None
    struck: bool | None = None
    hidden: bool = False
    parent: str = ""
    master: str = ""
    ink: str = ""
    paper: str = ""
    font: str = ""


class Looks:
    """The styles of a file by their names."""

    def __init__(self, by_name: dict[str, Look]) -> None:
        self._by_name = by_name

    def of(self, style: str) -> Look:
        """What a style says for itself."""
        return self._by_name.get(style, Look())

    def paragraph(self, paragraph: Element, style: str) -> str:
        """The text of a paragraph in a cell of a style."""
        return runs_to_text(self._runs(paragraph, [style], 0))

    def _runs(self, element: Element, styles: list[str], depth: int) -> Iterator[Run]:
        yield self._run(element.text, styles)
        for item in element:
            name = local(item)
            if name == "s":
                yield self._run(" " * min(count_of(item, "c"), MAX_SPACES), styles)
            elif name in {"tab", "line-break"}:
                yield self._run("\n" if name == "line-break" else " ", styles)
            elif name not in {"annotation", "note", "ruby-text"} and depth < MAX_DEPTH:
                yield from self._runs(item, [*styles, attribute(item, "style-name") or ""], depth + 1)
            yield self._run(item.tail, styles)

    def _run(self, text: str | None, styles: list[str]) -> Run:
        height: Height = "level"
        struck = False
        font = ""
        for style in styles if text else ():
            for look in reversed(list(self._ancestry(style))):
                height = look.height if look.height is not None else height
                struck = look.struck if look.struck is not None else struck
                font = look.font or font
        return Run(symbols_to_text(text or "", font), height, struck)

    def _ancestry(self, style: str) -> Iterator[Look]:
        for _ in range(MAX_DEPTH):
            look = self._by_name.get(style)
            if look is None:
                return
            yield look
            style = look.parent

    def is_white(self, style: str) -> bool:
        """Whether cells of a style have white letters on no colour or white."""
        looks = list(self._ancestry(style))
        ink = next((look.ink for look in looks if look.ink), "")
        paper = next((look.paper for look in looks if look.paper), "")
        return ink in WHITES and paper in CLEAR


def looks_of(root: Element) -> dict[str, Look]:
    """The styles of a part by their names."""
    looks = {}
    families = font_families(root)
    for kind in ("automatic-styles", "styles"):
        listed = child(root, kind)
        for style in listed if listed is not None else ():
            if local(style) != "style":
                continue
            text, table = child(style, "text-properties"), child(style, "table-properties")
            position = (attribute(text, "text-position") or "").split() if text is not None else []
            line = (
                attribute(text, "text-line-through-style") or attribute(text, "text-line-through-type")
                if text is not None
                else None
            )
            looks[attribute(style, "name") or ""] = Look(
                _height(position[0]) if position else None,
                None if line is None else line != "none",
                table is not None and attribute(table, "display") == "false",
                attribute(style, "parent-style-name") or "",
                attribute(style, "master-page-name") or "",
                _colour(text, "color"),
                _colour(child(style, "table-cell-properties"), "background-color"),
                families.get(_said(text, "font-name"), _said(text, "font-name")),
            )
    return looks


def _colour(properties: Element | None, name: str) -> str:
    return _said(properties, name).lower()


def _said(properties: Element | None, name: str) -> str:
    return (attribute(properties, name) or "") if properties is not None else ""


def _height(position: str) -> Height:
    if position in {"super", "sub"}:
        return "raised" if position == "super" else "lowered"
    share = position.rstrip("%")
    value = float(share) if share.lstrip("-").replace(".", "", 1).isdigit() else 0
    return "raised" if value > 0 else "lowered" if value < 0 else "level"


def count_of(item: Element, name: str) -> int:
    """How often something repeats or how far it spans."""
    told = attribute(item, name)
    return max(int(told), 1) if told and told.isdigit() else 1
