"""Events that cite lines of a log: what the code says of those lines, in the order of time, each line cited once.

Evidence is found in the condensed text, and told of the document's own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.evidence.merge import Merged
from qwen_batch.job.logs.lines import CondensedLog, ShownLine
from qwen_batch.job.logs.marks import LogField
from qwen_batch.outcomes import Evidence
from qwen_batch.value_paths import is_within, item_path, moved


@dataclass(frozen=True, slots=True)
class _Event:
    item: dict[str, Any]
    evidence: tuple[Evidence, ...]
    path: str
    line: ShownLine | None


def with_log_lines(merged: Merged, log: CondensedLog, fields: Sequence[LogField]) -> Merged:
    """The result with its events in order, and all evidence as places in the document."""
    starts = [line.start for line in log.shown]
    for field in fields:
        merged = _with_events(merged, log, field, starts)
    evidence = tuple(_in_document(one, log, _line_of(one, log, starts)) for one in merged.evidence)
    return replace(merged, evidence=evidence, warnings=(*log.warnings, *merged.warnings))


def _with_events(merged: Merged, log: CondensedLog, field: LogField, starts: Sequence[int]) -> Merged:
    events = list(_events(merged, log, field, starts))
    by_time = not any(one.line and one.line.stamp and one.line.stamp.year is None for one in events)
    events.sort(key=lambda one: _order(one.line, by_time=by_time))
    kept: list[_Event] = []
    for one in events:
        if one.line is None or all(other.line is not one.line for other in kept):
            kept.append(one)
    elsewhere = [one for one in merged.evidence if not is_within(one.field, field.field)]
    moved_evidence = [
        replace(found, field=moved(found.field, one.path, item_path(field.field, place)))
        for place, one in enumerate(kept)
        for found in one.evidence
    ]
    items = [_filled(one, field, log) for one in kept]
    return replace(merged, result={**merged.result, field.field: items}, evidence=(*elsewhere, *moved_evidence))


def _events(merged: Merged, log: CondensedLog, field: LogField, starts: Sequence[int]) -> Iterator[_Event]:
    for place, item in enumerate(merged.result.get(field.field) or ()):
        path = item_path(field.field, place)
        evidence = tuple(one for one in merged.evidence if is_within(one.field, path))
        lines = (_line_of(one, log, starts) for one in evidence if one.standing == "value")
        yield _Event(item, evidence, path, next((line for line in lines if line), None))


def _order(line: ShownLine | None, *, by_time: bool) -> tuple[Any, ...]:
    """By time, then by line; without a year, or a stamp, the order of lines is all there is."""
    if line is None:
        return (2,)
    return (0, *line.stamp.order(), line.number) if by_time and line.stamp else (0 if not by_time else 1, line.number)


def _filled(event: _Event, field: LogField, log: CondensedLog) -> dict[str, Any]:
    line = event.line
    said = dict.fromkeys(field.keys)
    if line is not None:
        told = {
            "at": line.stamp.text() if line.stamp else None,
            "line": line.number,
            "component": line.component or None,
            "times": line.times,
            "until": line.until.text() if line.until else None,
        }
        said = {key: told[key] for key in field.keys}
    quote = next((one.quote for one in event.evidence if one.start is not None), event.item.get("quote"))
    item = {**event.item, "quote": quote}
    if line is not None:
        item = {key: _own_words(value, log, line) if isinstance(value, str) else value for key, value in item.items()}
    return {**item, **said}


def _own_words(quote: str, log: CondensedLog, line: ShownLine) -> str:
    """A text without what the prompt said behind its line."""
    told = log.clean.text[line.end :].partition("\n")[0].strip()
    return quote.replace(told, "").rstrip() if told and told in quote else quote


def _line_of(one: Evidence, log: CondensedLog, starts: Sequence[int]) -> ShownLine | None:
    if one.start is None or one.end is None or not log.shown:
        return None
    return log.shown[max(0, bisect_right(starts, one.start) - 1)]


def _in_document(one: Evidence, log: CondensedLog, line: ShownLine | None) -> Evidence:
    """A place in the condensed text as that of the same words in the document; all of the line where it has none."""
    if line is None or one.start is None or one.end is None:
        return one
    start, end = min(one.start, line.end), min(one.end, line.end)
    if start >= end:
        start, end = line.start, line.end
    moved_by = line.origin - line.start
    quote, value = (_own_words(words, log, line) for words in (one.quote, one.value))
    return replace(one, start=start + moved_by, end=end + moved_by, quote=quote, value=value)
