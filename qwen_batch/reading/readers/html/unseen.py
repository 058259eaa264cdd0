"""Takes text out of a page that its colour, its size or `visibility` hides; children may be seen all the same.

What is hidden with all that is in it (`display: none`) is `look`'s part. Colours are held against the nearest
background that is stated; over a picture, or where style sheets are missing, text counts as seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from qwen_batch.reading.parts.xml import Element, walked
from qwen_batch.reading.readers.html.colours import BLACK, PICTURED, WHITE, Colour, background, colour
from qwen_batch.reading.readers.html.css import Styles
from qwen_batch.records import HiddenKind

Hide = Callable[[HiddenKind, str], None]
MIN_SIZE_PX = 2.0
PX = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
USUAL_PX = 16.0
VALUED = frozenset(("input", "img", "select", "math", "ruby", "textarea"))
"""Elements that show something that is no text within them."""
_SIZE = re.compile(r"([\d.]+)(px|pt|r?em|%)?")


@dataclass(frozen=True, slots=True)
class _Sight:
    """How text stands out: None for a colour that is not known."""

    ink: Colour | None
    paper: Colour | None
    size_px: float = USUAL_PX
    visible: bool = True

    @property
    def hidden(self) -> HiddenKind | None:
        """Why nobody sees it, None if it is seen."""
        if not self.visible:
            return "html"
        if self.ink is not None and self.ink.alpha == 0:
            return "transparent"
        if self.ink is not None and self.paper is not None and self.ink.is_like(self.paper):
            return "white"
        return "tiny" if self.size_px < MIN_SIZE_PX else None


def take_out(root: Element, styles: Styles, skip: Callable[[Element], bool], hide: Hide) -> None:
    """Takes the text out of the tree and gives it to `hide`; what is below elements that `skip` names stays."""
    stack = [_Sight(None if styles.lacks_sheets else BLACK, None if styles.lacks_sheets else WHITE)]
    gone: list[tuple[HiddenKind, list[str]]] = []
    open_kinds: list[bool] = []

    def take(text: str | None, sight: _Sight) -> str | None:
        if sight.hidden is None or not text or not text.strip():
            return text
        if gone:
            gone[-1][1].append(text)
        return " "

    for event, element, leave in walked(root):
        if event == "start":
            if skip(element):
                stack.append(stack[-1])
                open_kinds.append(False)
                leave()
                continue
            before, sight = stack[-1], _seen(element, stack[-1], styles)
            stack.append(sight)
            begins = sight.hidden is not None and sight.hidden != before.hidden
            open_kinds.append(begins)
            if begins and sight.hidden is not None:
                gone.append((sight.hidden, []))
            element.text = take(element.text, sight)
            if sight.hidden is not None and element.tag in VALUED:
                element.set("hidden", "")
        else:
            stack.pop()
            if open_kinds.pop():
                kind, texts = gone.pop()
                hide(kind, " ".join(" ".join(texts).split()))
            element.tail = take(element.tail, stack[-1])


def _seen(element: Element, around: _Sight, styles: Styles) -> _Sight:
    sight = around
    style = styles.of(element)
    own = element.get("bgcolor")
    if own and (paper := colour(own)) is not None:
        sight = replace(sight, paper=paper)
    if element.get("background"):
        sight = replace(sight, paper=None)
    stated = element.get("color") if element.tag == "font" else element.get("text") if element.tag == "body" else None
    if stated:
        sight = replace(sight, ink=colour(stated))
    if not style:
        return sight
    if "visibility" in style:
        sight = replace(sight, visible=style["visibility"] not in {"hidden", "collapse"})
    if style.get("color") and style["color"] not in {"inherit", "unset", "currentcolor", "initial"}:
        sight = replace(sight, ink=colour(style["color"]))
    if "text" in {style.get("background-clip"), style.get("-webkit-background-clip")} or (
        style.get("text-shadow", "none") != "none"
    ):
        sight = replace(sight, ink=None)
    if "font-size" in style:
        sight = replace(sight, size_px=_size(style["font-size"], around.size_px))
    return replace(sight, paper=_paper(style, sight.paper))


def _paper(style: dict[str, str], around: Colour | None) -> Colour | None:
    if style.get("position") in {"absolute", "fixed"}:
        around = None
    values = [style[name] for name in ("background", "background-image", "background-color") if name in style]
    for value in values:
        stated = background(value)
        if any(sign in value for sign in PICTURED):
            around = None
        elif stated is not None and stated.alpha > 0:
            around = stated if stated.alpha == 1 else None
    return around


def _size(text: str, around: float) -> float:
    found = _SIZE.fullmatch(text)
    if found is None:
        return USUAL_PX
    try:
        number = float(found[1])
    except ValueError:
        return USUAL_PX
    if found[2] in {"em", "%"}:
        return around * number / (1 if found[2] == "em" else 100)
    return number * PX.get(found[2] or "px", 1.0)
