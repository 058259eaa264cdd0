"""The numbers that headings begin with, and whether they count on: "2.1", "IV.", "(a)", "Chapter 3", 第三章, 二、.

Knows single lines only, nothing of where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_SKIPPED = 2
"""So many numbers of a series may be missing: OCR loses some."""
_CJK_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_LABELS = "chapter|part|section|article|annex|appendix|exhibit|schedule"
_NUMBER = r"[一二三四五六七八九十]+|\d{1,2}"
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("label", re.compile(rf"({_LABELS})\s+(\d{{1,2}}|[IVXLC]+|[A-Z])\b[\s.:–—-]*(.*)", re.IGNORECASE)),
    ("label", re.compile(rf"第\s*(?:{_NUMBER})\s*([编章节篇条])\s*(.*)")),
    ("decimal", re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,3})[.)]?\s*(\D.*)")),
    ("number", re.compile(r"(\d{1,2})[.)、．]\s*(\D.*)")),
    ("number", re.compile(r"(\d{1,2})\s+(\D.*)")),
    ("roman", re.compile(r"([IVXLC]{1,5})[.)]?\s+(.*)")),
    ("letter", re.compile(r"([A-Z])[.)]\s*(.*)")),
    ("small", re.compile(r"[(（]?([a-z])[)）]\s*(.*)")),
    ("bracketed", re.compile(r"[(（](\d{1,2})[)）]\s*(.*)")),
    ("listed", re.compile(r"([一二三四五六七八九十]{1,3})\s*[、.．]\s*(.*)")),
    ("in brackets", re.compile(r"[(（]([一二三四五六七八九十]{1,3})[)）]\s*(.*)")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """The number of a heading: its `kind` tells series apart, `number` counts in one, `rest` is the title behind it."""

    kind: str
    number: int
    rest: str


def marks_of(text: str) -> Iterator[Mark]:
    """All that the beginning of a line may be: "C." is a letter and a Roman number."""
    for kind, pattern in _KINDS:
        if found := pattern.fullmatch(text):
            if kind == "label":
                yield from _labelled(text, found)
            elif kind == "decimal":
                parts = found[1].split(".")
                yield Mark(f"decimal {len(parts)}", int(parts[-1]), found[2])
            else:
                number = _value(kind, found[1])
                if number:
                    yield Mark(kind, number, found[2])


def _labelled(text: str, found: re.Match[str]) -> Iterator[Mark]:
    if text.startswith("第"):
        for number in re.findall(_NUMBER, text)[:1]:
            yield Mark(f"label {found[1]}", _value("number" if number.isdigit() else "listed", number), found[2])
        return
    value = found[2]
    kind = "number" if value.isdigit() else "roman" if set(value.upper()) <= set(_ROMAN) else "letter"
    yield Mark(f"label {found[1].lower()}", _value(kind, value.upper()), found[3])


def _value(kind: str, text: str) -> int:
    match kind:
        case "number" | "bracketed":
            return int(text)
        case "roman":
            return _roman(text)
        case "listed" | "in brackets":
            return _cjk(text)
    return ord(text.upper()) - ord("A") + 1


def _roman(text: str) -> int:
    values = [_ROMAN[character] for character in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _cjk(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    return (_CJK_DIGITS.get(tens, 1) * 10 if ten else 0) + (_CJK_DIGITS.get(ones, 0) if ones else 0)


class Series:
    """Which number each kind of mark has reached. A higher kind that goes on begins the lower ones again."""

    def __init__(self) -> None:
        self._reached: dict[str, int] = {}

    def next_of(self, text: str) -> Mark | None:
        """The mark of a line that goes on with a series, or begins one; None if it does neither."""
        marks = list(marks_of(text))
        for mark in marks:
            reached = self._reached.get(mark.kind, 0)
            if reached and reached < mark.number <= reached + 1 + MAX_SKIPPED:
                return mark
        return next((mark for mark in marks if mark.number == 1 or mark.kind.startswith("decimal")), None)

    def take(self, mark: Mark) -> None:
        """Counts a mark; the kinds that came after it begin again."""
        kinds = list(self._reached)
        if mark.kind in kinds:
            for later in kinds[kinds.index(mark.kind) + 1 :]:
                del self._reached[later]
        self._reached[mark.kind] = mark.number
