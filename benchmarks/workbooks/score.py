"""Answers to a workbook against what pandas computes of the file: for the slots of the gold, and for those chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.workbooks.made import Question, Slots, Workbook
from benchmarks.workbooks.recomputed import recomputed

RELATIVE = 1e-9
TOTAL_WARNING = ("total does not hold: ", "formula does not give its value: ")
Number = float | dict[str, float] | None


@dataclass(frozen=True, slots=True)
class WorkbookScore:
    """Of one workbook: questions asked and answered right, numbers given and how many of them pandas gives too.

    `reported` is whether its wrong total was (None without one), `false_alarms` counts other totals called wrong.
    """

    asked: int
    right: int
    numbers: int
    equal: int
    reported: bool | None
    false_alarms: int


def workbook_score(
    book: Workbook, path: Path, wrong: str | None, result: dict[str, Any], warnings: Sequence[str]
) -> WorkbookScore:
    """The score of a row."""
    right = numbers = equal = 0
    for at, question in enumerate(book.questions, 1):
        slots = result.get(f"q{at}") or {}
        given = _given(slots)
        right += _same(given, recomputed(path, question.sheet, question.slots))
        if given is not None:
            count = len(given) if isinstance(given, dict) else 1
            numbers += count
            equal += count * _same(given, _of_chosen(path, question, slots))
    told = [one for one in warnings if one.startswith(TOTAL_WARNING)]
    named = [one for one in told if wrong is not None and one.partition(": ")[2].startswith(f"{wrong} ")]
    return WorkbookScore(
        len(book.questions), right, numbers, equal, bool(named) if wrong else None, len(told) - len(named)
    )


def _of_chosen(path: Path, question: Question, slots: dict[str, Any]) -> Number:
    where = tuple((one["column"], one["sign"], one["value"]) for one in slots["where"])
    chosen = Slots(slots["function"], slots["column"], where, slots["group_by"])
    return recomputed(path, slots.get("sheet") or question.sheet, chosen)


def _given(slots: dict[str, Any]) -> Number:
    if slots.get("group_by") is not None:
        return {one["name"]: one["value"] for one in slots.get("groups") or ()} or None
    value = slots.get("value")
    return None if value is None else float(value)


def _same(one: Number, other: Number) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-6)
    return False
