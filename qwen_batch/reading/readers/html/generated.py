"""Puts in what style sheets show beside the text of elements: counters, units, attributes (CSS Lists 3, Generated 3).

Numbers of clauses are often made so: `li::before { counter-increment: c; content: counters(c, ".") }`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.xml import Element, walked
from qwen_batch.reading.readers.html.css import Pseudo, Styles
from qwen_batch.reading.readers.html.items import STYLES

NO_TEXT = frozenset(("img", "input", "br", "hr", "col", "ul", "ol", "table", "tbody", "thead", "tr", "select", "html"))
_PIECE = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)\s*\)|(counters?)\(([^()]*)\)", re.DOTALL
)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_COUNT = re.compile(r"(-?[a-zA-Z_][\w-]*)(?:\s+(-?\d{1,9}))?")
_ICONS = re.compile(r"[\ue000-\uf8ff]")
_UNSEEN = {"display": {"none"}, "visibility": {"hidden"}, "height": {"0", "0px"}, "font-size": {"0", "0px"}}
MAX_CODE = 0x10FFFF


def put_in(root: Element, styles: Styles, skip: Callable[[Element], bool]) -> None:
    """Writes generated text into the tree; elements that `skip` names neither count nor show any."""
    counters: dict[str, list[list[int]]] = defaultdict(list)  # name -> (depth where it began, its value)
    depth = 0
    for event, element, leave in walked(root):
        if event == "end":
            for instances in counters.values():
                while instances and instances[-1][0] > depth:
                    instances.pop()
            depth -= 1
            continue
        depth += 1
        if skip(element):
            leave()
            continue
        _count(styles.of(element), counters, depth)
        before = _text(element, styles, "before", counters, depth)
        if before:
            element.text = before + (element.text or "")
        after = _text(element, styles, "after", counters, depth)
        if after and len(element):
            element[-1].tail = (element[-1].tail or "") + after
        elif after:
            element.text = (element.text or "") + after


def _count(style: dict[str, str], counters: dict[str, list[list[int]]], depth: int) -> None:
    for found in _COUNT.finditer(style.get("counter-reset", "").replace("none", "")):
        instances = counters[found[1]]
        if instances and instances[-1][0] == depth:
            instances.pop()
        instances.append([depth, int(found[2] or 0)])
    for found in _COUNT.finditer(style.get("counter-increment", "").replace("none", "")):
        instances = counters[found[1]]
        if not instances:
            instances.append([depth, 0])
        instances[-1][1] += int(found[2] or 1)


def _text(element: Element, styles: Styles, pseudo: Pseudo, counters: dict[str, list[list[int]]], depth: int) -> str:
    style = styles.beside(element, pseudo)
    if not style or element.tag in NO_TEXT or any(style.get(name) in values for name, values in _UNSEEN.items()):
        return ""
    _count(style, counters, depth)
    pieces = []
    for found in _PIECE.finditer(style.get("content", "")):
        double, single, attribute, counter, asked = found.groups()
        if attribute:
            pieces.append(element.get(attribute) or "")
        elif counter:
            pieces.append(_numbers(counter, asked, counters))
        else:
            pieces.append(_ESCAPE.sub(_unescaped, double or single or ""))
    return _ICONS.sub("", "".join(pieces))


def _numbers(kind: str, asked: str, counters: dict[str, list[list[int]]]) -> str:
    name, *rest = [part.strip() for part in asked.split(",")]
    between = rest.pop(0).strip("\"'") if kind == "counters" and rest else ""
    form = STYLES.get(rest[0].lower() if rest else "decimal", "decimal")
    values = [value for _, value in counters.get(name.lower(), [])] or [0]
    return between.join(number_text(value, form) for value in (values if kind == "counters" else values[-1:]))


def _unescaped(found: re.Match[str]) -> str:
    if not found[1]:
        return found[2] or ""
    code = int(found[1], 16)
    return " " if code in {0, 10, 13} or code > MAX_CODE else chr(code)
