"""How long documents take by themselves, on one core: told of all by those that were timed here, each kind by its own.

The first document of a kind also waits for what is loaded once. Its time says nothing of the others, and is left out
where there are more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qwen_batch.config import Config
from qwen_batch.output.log.plan import Estimate, PlannedJob
from qwen_batch.run.plan.counting import Counted
from qwen_batch.run.plan.estimating import Point, added, told_sum
from qwen_batch.run.plan.sampling import Sampled


@dataclass(frozen=True, slots=True)
class Looked:
    """All documents to do, those of them that were read, and what each job takes."""

    counted: Sequence[Counted]
    sampled: Sequence[Sampled]
    jobs: Sequence[PlannedJob]


def places_to_read(looked: Looked, config: Config) -> list[int]:
    """Documents that the run has to read: those that neither the text cache nor this plan has read."""
    kept = {one.place for one in looked.sampled} if config.cache.enabled else set()
    return [place for place, one in enumerate(looked.counted) if one.size_kept is None and place not in kept]


def read_seconds(looked: Looked, config: Config) -> Estimate | None:
    """Reading of all that the run has to read; None if none was timed."""
    timed = {place: one.read_s for place, one in enumerate(looked.counted) if one.read_s is not None}
    timed |= {one.place: one.read_s for one in looked.sampled if one.read_s is not None}
    return _seconds(looked, places_to_read(looked, config), _without_first(looked, timed))


def prompt_seconds(looked: Looked) -> Estimate | None:
    """Prompts of all that has pages: they are kept nowhere."""
    timed = {one.place: one.ask_s for one in looked.sampled if one.ask_s is not None}
    return _seconds(looked, [place for place, one in enumerate(looked.counted) if one.pages], timed)


def _without_first(looked: Looked, timed: Mapping[int, float]) -> dict[int, float]:
    """Documents are counted, and those of the sample read, in the order of these places."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for place in timed:
        kinds[looked.counted[place].kind].append(place)
    return {place: timed[place] for places in kinds.values() for place in (places[1:] or places)}


def _seconds(looked: Looked, places: Iterable[int], timed: Mapping[int, float]) -> Estimate | None:
    """By length within a kind; a kind of which none was timed by the pages of all others."""
    by_kind: dict[str, list[Point]] = defaultdict(list)
    for place, seconds in timed.items():
        by_kind[looked.counted[place].kind].append(Point(looked.counted[place].length, seconds))
    by_pages = [Point(looked.counted[place].pages, seconds) for place, seconds in timed.items()]
    others: dict[str, list[Counted]] = defaultdict(list)
    for place in places:
        others[looked.counted[place].kind].append(looked.counted[place])
    parts = [
        told_sum(by_kind[kind], [one.length for one in documents])
        if by_kind[kind]
        else told_sum(by_pages, [one.pages for one in documents])
        for kind, documents in others.items()
    ]
    told = [part for part in parts if part is not None]
    return added(told) if len(told) == len(parts) else None
