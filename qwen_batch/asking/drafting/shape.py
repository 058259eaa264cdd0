"""The Markdown of a text beside that of its passage: headings, list items, tables, and whether something is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qwen_batch.asking.drafting.kept import MAX_NAMED, numbers_lacking
from qwen_batch.cjk import CJK

_HEADING = re.compile(r"(#{1,6})\s+\S")
_ITEM = re.compile(rf"\s*(?:[-*+•‣▪◦·]\s+|\(?\d{{1,2}}(?:[.)]\s+|[.)](?=[{CJK}])|[、．]\s*))\S")
_MARK = re.compile(r"(?:#{1,6}|[-*+•‣▪◦·])\s+")
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_IS_CJK = re.compile(f"[{CJK}]")
_SPACE = re.compile(r"\s")
CJK_CHARS = 3.2
"""A character of Chinese says about as much as so many letters of English."""
LEAST_SHARE, MOST_SHARE = 0.35, 3.0
"""A translation is at least and at most so many times as long as its passage: else something is lost or repeated."""
MIN_CHARS = 80
"""A shorter passage may be said in far fewer or more letters."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a Markdown text is made of: the levels of its headings, its items, and the cells of each row of a table."""

    headings: tuple[int, ...]
    items: int
    rows: tuple[tuple[str, ...], ...]


def shape_of(text: str) -> Shape:
    """The shape of a text; the line below a table's head is no row."""
    lines = text.splitlines()
    return Shape(
        tuple(len(found[1]) for line in lines if (found := _HEADING.match(line))),
        sum(_ITEM.match(line) is not None for line in lines),
        tuple(_cells(line) for line in lines if line.strip().startswith("|") and not _RULE.fullmatch(line.strip())),
    )


def with_marks(source: str, text: str) -> str:
    """The text with the marks of headings and list items that its passage has, where both have as many lines."""
    wanted = [line for line in source.splitlines() if line.strip()]
    given = [line for line in text.splitlines() if line.strip()]
    if len(wanted) != len(given) or any("|" in line for line in wanted):
        return text
    marked = iter([_marked(*pair) for pair in zip(wanted, given, strict=True)])
    return "\n".join(next(marked) if line.strip() else line for line in text.splitlines())


def _marked(wanted: str, given: str) -> str:
    mark = _MARK.match(wanted)
    own = _MARK.match(given)
    if mark is None:
        return given
    return mark[0] + (given[own.end() :] if own else given)


def shape_problems(source: str, text: str) -> Iterator[str]:
    """What differs between a passage and its translation."""
    wanted, given = shape_of(source), shape_of(text)
    if wanted.headings != given.headings:
        yield f"it has the headings {_marks(given)}, and the document {_marks(wanted)}"
    if wanted.items != given.items:
        yield f"it has {given.items} list items, and the document {wanted.items}"
    if len(wanted.rows) != len(given.rows):
        yield f"its table has {len(given.rows)} rows, and the document's {len(wanted.rows)}"
    else:
        yield from _row_problems(wanted, given)
    yield from _length_problem(source, text)


def _row_problems(wanted: Shape, given: Shape) -> Iterator[str]:
    for number, (row, mine) in enumerate(zip(wanted.rows, given.rows, strict=True), 1):
        if len(row) != len(mine):
            yield f"row {number} of its table has {len(mine)} cells, and the document's {len(row)}"
            return
        lacking = [one for cell, said in zip(row, mine, strict=True) for one in numbers_lacking(cell, said)]
        if lacking:
            yield f"row {number} of its table lacks {', '.join(lacking[:MAX_NAMED])} in its cell"
            return


def _length_problem(source: str, text: str) -> Iterator[str]:
    wanted, given = _length(source), _length(text)
    if wanted < MIN_CHARS:
        return
    if given < LEAST_SHARE * wanted:
        yield "it is far shorter than the document, so something is left out"
    elif given > MOST_SHARE * wanted:
        yield "it is far longer than the document, so something is repeated or made up"


def _length(text: str) -> float:
    """Letters as of English."""
    chinese = len(_IS_CJK.findall(text))
    return chinese * CJK_CHARS + len(_SPACE.sub("", text)) - chinese


def _marks(shape: Shape) -> str:
    return ", ".join("#" * level for level in shape.headings) or "none"


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.strip() for cell in _CELL_BORDER.split(inner))
