"""The script's own book: from what happened in the folder, and from which nights came to their end, what must be read.

Plain Python: it shares no code with the views. A document's content is a Lease or the code of its failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.faults.analyst.leases import JOBS, LEASE, Lease, evidence_of, fields_of, result_of

INVALID = "invalid_json"
Content = Lease | str


class Question(NamedTuple):
    """A job in one of its versions, asked of a content at a place."""

    job: str
    source: str
    content: Content
    version: int


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer, or a failure with its code; `night` counts publications."""

    asked: Question
    night: int
    code: str | None = None


@dataclass(slots=True)
class Known:
    """A file as the newest look at the folder found it."""

    content: Content
    there: bool = True
    same_as: tuple[str, ...] = ()


@dataclass(slots=True)
class Book:
    """`folder` is what lies there, `links` other names for it; `known` what a run has seen of it."""

    folder: dict[str, Content] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    rows: list[Settled] = field(default_factory=list)
    failures: list[Settled] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(JOBS, 1))
    ever: dict[str, list[str]] = field(default_factory=lambda: {job: [] for job in JOBS})
    decided: list[Settled] = field(default_factory=list)
    night: int = 0

    def look(self) -> None:
        """A run has listed the folder."""
        for source, one in self.known.items():
            one.there, one.same_as = source in self.folder, ()
        for source, content in self.folder.items():
            ways = tuple(sorted(link for link, target in self.links.items() if target == source))
            self.known[source] = Known(content, same_as=ways)

    def run(self, *, trouble: bool = False) -> list[Settled]:
        """A run has come to its end; gives what it has published."""
        self.look()
        done = self._complete()
        return done + self._publish(self._ask(self._owed(), trouble=trouble))

    def decide(self) -> None:
        """A run was killed when its publication was decided: the next one publishes it."""
        self.look()
        self.decided = self._ask(self._owed(), trouble=False)

    def retry(self, *, trouble: bool = False) -> list[Settled]:
        """All standing failures were asked again."""
        standing = [one.asked for one in self.standing()]
        asked = [one._replace(version=self.versions[one.job]) for one in standing]
        return self._publish(self._ask(asked, trouble=trouble))

    def _owed(self) -> list[Question]:
        there = {one.asked for one in (*self.rows, *self.failures, *self.decided)}
        questions = (
            Question(job, source, content, self.versions[job])
            for source, content in sorted(self.folder.items())
            for job in JOBS
        )
        return [one for one in questions if one not in there]

    def _ask(self, questions: Iterable[Question], *, trouble: bool) -> list[Settled]:
        answered = {one.asked._replace(source="") for one in self.rows}
        return [
            Settled(one, 0, None if one._replace(source="") in answered else _code(one, trouble=trouble))
            for one in questions
        ]

    def _complete(self) -> list[Settled]:
        decided, self.decided = self.decided, []
        return self._publish(decided)

    def _publish(self, settled: list[Settled]) -> list[Settled]:
        if not settled:
            return []
        self.night += 1
        new = [Settled(one.asked, self.night, one.code) for one in settled]
        self.rows += [one for one in new if one.code is None]
        self.failures += [one for one in new if one.code is not None]
        for job in JOBS:
            fields = fields_of(job, self.versions[job])
            self.ever[job] += [name for name in fields if name not in self.ever[job]]
        return new

    def latest(self, job: str, *, deleted: bool = False) -> dict[str, Settled]:
        """The row of each source."""
        found: dict[str, Settled] = {}
        for one in self.rows:
            source = one.asked.source
            if one.asked.job == job and (deleted or self.known[source].there):
                found[source] = max(found.get(source, one), one, key=self._rank)
        return found

    def _rank(self, row: Settled) -> tuple[bool, bool, int]:
        present = row.asked.content == self.known[row.asked.source].content
        return present, row.asked.version == self.versions[row.asked.job], row.night

    def state(self, row: Settled) -> str:
        """What `source_state` must say."""
        known = self.known[row.asked.source]
        if not known.there:
            return "deleted"
        return "present" if known.content == row.asked.content else "changed"

    def standing(self) -> list[Settled]:
        """The failures that still stand."""
        answered: dict[tuple[str, str, Content], int] = {}
        for row in self.rows:
            answered[row.asked[:3]] = max(row.night, answered.get(row.asked[:3], 0))
        newest: dict[tuple[str, str], Settled] = {}
        for one in self.failures:
            known = self.known[one.asked.source]
            if known.there and known.content == one.asked.content and answered.get(one.asked[:3], 0) < one.night:
                newest[one.asked[:2]] = one
        return list(newest.values())

    def result(self, row: Settled) -> dict[str, Any]:
        """A row's result, with the fields of all versions so far."""
        assert isinstance(row.asked.content, Lease)  # noqa: S101  the others fail
        own = result_of(row.asked.content, row.asked.job, row.asked.version)
        return {name: own.get(name) for name in self.ever[row.asked.job]}

    def evidence(self, job: str) -> Iterator[tuple[str, str, str, str, str, int]]:
        """The rows of the view, with their source."""
        for source, row in self.latest(job).items():
            for rest in evidence_of(self.result(row)):
                yield (source, *rest)

    def files(self) -> dict[str, int]:
        """Files by their state, as `status` counts them."""
        return dict(Counter("present" if one.there else "deleted" for one in self.known.values()))


def _code(question: Question, *, trouble: bool) -> str | None:
    content = question.content
    if isinstance(content, str):
        return content
    return INVALID if trouble and content.refused and question.job == LEASE else None
