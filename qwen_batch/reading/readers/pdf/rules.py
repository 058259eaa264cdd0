"""Straight rules on a page, and whether they make a grid: a table's frame, not underlines, boxes or highlights.

Pure geometry in points. Finding cells where vertical and horizontal edges cross is Nurminen's method, "Algorithmic
extraction of data in tables in PDF documents" (2013), which pdfplumber follows; this only asks whether it may pay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MIN_RULE_LENGTH_PT = 8.0
MAX_RULE_WIDTH_PT = 3.0
SAME_PLACE_PT = 2.0
JOIN_GAP_PT = 3.0
MIN_CELL_PT = 6.0
"""Rules closer together have no cell between them: two edges of highlights, one below the other."""
MIN_GRID_RULES = 3
"""Two columns and two rows have three rules each way; each crosses three others."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule: `at` is its distance from the axis, from `start` to `end` along the axis."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a page in one coordinate system."""

    horizontal: tuple[Rule, ...] = ()
    vertical: tuple[Rule, ...] = ()


def boxes_to_rules(boxes: Iterable[tuple[float, float, float, float]]) -> Rules:
    """Rules from the bounds (left, bottom, right, top) of drawn paths: a thin one is a rule, a box has four."""
    horizontal: list[Rule] = []
    vertical: list[Rule] = []
    for left, bottom, right, top in boxes:
        width, height = right - left, top - bottom
        if width >= MIN_RULE_LENGTH_PT and height >= MIN_RULE_LENGTH_PT:
            horizontal += (Rule(bottom, left, right), Rule(top, left, right))
            vertical += (Rule(left, bottom, top), Rule(right, bottom, top))
        elif width >= MIN_RULE_LENGTH_PT and height <= MAX_RULE_WIDTH_PT:
            horizontal.append(Rule((bottom + top) / 2, left, right))
        elif height >= MIN_RULE_LENGTH_PT and width <= MAX_RULE_WIDTH_PT:
            vertical.append(Rule((left + right) / 2, bottom, top))
    return Rules(tuple(horizontal), tuple(vertical))


def has_grid(rules: Rules) -> bool:
    """Whether at least three vertical rules each cross three horizontal ones, and the other way round."""
    if min(len(rules.horizontal), len(rules.vertical)) < MIN_GRID_RULES:
        return False
    horizontal, vertical = _merged(rules.horizontal), _merged(rules.vertical)
    by_rows = sum(_apart(down.at for down in vertical if _cross(across, down)) for across in horizontal)
    by_columns = sum(_apart(across.at for across in horizontal if _cross(across, down)) for down in vertical)
    return min(by_rows, by_columns) >= MIN_GRID_RULES


def _apart(places: Iterable[float]) -> bool:
    """Whether enough places lie so far apart that there are cells between them."""
    count, last = 0, float("-inf")
    for place in sorted(places):
        if place - last >= MIN_CELL_PT:
            count, last = count + 1, place
    return count >= MIN_GRID_RULES


def _cross(across: Rule, down: Rule) -> bool:
    return (
        across.start - JOIN_GAP_PT <= down.at <= across.end + JOIN_GAP_PT
        and down.start - JOIN_GAP_PT <= across.at <= down.end + JOIN_GAP_PT
    )


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Rules in one place as one: what is drawn cell by cell is a long line."""
    places: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        places[round(rule.at / SAME_PLACE_PT)].append(rule)
    merged: list[Rule] = []
    for members in places.values():
        members.sort(key=lambda rule: rule.start)
        current = members[0]
        for rule in members[1:]:
            if rule.start <= current.end + JOIN_GAP_PT:
                current = Rule(current.at, current.start, max(current.end, rule.end))
            else:
                merged.append(current)
                current = rule
        merged.append(current)
    return merged
