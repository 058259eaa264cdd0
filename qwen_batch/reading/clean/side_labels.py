"""Puts numbers and side heads, which a file draws in a heap, before the lines beside which they stand.

Such labels are short, stand below each other left of running text, and share the height of a line of it each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qwen_batch.records import Line

MIN_LABELS = 2
MAX_LABEL_CHARS = 40
MIN_TEXT_LETTERS = 18
"""Letters of a line beside the labels, on average."""
SAME_HEIGHT_SHARE = 0.6
"""How far the middles of a label and its line may lie apart, in heights of the label."""
NEXT_LINE_SHARE = 0.6
"""A head's second line stands no further below its first, in heights."""
REACH_PT = 3.0

NUMBER = re.compile(r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[ivxlcIVXLC]{1,6}|[A-Za-z])[.)]|\d{1,3}(?:\.\d{1,3})+|[•·–-])$")


def labels_beside_lines(lines: Sequence[Line]) -> list[Line]:
    """The same lines, heaps of labels taken apart."""
    result = list(lines)
    at = 0
    while at < len(result):
        end = _heap_end(result, at)
        moved = _placed(result, at, end) if end - at >= MIN_LABELS else None
        if moved is not None:
            result = moved
        at = at + 1 if moved is None and end == at else max(end, at + 1)
    return result


def _heap_end(lines: Sequence[Line], at: int) -> int:
    """Where a run of short lines below each other ends; `at` if the line there is no label."""
    end = at
    while end < len(lines) and lines[end].kind == "text" and len(lines[end].text) <= MAX_LABEL_CHARS:
        if end > at and not (
            lines[end].box.y0 >= lines[end - 1].box.y1 - REACH_PT and lines[end].box.x0 < lines[end - 1].box.x1
        ):
            break
        end += 1
    return end


def _placed(lines: list[Line], at: int, end: int) -> list[Line] | None:
    labels = lines[at:end]
    after = _beside(lines[end:], labels)
    before = [] if after else _beside(list(reversed(lines[:at])), labels)[::-1]
    text = after or before
    if len(text) < len(labels) or sum(map(_letters, text)) < MIN_TEXT_LETTERS * len(text):
        return None
    hosts = _hosts(labels, text)
    if hosts is None:
        return None
    placed: list[Line] = []
    for number, line in enumerate(text):
        own = [label for label, host in zip(labels, hosts, strict=True) if host == number]
        placed += [*own, line]
    if after:
        return [*lines[:at], *placed, *lines[end + len(text) :]]
    return [*lines[: at - len(text)], *placed, *lines[end:]]


def _beside(lines: Sequence[Line], labels: Sequence[Line]) -> list[Line]:
    """The lines, from the first on, that stand right of all labels and no higher than the first of them."""
    right = max(label.box.x1 for label in labels)
    top, bottom = labels[0].box.y0, labels[-1].box.y1
    found: list[Line] = []
    for line in lines:
        if line.kind != "text" or line.box.x0 < right - REACH_PT or line.box.y1 < top:
            break
        found.append(line)
    heights = [line.box.y0 for line in found]
    return found if found and min(heights) < bottom else []


def _hosts(labels: Sequence[Line], text: Sequence[Line]) -> list[int] | None:
    """Before which line each label belongs; None if one stands beside none, or labels and lines run differently."""
    hosts: list[int] = []
    for number, label in enumerate(labels):
        middle, height = (label.box.y0 + label.box.y1) / 2, label.box.y1 - label.box.y0
        above = labels[number - 1].box.y1 if number else float("-inf")
        if hosts and label.box.y0 - above < NEXT_LINE_SHARE * height and not NUMBER.match(label.text):
            hosts.append(hosts[-1])
            continue
        found = [
            at
            for at, line in enumerate(text)
            if abs((line.box.y0 + line.box.y1) / 2 - middle) <= SAME_HEIGHT_SHARE * height
        ]
        if not found or (hosts and found[0] <= hosts[-1]):
            return None
        hosts.append(found[0])
    return hosts if len(set(hosts)) >= MIN_LABELS else None


def _letters(line: Line) -> int:
    return sum(map(str.isalpha, line.text))
