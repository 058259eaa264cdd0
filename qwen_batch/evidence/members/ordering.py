"""The items of all members in the order of one of their keys: a time, a day, a number, else its words.

Times are compared as moments. One without a zone counts as UTC, one without a year as of the year that the others have;
both are said. Items without the key come last. What is equal stays as its documents have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.evidence.members.member import Stated
from qwen_batch.job.facts.dates import iso_day
from qwen_batch.job.logs.stamps import Stamp, text_to_stamp, with_year


@dataclass(frozen=True, slots=True)
class Ordered:
    """Items in order, and what had to be assumed for that."""

    values: tuple[Stated, ...]
    warnings: tuple[str, ...] = ()


def in_order(values: Sequence[Stated], by: str) -> Ordered:
    """The items of a list of models in the order of this key of theirs."""
    items = [one for one in values if isinstance(one.value, Mapping)]
    stamps = {id(one): text_to_stamp(str(one.value.get(by) or "")) for one in items}
    known = [stamp for stamp in stamps.values() if stamp]
    years = {stamp.year for stamp in known if stamp.year is not None}
    year = next(iter(years)) if len(years) == 1 else None
    ordered = sorted(items, key=lambda one: _key(one.value.get(by), stamps[id(one)], year))
    return Ordered(tuple(ordered), tuple(_warnings(known, year)))


def _key(value: Any, stamp: Stamp | None, year: int | None) -> tuple[Any, ...]:
    """Values of one kind beside each other: numbers, moments, words, then nothing."""
    if value is None or value == "":
        return (3,)
    if isinstance(value, int | float):
        return (0, value)
    if stamp is not None:
        return (1, *with_year(stamp, year).order())
    if day := iso_day(str(value)):
        return (1, dt.datetime.combine(day, dt.time()))
    return (2, str(value))


def _warnings(known: Sequence[Stamp], year: int | None) -> list[str]:
    said = []
    if {stamp.offset is None for stamp in known} == {True, False}:
        said.append("some times name no time zone; they were put in order as if they were in UTC")
    if {stamp.year is None for stamp in known} == {True, False}:
        which = f"taken for {year}" if year else "put first"
        said.append(f"some times name no year; they were {which}")
    return said
