"""How the items of lists and the headings of an OpenDocument file are numbered, and what counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from qwen_batch.reading.parts.inline.numbers import number_text
from qwen_batch.reading.parts.ooxml import attribute, local
from qwen_batch.reading.parts.xml import Element

BULLET = "-"
_PLACE = re.compile(r"%(\d+)%")
FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
BY_FIRST = {
    "一": "chineseCounting",
    "甲": "ideographTraditional",
    "子": "ideographZodiac",
    "①": "decimalEnclosedCircle",
}
BY_FIRST |= {"ア": "aiueo", "イ": "iroha", "가": "ganada", "А": "russianUpper", "а": "russianLower", "α": "lowerGreek"}
BY_FIRST |= {"א": "hebrew2", "01": "decimalZero", "1st": "ordinal", "One": "cardinalText", "First": "ordinalText"}
BY_FIRST |= {"１": "decimalFullWidth", "١": "decimal", "१": "decimal", "๑": "decimal", "Α": "upperGreek"}
"""Forms of other scripts, by the first number in the row of examples that stands for them (`一, 二, 三, ...`)."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: `form` is Word's name of the number's form, "" for none, BULLET for a bullet.

    `pattern` has "%2%" where the number of the second level stands.
    """

    form: str
    before: str = ""
    after: str = ""
    start: int = 1
    shown_levels: int = 1
    pattern: str = ""


class Levels(Protocol):
    """What knows the levels of lists; `outline` are those of headings."""

    @property
    def outline(self) -> Mapping[int, Level]:
        """The levels of headings, from 1."""
        ...

    def level(self, list_name: str | None, level: int, /) -> Level:
        """A level of a list."""
        ...


def levels_of(style: Element) -> Iterator[tuple[int, Level]]:
    """The levels of a list's style, from 1."""
    for item in style:
        number = attribute(item, "level") or ""
        if not number.isdigit():
            continue
        if local(item) not in {"list-level-style-number", "outline-level-style"}:
            yield int(number), Level(BULLET)
            continue
        start, shown = attribute(item, "start-value") or "1", attribute(item, "display-levels") or "1"
        yield (
            int(number),
            Level(
                _form(attribute(item, "num-format") or ""),
                attribute(item, "num-prefix") or "",
                attribute(item, "num-suffix") or "",
                int(start) if start.isdigit() else 1,
                int(shown) if shown.isdigit() else 1,
                attribute(item, "num-list-format") or "",
            ),
        )


def _form(example: str) -> str:
    return FORMS.get(example) or BY_FIRST.get(example.split(",", maxsplit=1)[0].strip(), "")


@dataclass(slots=True)
class Counter:
    """Counts the items of one list, or the headings of a file."""

    counts: dict[int, int] = field(default_factory=dict)

    def marker(self, levels: Levels, list_name: str | None, level: int, start: int | None = None) -> str:
        """The number of the next item on a level, as it is shown; `list_name` None is the headings' own list."""

        def of(at: int) -> Level:
            return levels.outline.get(at, Level("")) if list_name is None else levels.level(list_name, at)

        shape = of(level)
        before = self.counts.get(level)
        self.counts[level] = start if start is not None else shape.start if before is None else before + 1
        for deeper in [one for one in self.counts if one > level]:
            del self.counts[deeper]
        if shape.form in {"", BULLET}:
            return shape.form
        if shape.pattern:
            return _PLACE.sub(lambda place: self._number(int(place[1]), of(int(place[1]))), shape.pattern).strip()
        shown = range(max(level - shape.shown_levels + 1, 1), level + 1)
        numbers = [self._number(at, of(at)) for at in shown if of(at).form]
        return f"{shape.before}{'.'.join(numbers)}{shape.after}"

    def _number(self, level: int, shape: Level) -> str:
        return number_text(self.counts.setdefault(level, shape.start), shape.form) if shape.form else ""
