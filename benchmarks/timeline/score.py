"""How many planted events a timeline has, in order and each citing its line, and whether it names the first cause.

Reads the log again for what is cited, and shares no code with what wrote the timeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.timeline.made import MadeLog


@dataclass(frozen=True, slots=True)
class TimelineScore:
    """Events planted and found; those that are none of them; those whose quote their line lacks; order and cause."""

    planted: int
    found: int
    extra: int
    uncited: int
    in_order: bool
    cause: bool

    @property
    def share(self) -> float:
        """The share of the planted events that were found."""
        return self.found / self.planted if self.planted else 1.0


def timeline_score(log: MadeLog, row: Mapping[str, Any]) -> TimelineScore:
    """Holds the row of a timeline against what is planted in its log."""
    lines = log.path.read_text("utf-8").split("\n")
    events, evidence = row["result"]["events"], row["evidence"]
    by_line = {number: place for place, one in enumerate(log.planted) for number in one.lines}
    cited = [by_line.get(event["line"]) for event in events]
    order = [place for place in dict.fromkeys(cited) if place is not None]
    return TimelineScore(
        planted=len(log.planted),
        found=len(order),
        extra=sum(place is None for place in cited),
        uncited=sum(not _is_cited(place, event, evidence, lines) for place, event in enumerate(events)),
        in_order=order == sorted(order),
        cause=_names_cause(log, evidence, lines),
    )


def _is_cited(
    place: int, event: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]], lines: Sequence[str]
) -> bool:
    quotes = [one["quote"] for one in evidence if one["field"] == f"events[{place}].what"]
    return bool(quotes) and event["line"] is not None and all(quote in lines[event["line"] - 1] for quote in quotes)


def _names_cause(log: MadeLog, evidence: Sequence[Mapping[str, Any]], lines: Sequence[str]) -> bool:
    (cause,) = (one for one in log.planted if one.is_cause)
    quotes = [one["quote"] for one in evidence if one["field"].startswith("first_cause.")]
    return bool(quotes) and all(any(quote in lines[number - 1] for number in cause.lines) for quote in quotes)
