"""Which lines of a log are shown: the first of each template that is bad, rare or new, and where its rate jumps.

Knows templates and the numbers of lines, nothing of text or time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qwen_batch.asking.logs.levels import RANKS, Level
from qwen_batch.asking.logs.templates import Template, Templates

MAX_SHOWN = 240
"""Lines that are shown of a log, whatever its size."""
RARE = 3
"""Lines of a template that is shown by each of them."""
BINS = 20
MIN_STEADY = 20
MIN_STEADY_BINS = 12
"""A template with so many lines, in so many twentieths of the log, goes on all through it."""
JUMP = 5
"""Where a steady template has so many times its usual lines in a twentieth, that is shown."""
NEW_AFTER = 0.1
"""A template that first comes after this share of the log is new."""
MAX_NEW_SHARE = 0.02
MIN_GAP_SHARE = 0.1
MAX_BURSTS = 3
MAX_NAMED = 3
MAX_NAMED_CHARS = 70
_BAD = RANKS["warning"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A line by its place in the text; `times` lines are like it from there on, the last of them at `until`."""

    place: int
    level: Level
    component: str
    times: int = 1
    until: int | None = None

    @property
    def is_bad(self) -> bool:
        """Whether it is a warning or worse."""
        return RANKS[self.level] >= _BAD


@dataclass(frozen=True, slots=True)
class Choice:
    """The lines that are shown, in order, and what is said of those that are not."""

    lines: tuple[Chosen, ...]
    warnings: tuple[str, ...] = ()


def chosen_lines(templates: Templates, lines: int) -> Choice:
    """What is shown of a log with so many lines."""
    steady = [one for one in templates.all if _is_steady(one.places, lines)]
    known = set(map(id, steady))
    found = [line for one in steady for line in _jumps(one, lines)]
    for one in templates.all:
        if id(one) not in known:
            found += _of_template(one, lines)
    bad = sorted(one.place for one in found if one.is_bad)
    ranked = sorted(found, key=lambda one: (-RANKS[one.level] if one.is_bad else 0, _distance(one.place, bad)))
    kept = sorted(ranked[:MAX_SHOWN], key=lambda one: one.place)
    return Choice(tuple(kept), tuple(_warnings(steady, len(found) - len(kept))))


def _is_steady(places: Sequence[int], lines: int) -> bool:
    if len(places) < MIN_STEADY:
        return False
    return sum(count > 0 for count in _bins(places, lines)) >= MIN_STEADY_BINS


def _bins(places: Sequence[int], lines: int) -> list[int]:
    counts = [0] * BINS
    for place in places:
        counts[place * BINS // max(1, lines)] += 1
    return counts


def _jumps(one: Template, lines: int) -> Iterator[Chosen]:
    """The first line of each twentieth in which a steady template has many times its usual lines."""
    counts = _bins(one.places, lines)
    usual = max(1.0, median(counts))
    for number, count in enumerate(counts):
        before = counts[number - 1] if number else 0
        if count >= JUMP * usual and count >= MIN_STEADY and before < JUMP * usual:
            first = bisect_left(one.places, -(-number * lines // BINS))
            last = min(first + count, len(one.places)) - 1
            yield Chosen(one.places[first], one.level, one.component, count, one.places[last])


def _of_template(one: Template, lines: int) -> Iterator[Chosen]:
    wordings = list((one.variants or {}).values())
    if wordings and all(len(places) <= RARE for places in wordings):  # alike, and perhaps not the same: opened, closed
        for places in wordings:
            yield from _of_places(one, places, lines)
    else:
        yield from _of_places(one, one.places, lines)


def _of_places(one: Template, places: array[int], lines: int) -> Iterator[Chosen]:
    if len(places) <= RARE:
        yield from (Chosen(place, one.level, one.component) for place in places)
        return
    is_bad = RANKS[one.level] >= _BAD
    is_new = places[0] > NEW_AFTER * lines and len(places) < MAX_NEW_SHARE * lines
    if is_bad or is_new:
        for burst in _bursts(places, lines)[:MAX_BURSTS]:
            yield Chosen(burst[0], one.level, one.component, len(burst), burst[-1] if len(burst) > 1 else None)


def _bursts(places: array[int], lines: int) -> list[array[int]]:
    """The lines of a template apart where for a tenth of the log there is none."""
    bursts = [array("I", places[:1])]
    for before, place in pairwise(places):
        if place - before > MIN_GAP_SHARE * lines:
            bursts.append(array("I"))
        bursts[-1].append(place)
    return bursts


def _distance(place: int, bad: Sequence[int]) -> int:
    """How far the next bad line is."""
    at = bisect_left(bad, place)
    return min((abs(place - bad[near]) for near in (at - 1, at) if 0 <= near < len(bad)), default=0)


def _warnings(steady: Sequence[Template], left: int) -> Iterator[str]:
    bad = sorted((one for one in steady if RANKS[one.level] >= _BAD), key=lambda one: -len(one.places))
    if bad:
        named = "; ".join(
            f"{' '.join(one.words)[:MAX_NAMED_CHARS]!r} {len(one.places):,} times" for one in bad[:MAX_NAMED]
        )
        kinds = "kind" if len(bad) == 1 else "kinds"
        yield f"log: {len(bad)} {kinds} of warnings and errors recur all through it and were not shown: {named}"
    if left > 0:
        yield f"log: {left:,} more lines are rare or bad; the {MAX_SHOWN} worst and those next to them were shown"
