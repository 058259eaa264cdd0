"""Folders of small logs, each with an incident, and their gold: ``python data/gen_logs.py``, without a package.

Owns how a line is written. What happens stands in ``logs/texts``; between it are ordinary lines, by a seed.
"""

from __future__ import annotations

import json
import random
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "logs"
BEGINS = datetime(2026, 3, 14, 10, tzinfo=UTC)
FROM_MINUTE, TO_MINUTE = -180, 180
ORDINARY_LINES = 240
BURST_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``event`` is the message of the event that it tells, as the text has it."""

    at: datetime
    level: str
    component: str
    message: str
    event: str = ""


def written(line: Line, style: str) -> str:
    """A line as a program writes it."""
    at, milli = line.at, line.at.microsecond // 1000
    if style == "iso":
        return f"{at:%Y-%m-%dT%H:%M:%S}.{milli:03}+00:00 {line.level} [{line.component}] {line.message}"
    if style == "comma":
        return f"{at:%Y-%m-%d %H:%M:%S},{milli:03} {line.level} {line.component} - {line.message}"
    if style == "chinese":
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S} 【{line.component}】{line.level} {line.message}"
    return f"{at:%b %d %H:%M:%S} host-1 {line.component}: {line.level} {line.message}"


def file_to_lines(data: dict[str, Any], seed: str) -> list[Line]:
    """The lines of one log in order."""
    chance = random.Random(seed)
    lines = []
    for event in data["events"]:
        minute, level, component, message, repeats = (part.strip() for part in event.split("|"))
        for repeat in range(int(repeats)):
            later = chance.uniform(0, BURST_MINUTES) if repeat else 0.0
            at = BEGINS + timedelta(minutes=int(minute) + later, seconds=chance.uniform(0, 20))
            lines.append(Line(at, level, component, _filled(message, chance), message))
    for number in range(ORDINARY_LINES):
        level, component, message = (part.strip() for part in chance.choice(data["ordinary"]).split("|"))
        step = (TO_MINUTE - FROM_MINUTE) / ORDINARY_LINES
        at = BEGINS + timedelta(minutes=FROM_MINUTE + (number + chance.random()) * step)
        lines.append(Line(at, level, component, _filled(message, chance)))
    return sorted(lines, key=lambda line: line.at)


def _filled(message: str, chance: random.Random) -> str:
    ip = f"10.{chance.randint(0, 9)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"
    return message.format(n=chance.randint(1, 900), id=f"{chance.getrandbits(28):07x}", ip=ip)


def main() -> None:
    """Write all logs, then the gold of both jobs: of each event the line on which it begins."""
    files, folders = [], []
    for path in sorted((FOLDER / "texts").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        begun: list[tuple[datetime, int]] = []
        for file in data["file"]:
            lines = file_to_lines(file, f"{path.stem}/{file['name']}")
            target = FOLDER / "samples" / path.stem / file["name"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(f"{written(line, file['style'])}\n" for line in lines), encoding="utf-8")
            first = {line.event: number for number, line in reversed(list(enumerate(lines, 1))) if line.event}
            numbers = sorted(first.values())
            begun += [(lines[number - 1].at, number) for number in numbers]
            files.append(_gold(f"{path.stem}/{file['name']}", {"events[].line": numbers}))
        fields = {"events[].line": [number for _, number in sorted(begun)], "first_cause.what": data["cause"]}
        folders.append(_gold(path.stem, fields))
    (FOLDER / "gold").mkdir(exist_ok=True)
    for job, records in (("log_events", files), ("incident_timeline", folders)):
        text = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        (FOLDER / "gold" / f"{job}.jsonl").write_text(text, encoding="utf-8")


def _gold(source: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"source": source, "fields": fields, "normalisers": {"events[].line": "exact"}}


if __name__ == "__main__":
    main()
