"""Answers between two moments, from what the engine's process wrote down (patches/fixed_length.py)."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

COURSE_S = 2


@dataclass(slots=True)
class Measured:
    """Answers between two moments, in seconds since the epoch, with the tokens read, found in the cache and written.

    `busy` is this program's own measurement, between the first and the last tenth of the answers; `usage` is what the
    run's manifest says. `shares` are the answers of each engine, in the order in which they began, and `apart_s` lie
    between the first prompt of the first and of the last.
    """

    answers: int
    began_s: float
    ended_s: float
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    steady: float = 0.0
    busy: float | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    ids: list[tuple[int, ...]] = field(default_factory=list, repr=False)
    shares: list[int] = field(default_factory=list)
    apart_s: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second from the first prompt in the engine to the last answer."""
        return self.answers / (self.ended_s - self.began_s)


def measured(record: Path, samples: Sequence[tuple[float, float]] = ()) -> Measured:
    """What the engine's process wrote down (patches/fixed_length.py)."""
    engines = sorted((list(_rows(file)) for file in record.iterdir()), key=_began_s)
    rows = [row for engine in engines for row in engine]
    errors = [row[5] for row in rows if row[5]]
    if errors:
        raise RuntimeError(f"{len(errors)} prompts were refused, the first: {errors[0]}")
    ends = sorted(row[1] for row in rows)
    low, high = ends[len(ends) // 10], ends[len(ends) * 9 // 10]
    inside = [busy for moment, busy in samples if low <= moment <= high]
    return Measured(
        answers=len(rows),
        began_s=_began_s(rows),
        ended_s=ends[-1],
        prompt_tokens=sum(len(row[2]) for row in rows),
        cached_tokens=sum(row[4] for row in rows),
        output_tokens=sum(row[3] for row in rows),
        steady=(len(ends) * 9 // 10 - len(ends) // 10) / max(high - low, 1e-9),
        busy=mean(inside) if inside else None,
        ids=[row[2] for row in sorted(rows, key=lambda row: row[0])],
        shares=[len(engine) for engine in engines],
        apart_s=_began_s(engines[-1]) - _began_s(engines[0]),
    )


def _began_s(rows: Sequence[Any]) -> float:
    return min(row[0] for row in rows)


def course(record: Path) -> str:
    """How many prompts entered and left the engine in each step of time."""
    rows = [row for file in record.iterdir() for row in _rows(file)]
    began_s = _began_s(rows)
    steps = range(int((max(row[1] for row in rows) - began_s) / COURSE_S) + 1)
    entered, left = (Counter(int((row[place] - began_s) / COURSE_S) for row in rows) for place in (0, 1))
    return " ".join(f"{entered[step]}/{left[step]}" for step in steps)


def _rows(file: Path) -> Iterator[Any]:
    with file.open("rb") as content, suppress(EOFError):
        while True:
            yield from pickle.load(content)  # noqa: S301  our own file
