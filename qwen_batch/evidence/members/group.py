"""A group as it travels with its text, and the way back from a place in that text to the members' documents."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qwen_batch.evidence.members.member import Member
from qwen_batch.outcomes import Evidence, MemberOf


@dataclass(frozen=True, slots=True)
class Cited:
    """Characters [start, end) of a group's text, and what of its members they repeat."""

    start: int
    end: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The members whose rows are read, those that failed, and of the text, once it is made, what repeats what."""

    members: tuple[Member, ...]
    failed: tuple[MemberOf, ...] = ()
    cited: tuple[Cited, ...] = ()


def cite_members(evidence: Sequence[Evidence], cited: Sequence[Cited]) -> tuple[Evidence, ...]:
    """Evidence in a group's text as evidence in the documents of its members.

    One that lies in a line which several documents stand behind becomes one for each of them.
    """
    starts = [one.start for one in cited]
    return tuple(found for one in evidence for found in _cite(one, cited, starts))


def _cite(one: Evidence, cited: Sequence[Cited], starts: Sequence[int]) -> Iterator[Evidence]:
    line = _line_of(one, cited, starts)
    if line is None:
        yield one
        return
    seen = set()
    for behind in line.evidence:
        place = behind.doc_id, behind.source_uri, behind.start, behind.quote
        if place not in seen:
            seen.add(place)
            yield replace(
                behind,
                field=one.field,
                value=one.value,
                match="none" if behind.match == "none" and behind.quote else one.match,
                score=min(one.score, behind.score) if behind.quote else one.score,
                standing=one.standing,
            )


def _line_of(one: Evidence, cited: Sequence[Cited], starts: Sequence[int]) -> Cited | None:
    """The line that most of an evidence lies in."""
    if one.start is None or one.end is None or not cited:
        return None
    first = max(0, bisect_right(starts, one.start) - 1)
    touched = []
    for line in cited[first:]:
        if line.start >= one.end:
            break
        touched.append((min(line.end, one.end) - max(line.start, one.start), line))
    best = max(touched, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] > 0 else None
