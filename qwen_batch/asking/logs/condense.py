"""From the clean text of a log to the lines of it that a prompt shows: what is bad, rare or new, each kind once.

One pass over the lines. A line without a time stamp goes on with the one above. What repeats all through the log at its
usual rate is no event, whatever its level: it is counted in a warning.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from qwen_batch.asking.logs.choose import Choice, Chosen, chosen_lines
from qwen_batch.asking.logs.templates import Templates
from qwen_batch.job.logs.lines import CondensedLog, ShownLine
from qwen_batch.job.logs.stamps import SEARCHED_CHARS, STYLES, Stamp, is_day_first, stamp_of, styles_of, with_year
from qwen_batch.records import CleanDocument, LineSpan

LOG_VERSION = 1  # part of the fingerprint of every job that reads logs: raise it when other lines are shown
SAMPLE_LINES = 400
MIN_STAMPED = 8
MIN_STAMPED_SHARE = 0.25
"""A text with fewer time stamps in its lines is no log."""
MAX_LINE_CHARS = 320
MAX_FOLLOWING = 3
"""Lines without a stamp that are shown below one: the first ones, and what caused it."""
_CAUSE = re.compile(r"caused by|error|exception|原因|错误|异常", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d{1,3}(?!\d))")


@dataclass(slots=True)
class _Log:
    """A log in the reading: its lines, how their stamps are written, and what came of a pass over them."""

    clean: CleanDocument
    styles: tuple[str, ...]
    day_first: bool | None
    templates: Templates = field(default_factory=Templates)
    stamped: array[int] = field(default_factory=lambda: array("I"))

    def line(self, place: int) -> str:
        span = self.clean.lines[place]
        return self.clean.text[span.start : span.end]

    def found(self, line: str) -> re.Match[str] | None:
        for name in self.styles:
            if found := STYLES[name].search(line, 0, SEARCHED_CHARS):
                return found
        return None

    def stamp(self, place: int) -> Stamp | None:
        found = self.found(self.line(place))
        return stamp_of(found, self.day_first) if found else None


def document_to_log(clean: CleanDocument) -> CondensedLog | None:
    """The lines that are shown of a log, in their order; None for a document that is none."""
    sample = _sample(clean)
    styles = styles_of(sample)
    if not styles:
        return None
    log = _Log(clean, styles, is_day_first(sample) if "numbers" in styles else None)
    for place in range(len(clean.lines)):
        line = log.line(place)
        if found := log.found(line):
            log.stamped.append(place)
            log.templates.add(place, line[: found.start()] + line[found.end() :])
    if len(log.stamped) < max(MIN_STAMPED, MIN_STAMPED_SHARE * len(clean.lines)):
        return None
    choice = chosen_lines(log.templates, len(clean.lines))
    if not choice.lines:
        ends = tuple(Chosen(place, "info", "") for place in (log.stamped[0], log.stamped[-1]))
        choice = Choice(ends, (*choice.warnings, "log: no line is bad, rare or new; its first and its last were shown"))
    condensed = _Written(log, _year_of(log)).written(choice.lines)
    return replace(condensed, warnings=(*_stamp_warnings(log, condensed.shown), *choice.warnings))


def _sample(clean: CleanDocument) -> list[str]:
    step = max(1, len(clean.lines) // SAMPLE_LINES)
    return [clean.text[line.start : line.end][:SEARCHED_CHARS] for line in clean.lines[::step]]


@dataclass(slots=True)
class _Written:
    """The condensed text in the making; `year` is that of stamps which name none."""

    log: _Log
    year: int | None
    text: str = ""
    spans: list[LineSpan] = field(default_factory=list)
    shown: list[ShownLine] = field(default_factory=list)

    def written(self, lines: Sequence[Chosen]) -> CondensedLog:
        for one in lines:
            self._write(one)
        clean = replace(self.log.clean, text=self.text, lines=tuple(self.spans), trimmed=(), facts_at=None)
        return CondensedLog(clean, tuple(self.shown))

    def _write(self, one: Chosen) -> None:
        stamp = self._stamp(one.place)
        until = self._stamp(one.until) if one.until is not None else None
        line = ShownLine(0, 0, 0, 0, stamp, one.component, one.times, until)
        found = self.log.found(self.log.line(one.place))
        leads = found is not None and found.start() <= 1 and "hour" in found.re.groupindex
        told = ""
        if one.times > 1:
            told = f" ({one.times:,} times{f' until {until.time:%H:%M:%S}' if until else ''})"
        self._append(one.place, found.start("hour") if found and leads else 0, line, told)
        for place in self._following(one):
            self._append(place, 0, replace(line, times=1, until=None))

    def _append(self, place: int, cut: int, line: ShownLine, told: str = "") -> None:
        """Adds a line of the text from its character `cut` on."""
        span = self.log.clean.lines[place]
        words = self.log.line(place)[cut:][:MAX_LINE_CHARS].rstrip()
        start = len(self.text)
        end = start + len(words)
        self.text += f"{words}{told}\n"
        self.spans.append(replace(span, start=start, end=end + len(told)))
        number = span.number or place + 1
        self.shown.append(replace(line, start=start, end=end, origin=span.start + cut, number=number))

    def _following(self, one: Chosen) -> Iterator[int]:
        """The first lines below that have no stamp, and those that name a cause."""
        if not one.is_bad:
            return
        stamped = self.log.stamped
        at = bisect_right(stamped, one.place)
        end = stamped[at] if at < len(stamped) else len(self.log.clean.lines)
        places = range(one.place + 1, min(end, one.place + 200))
        telling = [place for place in places if _CAUSE.search(self.log.line(place)[:SEARCHED_CHARS])]
        yield from sorted({*places[:1], *telling[-2:]})[:MAX_FOLLOWING]

    def _stamp(self, place: int) -> Stamp | None:
        stamp = self.log.stamp(place)
        return with_year(stamp, self.year) if stamp else None


def _year_of(log: _Log) -> int | None:
    """The year of stamps that name none: that which the file's name or its first lines name, if it is one."""
    name = log.clean.document.uri.rpartition("/")[2]
    for words in (name, " ".join(log.line(place) for place in range(min(5, len(log.clean.lines))))):
        years = set(_YEAR.findall(words))
        if len(years) == 1:
            return int(years.pop())
    return None


def _stamp_warnings(log: _Log, shown: Sequence[ShownLine]) -> Iterator[str]:
    stamps = [one.stamp for one in shown if one.stamp is not None]
    if not stamps:
        yield "log: its time stamps are not understood; events stay in the order of lines"
        return
    if any(one.month is None for one in stamps):
        yield "log: its time stamps name no day"
    elif any(one.year is None for one in stamps):
        yield "log: its time stamps name no year, and none was found in the file's name or first lines"
    elif any(one.year is None for one in (log.stamp(place) for place in log.stamped[:3]) if one is not None):
        yield f"log: its time stamps name no year; {stamps[0].year} is that of the file's name or first lines"
    zones = {one.offset for one in stamps}
    if zones == {None}:
        yield "log: its time stamps name no time zone"
    elif None in zones:
        yield "log: some of its time stamps name no time zone; they were sorted as if they were in UTC"
    elif len(zones) > 1:
        yield f"log: its time stamps are in {len(zones)} time zones; events were sorted by the moment"
