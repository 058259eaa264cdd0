"""Joins the numbers of lists, which a file draws in a heap, to the lines that they stand left of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.geometry import outline
from qwen_batch.records import Line

MIN_NUMBERS = 2
MIN_ITEM_LETTERS = 4
"""Letters of a list's item; what has fewer may be a cell of a table."""
SAME_HEIGHT_SHARE = 0.6
"""How far the middles of a number and its line may lie apart, in heights of the number."""
REACH_PT = 3.0

NUMBER = re.compile(r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[ivxlcIVXLC]{1,6}|[A-Za-z])[.)]|\d{1,3}(?:\.\d{1,3})+|[•·–-])$")


def numbers_beside_lines(lines: Sequence[Line]) -> Sequence[Line]:
    """Numbers of lists that come in a heap, wherever in the order, each joined to the line that it stands left of."""
    bare = [line.kind == "text" and NUMBER.match(line.text) is not None for line in lines]
    heaped = {
        id(line)
        for at, line in enumerate(lines)
        if bare[at] and ((at > 0 and bare[at - 1]) or (at + 1 < len(lines) and bare[at + 1]))
    }
    if not heaped:
        return lines
    numbers: dict[int, Line] = {}
    for line in lines:
        host = _right_of(line, lines) if id(line) in heaped else None
        if host is not None and id(host) not in numbers and id(host) not in heaped:
            numbers[id(host)] = line
    if len(numbers) < MIN_NUMBERS:
        return lines
    gone = set(map(id, numbers.values()))
    return [
        _with_number(numbers[id(line)], line) if id(line) in numbers else line for line in lines if id(line) not in gone
    ]


def _right_of(number: Line, lines: Sequence[Line]) -> Line | None:
    """The nearest line that stands right of a number at its height."""
    middle, height = (number.box.y0 + number.box.y1) / 2, number.box.y1 - number.box.y0
    beside = [
        line
        for line in lines
        if line is not number
        and line.kind == "text"
        and line.box.x0 >= number.box.x1 - REACH_PT
        and abs((line.box.y0 + line.box.y1) / 2 - middle) <= SAME_HEIGHT_SHARE * height
    ]
    nearest = min(beside, key=lambda line: line.box.x0, default=None)
    return nearest if nearest is not None and _letters(nearest) >= MIN_ITEM_LETTERS else None


def _with_number(label: Line, line: Line) -> Line:
    return replace(
        line,
        text=f"{label.text} {line.text}",
        box=outline([label.box, line.box]),
    )


def _letters(line: Line) -> int:
    return sum(map(str.isalpha, line.text))
