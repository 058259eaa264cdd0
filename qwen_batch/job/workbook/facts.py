"""Numbers that code computed of sheets, with the cells that they rest on: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from qwen_batch.job.workbook.sheets import Sheet

FactKind = Literal["driver", "wrong", "total", "column", "change", "groups", "trend", "rows", "formulas", "hidden"]
ORDER: tuple[FactKind, ...] = (
    "driver",
    "wrong",
    "rows",
    "column",
    "total",
    "hidden",
    "trend",
    "groups",
    "change",
    "formulas",
)
"""What is shown first where not all facts fit."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a fact and the cells that it rests on; `percent` if people write it as one."""

    value: Decimal
    cells: str
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A computed fact: its words as a prompt shows them, its numbers, and the page of its sheet.

    `warning` is what the row says of it, as of a total that does not hold.
    """

    kind: FactKind
    words: str
    figures: tuple[Figure, ...]
    page: int
    warning: str = ""
    in_sheet: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """The sheets of a document and all that was computed of them, most important first."""

    sheets: tuple[Sheet, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a row has to say of the sheets."""
        return tuple(fact.warning for fact in self.facts if fact.warning)
