"""How many rows of a list an answer has: in order, duplicates kept, cell by cell. Knows rows, nothing of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rows.made import PriceRow

MIN_SAME_CELLS = 4
"""Of five cells so many must be right for a row to be found: OCR misreads a letter here and there."""


@dataclass(frozen=True, slots=True)
class RowScore:
    """Rows asked for; found in order; right in every cell; extra ones; whether what lacks was reported."""

    asked: int
    found: int
    exact: int
    extra: int
    reported: bool

    @property
    def share(self) -> float:
        """Of the rows that were found in order."""
        return self.found / self.asked if self.asked else 1.0


def row_score(rows: Sequence[PriceRow], items: Sequence[Mapping[str, Any]], warnings: Sequence[str]) -> RowScore:
    """Holds an answer's items against a list's rows: the longest common sequence of rows that are the same."""
    gold = [_gold(row) for row in rows]
    said = [_said(item) for item in items]
    found = _common(gold, said)
    exact = sum(gold[one] == said[other] for one, other in found)
    whole = len(items) == len(rows)
    reported = whole or any(" rows; left out" in warning for warning in warnings)
    return RowScore(len(rows), len(found), exact, len(items) - len(found), reported)


def _gold(row: PriceRow) -> tuple[str, ...]:
    return (row.item, row.description, row.unit, f"{float(row.price):.2f}", row.valid_from)


def _said(item: Mapping[str, Any]) -> tuple[str, ...]:
    price = item["price"]
    return (*(str(item[key]) for key in ("item", "name", "unit")), f"{price:.2f}", str(item["valid_from"]))


def _common(gold: Sequence[tuple[str, ...]], said: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Pairs of places of the same rows, in order; a row that lacks costs itself alone."""
    from difflib import SequenceMatcher

    pairs: list[tuple[int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, gold, said, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs += zip(range(i1, i2), range(j1, j2), strict=True)
        elif tag == "replace":
            pairs += _alike(gold, said, range(i1, i2), range(j1, j2))
    return pairs


def _alike(
    gold: Sequence[tuple[str, ...]], said: Sequence[tuple[str, ...]], ones: range, others: range
) -> list[tuple[int, int]]:
    pairs = []
    at = others.start
    for one in ones:
        for other in range(at, others.stop):
            if sum(map(str.__eq__, gold[one], said[other])) >= MIN_SAME_CELLS:
                pairs.append((one, other))
                at = other + 1
                break
    return pairs
