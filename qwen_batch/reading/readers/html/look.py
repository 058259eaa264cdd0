"""How an element and its text look in a browser: seen or not, struck, raised, in a symbol font."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from qwen_batch.reading.parts.inline.symbols import is_symbol_font
from qwen_batch.reading.parts.marks import Height
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.html.css import SheetOf, Styles
from qwen_batch.reading.readers.html.generated import put_in
from qwen_batch.reading.readers.html.shapes import shape_tables
from qwen_batch.reading.readers.html.unseen import Hide, take_out
from qwen_batch.records import HiddenKind

NOT_SHOWN = frozenset(
    ("script", "style", "template", "noscript", "head", "iframe", "object", "datalist", "noframes", "audio", "video")
)
STRUCK = frozenset(("s", "strike", "del"))
RAISED: dict[str, Height] = {"sup": "raised", "sub": "lowered"}
ALIGNED: dict[str, Height] = {"super": "raised", "sub": "lowered", "text-top": "raised", "text-bottom": "lowered"}
OFF_SCREEN = re.compile(r"-\d{4,}(?:\.\d+)?(?:px|pt)?|-\d{3,}(?:em|rem|%|vw)|-999(?:px|pt)?")
_NOTHING = re.compile(r"0(?:\.0*)?(?:px|pt|em|rem|%)?")
_CLIPPED = re.compile(
    r"rect\(\s*[01](?:px)?(?:\s*,?\s*[01](?:px)?){3}\s*\)|inset\(\s*(?:50|100)%.*|circle\(\s*0(?:px|%)?(?:\s.*)?\)"
)
_MOVED = re.compile(r"scale[xy]?\(\s*0\s*[,)]|translate(?:x|y|3d)?\(\s*-\d{4,}(?:\.\d+)?(?:px|pt)")
_SMALL = re.compile(
    r"(?:0?\.[0-8]\d*r?em|[1-8]?\d(?:\.\d+)?%|[1-8](?:\.\d+)?pt|(?:\d|10)(?:\.\d+)?px|smaller|x{1,2}-small)"
)
"""Sizes of letters that are smaller than those around them."""
_SHIFT = re.compile(r"([-+]?)(\d*\.?\d+)(r?em|px|pt|%|ex)")
BLOCKY = frozenset(("block", "flex", "grid", "list-item", "table", "table-row"))
BOXES = frozenset(("flex", "grid", "inline-flex", "inline-grid"))
APART = frozenset(("inline-block", "inline-flex", "inline-grid", "inline-table", "table-cell"))


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks; `font` is a symbol font's name."""

    height: Height = "level"
    struck: bool = False
    font: str | None = None


def _forget(_kind: HiddenKind, _text: str) -> None:
    """Where nobody counts what is hidden."""


class Looks:
    """The looks of a page's elements, by its tags and style sheets; `is_cut` if these are too many to be looked at."""

    def __init__(self, root: Element, sheet_of: SheetOf | None = None, hide: Hide = _forget) -> None:
        self._styles = Styles(root, sheet_of)
        self.is_cut = self._styles.is_cut
        shape_tables(root, self._styles)
        if self._styles.generates:
            put_in(root, self._styles, self._is_left_out)
        take_out(root, self._styles, self._is_left_out, hide)

    def _is_left_out(self, element: Element) -> bool:
        return element.tag in NOT_SHOWN or self.hidden(element) is not None

    def apart(self, element: Element) -> Literal["", "blank", "block"]:
        """Whether an element of running text stands in a line of its own, or apart from its neighbours."""
        display = self._styles.of(element).get("display", "")
        if display in BLOCKY:
            return "block"
        parent = element.getparent()
        around = self._styles.of(parent).get("display", "") if parent is not None else ""
        return "blank" if display in APART or around in BOXES else ""

    def hidden(self, element: Element) -> HiddenKind | None:
        """Why nobody sees an element, None for one that is seen."""
        if element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None):
            return "html"
        style = self._styles.of(element)
        if not style:
            return None
        if style.get("display") == "none" or style.get("content-visibility") == "hidden":
            return "html"
        return "html" if _NOTHING.fullmatch(style.get("opacity", "")) or self._is_off_page(style) else None

    def look(self, element: Element, around: Look) -> Look:
        """The look of an element's text within an element that looks as `around`."""
        tag = element.tag
        if tag in STRUCK:
            around = replace(around, struck=True)
        if tag in RAISED:
            around = replace(around, height=RAISED[tag])
        if tag == "font" and element.get("face"):
            around = self._in_font(around, element.get("face") or "")
        style = self._styles.of(element)
        if not style:
            return around
        if "line-through" in f"{style.get('text-decoration', '')} {style.get('text-decoration-line', '')}":
            around = replace(around, struck=True)
        if style.get("vertical-align") in ALIGNED and tag not in {"td", "th", "tr", "img"}:
            around = replace(around, height=ALIGNED[style["vertical-align"]])
        elif tag not in RAISED and (height := _shifted(style)):
            around = replace(around, height=height)
        if "font-family" in style:
            around = self._in_font(around, style["font-family"])
        return around

    def list_style(self, element: Element) -> str:
        """The kind of marks that the items of a list have, "" where no sheet says so."""
        style = self._styles.of(element)
        return style.get("list-style-type") or next(iter(style.get("list-style", "").split()), "")

    @staticmethod
    def _in_font(around: Look, families: str) -> Look:
        family = families.split(",", maxsplit=1)[0].strip(" '\"")
        return replace(around, font=family if is_symbol_font(family) else None)

    @staticmethod
    def _is_off_page(style: dict[str, str]) -> bool:
        if style.get("overflow") == "hidden" and any(
            _NOTHING.fullmatch(style.get(name, "")) for name in ("max-height", "height", "width")
        ):
            return True
        if _CLIPPED.fullmatch(style.get("clip", "")) or _CLIPPED.fullmatch(style.get("clip-path", "")):
            return True
        if _MOVED.search(style.get("transform", "")):
            return True
        moved = ("left", "top") if style.get("position") in {"absolute", "fixed"} else ()
        return any(OFF_SCREEN.fullmatch(style.get(name, "")) for name in (*moved, "text-indent"))


def _shifted(style: dict[str, str]) -> Height | None:
    """How small letters that are moved off their line stand, as programs write raised ones; None for others."""
    if not _SMALL.fullmatch(style.get("font-size", "")):
        return None
    moved = {"vertical-align": 1} | ({"bottom": 1, "top": -1} if style.get("position") == "relative" else {})
    for name, up in moved.items():
        found = _SHIFT.fullmatch(style.get(name, ""))
        if found and float(found[2]):
            return "raised" if (found[1] == "-") != (up > 0) else "lowered"
    return None
