"""Leases as facts and as text, the jobs that ask for them in four versions, and an engine that answers with quotes.

What an answer must become in the table is written here by hand, version by version, and not by the package's code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qwen_batch.records import Completion, Prompt

LEASE = "lease"
TOPIC = "topic"
JOBS = (LEASE, TOPIC)
REFUSED = "Refused by the engine."
"""A lease with this sentence is answered with no JSON while there is trouble."""
FIRST_PAGE, SECOND_PAGE = 1, 2

_HEAD = '''"""The analyst's job."""

import datetime as dt

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Day, Job, Party, Quoted


class Law(Quoted):
    """Where the law comes from."""

    place: str = Field(max_length=40)


class Note(Quoted):
    """Anything else."""

    text: str = Field(max_length=60)


class Answer(BaseModel):
    """What is asked."""

'''
_TAIL = '\n\nJOB = Job(name="{name}", schema=Answer, instruction="Read the lease.", sampling=EXTRACTION)\n'
_FIELDS = {
    "begin": "begin: Day | None",
    "start": "start: Day | None",
    "months": "months: int | None",
    "broken_months": "months: float | None",
    "parties": "parties: list[Party] = Field(max_length=4)",
    "law": "law: Law | None",
    "note": "note: Note | None",
    "law_text": "law: str | None = Field(max_length=40)",
}
VERSIONS: dict[int, tuple[str, ...]] = {
    1: ("begin", "months", "parties", "law"),
    2: ("begin", "months", "parties", "law", "note"),
    3: ("start", "months", "parties", "law", "note"),
    4: ("start", "broken_months", "parties", "law", "note"),
    5: ("start", "broken_months", "parties", "law_text", "note"),
}
"""The job gains a field, renames one, lets whole numbers have fractions; the fifth makes a text of an object."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A document: what it says, and whether the engine has trouble with it."""

    number: int
    begin: date | None = date(2024, 5, 6)
    months: float | None = 12
    parties: tuple[str, ...] = ("Alder AG", "Birch Ltd")
    place: str | None = "Ontario"
    note: str | None = None
    refused: bool = False

    def text(self) -> str:
        """The document, on two pages."""
        lines = [self.title, ""]
        lines += [f"Begin: {written(self.begin)}."] if self.begin else []
        lines += [f"Term: {self.months:g} months."] if self.months is not None else []
        lines += [f"Party: {name}." for name in self.parties]
        lines += [REFUSED] if self.refused else []
        last = [f"Law: the laws of {self.place}."] if self.place else ["No law is chosen."]
        last += [f"Note: {self.note}."] if self.note else []
        return "\n".join(lines) + "\f" + "\n".join(last) + "\n"

    @property
    def title(self) -> str:
        """Its first line."""
        return f"Lease number {self.number}"


def written(day: date) -> str:
    """A day as the documents write it."""
    return f"{day.day} {day:%B %Y}"


def job_source(name: str, version: int) -> str:
    """The text of a job's file."""
    if name == TOPIC:
        return _HEAD + "    title: Note | None\n" + _TAIL.format(name=name)
    return _HEAD + "".join(f"    {_FIELDS[field]}\n" for field in VERSIONS[version]) + _TAIL.format(name=name)


def fields_of(name: str, version: int) -> tuple[str, ...]:
    """The fields of a job's answers."""
    if name == TOPIC:
        return ("title",)
    return tuple(field.removeprefix("broken_").removesuffix("_text") for field in VERSIONS[version])


def result_of(lease: Lease, name: str, version: int) -> dict[str, Any]:
    """What the table must hold of a lease."""
    day = lease.begin and {"quote": written(lease.begin), "date": lease.begin, "original": written(lease.begin)}
    months = lease.months if lease.months is None or version > 3 else int(lease.months)  # noqa: PLR2004
    facts = {
        "title": {"quote": lease.title, "text": lease.title},
        "begin": day,
        "start": day,
        "months": months,
        "parties": [{"name": one, "quote": one, "role": None} for one in lease.parties],
        "law": lease.place and {"quote": f"laws of {lease.place}", "place": lease.place},
        "note": lease.note and {"quote": lease.note, "text": lease.note},
    }
    return {field: facts[field] for field in fields_of(name, version)}


def evidence_of(result: dict[str, Any]) -> list[tuple[str, str, str, str, int]]:
    """Of a result its field, path, value, quote and page of each value that has a quote."""
    rows = []
    for field, value in result.items():
        page = SECOND_PAGE if field in {"law", "note"} else FIRST_PAGE
        many = isinstance(value, list)
        for number, fact in enumerate(value if many else [value], 1):
            path = f"{field}[{number}]" if many else field
            leaves = fact.items() if isinstance(fact, dict) else ()
            rows += [
                (field, f"{path}.{leaf}", str(said), fact["quote"], page)
                for leaf, said in leaves
                if leaf != "quote" and said is not None
            ]
    return rows


class QuotingEngine:
    """A fake: reads leases with patterns, and answers with quotes of them."""

    def __init__(self, *, trouble: bool) -> None:
        self._trouble = trouble

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """One completion a prompt."""
        return [Completion(self._answer(prompt), "stop", len(prompt.token_ids), 10) for prompt in shard]

    def close(self) -> None:
        """Nothing to end."""

    def _answer(self, prompt: Prompt) -> str:
        if self._trouble and prompt.job == LEASE and REFUSED in prompt.chunk.text:
            return "no JSON"
        asked = json.loads(prompt.json_schema or "{}")["properties"]
        said = _said(prompt.chunk.text)
        whole = "number" not in json.dumps(asked.get("months", ""))
        if said["months"] is not None and whole:
            said["months"] = int(said["months"])
        return json.dumps({field: said[field] for field in asked})


_DAY = re.compile(r"Begin: ((\d+) (\w+) (\d+))\.")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September")


def _said(text: str) -> dict[str, Any]:
    day, term = _DAY.search(text), re.search(r"Term: ([\d.]+) months", text)
    law, note = re.search(r"Law: the (laws of (\w+))", text), re.search(r"Note: (.*)\.", text)
    title = re.search(r"Lease number \d+", text)
    iso = day and f"{day[4]}-{_MONTHS.index(day[3]) + 1:02d}-{int(day[2]):02d}"
    begin = day and {"quote": day[1], "date": iso}
    return {
        "title": title and {"quote": title[0], "text": title[0]},
        "begin": begin,
        "start": begin,
        "months": float(term[1]) if term else None,
        "parties": [{"name": one, "quote": one, "role": None} for one in re.findall(r"Party: (.*)\.", text)],
        "law": law and {"quote": law[1], "place": law[2]},
        "note": note and {"quote": note[1], "text": note[1]},
    }
