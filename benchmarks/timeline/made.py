"""Logs of a day with planted events among lines that repeat, by a seed: 30 events, one of them the first cause.

Three incidents, three ways to write a line. Most lines are ordinary; some of those are warnings and errors too, and go
on all day, so that a level alone tells nothing. Knows nothing of how a log is read.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

Style = Literal["iso", "comma", "syslog"]
STYLES: tuple[Style, ...] = ("iso", "comma", "syslog")
INCIDENTS = Path(__file__).with_name("incidents.toml")
MIB = 1 << 20
DAY = datetime(2026, 3, 14, tzinfo=UTC)
HOURS = 20
CAUSE_HOUR = 8
BURST_MINUTES = 12
"""Lines of an event that repeats are spread over so long."""
MEAN_LINE_BYTES = 83
HOSTS = ("web-1", "web-2", "app-3", "db-1")
ORDINARY = (
    (60, "INFO", "gateway", "GET /products/{n} 200 in {ms} ms for {ip}"),
    (40, "INFO", "gateway", "POST /cart 201 in {ms} ms for {ip}"),
    (30, "INFO", "orders", "order {id} accepted, {n} items"),
    (30, "INFO", "payments", "authorisation {id} approved in {ms} ms"),
    (30, "DEBUG", "cache", "hit product:{n}"),
    (20, "DEBUG", "cache", "miss product:{n}, loaded in {ms} ms"),
    (20, "INFO", "auth", "user {id} logged in from {ip}"),
    (20, "INFO", "inventory", "reserved {n} of item {id}"),
    (16, "DEBUG", "queue", "delivered message {id} to order-events, offset {n}"),
    (12, "INFO", "mailer", "mail {id} sent in {ms} ms"),
    (10, "INFO", "search", "query took {ms} ms, {n} hits"),
    (8, "DEBUG", "scheduler", "job heartbeat ran in {ms} ms"),
    (6, "INFO", "node", "load {ms} ms, {n} open files"),
    (5, "INFO", "postgres", "checkpoint complete: wrote {n} buffers in {ms} ms"),
    (4, "WARN", "search", "slow query of {ms} ms, {n} hits"),
    (4, "WARN", "payments", "authorisation {id} declined by the issuer"),
    (3, "WARN", "auth", "wrong password for user {id} from {ip}"),
    (2, "ERROR", "gateway", "client {ip} closed the connection before the answer"),
    (2, "ERROR", "mailer", "address of user {id} bounced"),
)
RARE = 120
"""Lines of routine that come once or twice: what is rare is not an event for that."""
RARE_LINES = (
    ("INFO", "web", "route /{one}/{other} registered"),
    ("INFO", "plugins", "loaded {one} for {other}"),
    ("DEBUG", "config", "option {one}.{other} has its default"),
    ("INFO", "reports", "{one} of {other} written for the archive"),
    ("INFO", "auth", "user {one} opened the page on {other}"),
    ("DEBUG", "cache", "warmed {one} {other}"),
    ("INFO", "scheduler", "{one} of {other} starts tonight as planned"),
)
WORDS = (
    "amber",
    "basalt",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "garnet",
    "harbour",
    "indigo",
    "juniper",
    "kelp",
    "lagoon",
    "maple",
    "nectar",
    "opal",
    "prairie",
    "quartz",
    "raven",
    "saffron",
    "tundra",
    "umber",
    "violet",
    "willow",
    "xenon",
    "yarrow",
    "zephyr",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """An event of the log: its lines counted from 1, its words, when it began, and whether it is the first cause."""

    lines: tuple[int, ...]
    message: str
    level: str
    at: datetime
    is_cause: bool


@dataclass(frozen=True, slots=True)
class MadeLog:
    """A log that was written, and what is planted in it, in the order of time."""

    path: Path
    lines: int
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    at: datetime
    level: str
    component: str
    message: str
    event: int | None = None


@dataclass(frozen=True, slots=True)
class _Event:
    minute: int
    level: str
    component: str
    message: str
    repeats: int

    @property
    def is_cause(self) -> bool:
        return self.minute == 0


def write_log(path: Path, seed: int, size_mib: float) -> MadeLog:
    """A log of about this size; incident and way of writing go by the seed."""
    chance = random.Random(seed)  # noqa: S311  nothing secret
    events = _events(seed)
    style = STYLES[seed % len(STYLES)]
    special = sorted([*_event_lines(events, chance), *_rare_lines(chance)], key=lambda line: line.at)
    ordinary = int(size_mib * MIB / MEAN_LINE_BYTES)
    lines: list[list[int]] = [[] for _ in events]
    first: list[datetime | None] = [None for _ in events]
    number = 0
    with path.open("w", encoding="utf-8") as file:
        for number, line in enumerate(_merged(_ordinary_lines(ordinary, chance), special), 1):
            file.write(f"{_written(line, style, chance)}\n")
            if line.event is not None:
                lines[line.event].append(number)
                first[line.event] = first[line.event] or line.at
    planted = [
        Planted(tuple(mine), event.message, event.level, at, event.is_cause)
        for event, mine, at in zip(events, lines, first, strict=True)
        if at is not None
    ]
    return MadeLog(path, number, tuple(sorted(planted, key=lambda one: one.at)))


def _events(seed: int) -> list[_Event]:
    data = tomllib.loads(INCIDENTS.read_text("utf-8"))
    names = sorted(data["incidents"])
    chosen = data["incidents"][names[seed // len(STYLES) % len(names)]]["events"]
    return [_event(line) for line in (*data["unrelated"]["events"], *chosen)]


def _event(line: str) -> _Event:
    minute, level, component, message, repeats = (part.strip() for part in line.split("|"))
    return _Event(int(minute), level, component, message, int(repeats))


def _event_lines(events: list[_Event], chance: random.Random) -> Iterator[_Line]:
    for number, event in enumerate(events):
        begins = DAY + timedelta(hours=CAUSE_HOUR, minutes=event.minute, seconds=chance.uniform(0, 50))
        for repeat in range(event.repeats):
            later = 0.0 if repeat == 0 else chance.uniform(0, BURST_MINUTES * 60)
            at = begins + timedelta(seconds=later)
            yield _Line(at, event.level, event.component, _filled(event.message, chance), number)


def _rare_lines(chance: random.Random) -> Iterator[_Line]:
    for _ in range(RARE):
        level, component, message = chance.choice(RARE_LINES)
        message = message.format(one=chance.choice(WORDS), other=chance.choice(WORDS))
        for _ in range(chance.randint(1, 2)):
            yield _Line(DAY + timedelta(hours=chance.uniform(0, HOURS)), level, component, message)


def _ordinary_lines(count: int, chance: random.Random) -> Iterator[_Line]:
    weights = [weight for weight, *_ in ORDINARY]
    step = HOURS * 3600 / count
    for number in range(count):
        _, level, component, message = chance.choices(ORDINARY, weights)[0]
        at = DAY + timedelta(seconds=(number + chance.random()) * step)
        yield _Line(at, level, component, _filled(message, chance))


def _merged(ordinary: Iterator[_Line], special: list[_Line]) -> Iterator[_Line]:
    waiting = iter(special)
    following = next(waiting, None)
    for line in ordinary:
        while following is not None and following.at <= line.at:
            yield following
            following = next(waiting, None)
        yield line


def _filled(message: str, chance: random.Random) -> str:
    return message.format(
        n=chance.randint(1, 9000),
        ms=chance.randint(1, 900),
        ip=f"10.{chance.randint(0, 40)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}",
        id=f"{chance.getrandbits(32):08x}",
    )


def _written(line: _Line, style: Style, chance: random.Random) -> str:
    at = line.at
    milli = at.microsecond // 1000
    if style == "iso":
        return f"{at:%Y-%m-%dT%H:%M:%S}.{milli:03}Z {line.level:<5} [{line.component}] {line.message}"
    if style == "comma":
        return f"{at:%Y-%m-%d %H:%M:%S},{milli:03} {line.level} {line.component} - {line.message}"
    host = chance.choice(HOSTS)
    return f"{at:%b %d %H:%M:%S} {host} {line.component}[{chance.randint(200, 9999)}]: {line.level} {line.message}"
