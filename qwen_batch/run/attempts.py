"""Who was at work when a worker died: which document is poison, and when a run may not begin another.

Owns the counts of one run, in the memory of one process. Knows nothing of Ray: what restarts a worker tells it here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.failure_codes import FailureCode
from qwen_batch.outcomes import Failure, Stage
from qwen_batch.records import Document

MAX_DEATHS = 2
"""A document that ended its worker so often is not tried again; its failure says "twice"."""
MAX_DEATHS_WITHOUT_ANSWER = 4
"""An engine that dies more often than this, and answers no document in between, is broken."""
POISON: FailureCode = "poison"
NO_WORDS = "its process was killed or crashed without a word"

Verdict = Literal["go", "alone", "poison", "stopped"]
"""Work on it; with nothing else in the engine; don't touch it; it is not begun any more."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Stands in a stream for documents that the run has not begun and will not begin."""


@dataclass(slots=True)
class _Asked:
    """A document in an engine: how often that died with it, and whether it is to be, and is, there alone."""

    engine: str
    deaths: int = 0
    to_be_alone: bool = False
    is_alone: bool = False
    poison: bool = False


@dataclass(slots=True)
class _Engine:
    """An engine's deaths in all, and since it last answered a document."""

    deaths: int = 0
    without_answer: int = 0
    words: str = NO_WORDS
    asked: set[str] = field(default_factory=set)


class Attempts:
    """All documents of a run by what they are in. Not thread-safe; `now_s` gives seconds since the epoch."""

    def __init__(self, taking_until_s: float, now_s: Callable[[], float] = time.time) -> None:
        self._taking_until_s = taking_until_s
        self._now_s = now_s
        self._shut = False
        self._taken: set[str] = set()
        self._begins: dict[tuple[Stage, str], int] = {}
        self._asked: dict[str, _Asked] = {}
        self._engines: dict[str, _Engine] = {}
        self._last_error: QwenBatchError | None = None

    def take_until(self, moment_s: float) -> None:
        """From that moment no document is begun; once one was declined none is, whatever comes later."""
        self._taking_until_s = moment_s

    def taken(self) -> int:
        """How many documents were begun in this run."""
        return len(self._taken)

    def begin_reading(self, doc_id: str) -> Verdict:
        """Whether to read a document: "stopped" if it would be the first time, and too late."""
        if doc_id not in self._taken:
            self._shut = self._shut or self._now_s() >= self._taking_until_s
            if self._shut:
                return "stopped"
            self._taken.add(doc_id)
        return self.begin("read", doc_id)

    def begin(self, stage: Stage, doc_id: str) -> Verdict:
        """Whether to work on a document in a worker that has no other one; beginning without an end is a death."""
        key = (stage, doc_id)
        self._begins[key] = self._begins.get(key, 0) + 1
        return "poison" if self._begins[key] > MAX_DEATHS else "go"

    def end(self, stage: Stage, doc_id: str) -> None:
        """The stage is through with the document."""
        self._begins.pop((stage, doc_id), None)

    def ask(self, engine: str, doc_ids: Sequence[str]) -> dict[str, Verdict]:
        """How each of these documents may enter an engine where many are at a time."""
        return {doc_id: self._ask(engine, doc_id) for doc_id in doc_ids}

    def _ask(self, engine: str, doc_id: str) -> Verdict:
        asked = self._asked.setdefault(doc_id, _Asked(engine))
        if asked.poison:
            return "poison"
        asked.engine = engine
        asked.to_be_alone = asked.deaths >= MAX_DEATHS
        self._engines.setdefault(engine, _Engine()).asked.add(doc_id)
        return "alone" if asked.to_be_alone else "go"

    def is_alone(self, doc_id: str) -> None:
        """A document that waited for it has the engine for itself now."""
        if doc_id in self._asked:
            self._asked[doc_id].is_alone = True

    def answered(self, doc_id: str) -> None:
        """The engine is through with the document, and works."""
        asked = self._asked.pop(doc_id, None)
        if asked is not None:
            engine = self._engines[asked.engine]
            engine.asked.discard(doc_id)
            engine.without_answer = 0

    def engine_fails(self, engine: str, words: str) -> None:
        """What an engine says before its process ends."""
        self._engines.setdefault(engine, _Engine()).words = words

    def run_fails(self, error: QwenBatchError) -> None:
        """Why a worker cannot go on; the driver asks for it when the run breaks off."""
        self._last_error = error

    def last_error(self) -> QwenBatchError | None:
        """What ended the run, if a worker could still say it."""
        return self._last_error

    def engine_starts(self, engine: str) -> EngineError | None:
        """An engine starts, again if its name is known: its death is put down to the documents in it.

        Gives the error that ends the run if it died again and again.
        """
        known = self._engines.get(engine)
        if known is None:
            self._engines[engine] = _Engine()
            return None
        self._accuse(known)
        known.deaths += 1
        known.without_answer += 1
        if known.without_answer > MAX_DEATHS_WITHOUT_ANSWER:
            self._last_error = _broken(known)
        known.words = NO_WORDS
        known.asked.clear()
        return self._last_error if isinstance(self._last_error, EngineError) else None

    def _accuse(self, engine: _Engine) -> None:
        """The one that was alone, else all that were together; those that waited to be alone did nothing.

        The others are acquitted when one is found, but not while nothing was answered since the last death: then
        they may be as bad, and are tried alone at once.
        """
        inside = [self._asked[doc_id] for doc_id in engine.asked]
        alone = [asked for asked in inside if asked.is_alone]
        for asked in alone:
            asked.poison = True
        for asked in inside:
            if alone and engine.without_answer == 0:
                asked.deaths = 0
            elif not alone and not asked.to_be_alone:
                asked.deaths += 1
            asked.is_alone = False


def poisoned(document: Document, stage: Stage, job: str | None = None) -> Failure:
    """The failure of a document that is not tried again; of one job, or of all that are asked of it."""
    message = (
        f"the document ended the process that worked on it twice at the {stage} stage; "
        f"look at it, then `qwen-batch retry --code {POISON}`"
    )
    return Failure(document, stage, POISON, message, job=job, attempts=MAX_DEATHS)


def _broken(engine: _Engine) -> EngineError:
    return EngineError(
        f"the engine died {engine.deaths} times, {engine.without_answer} times in a row without answering a document; "
        f"the last time: {engine.words}",
        "what is finished is safe: look for its memory (`dmesg`, `nvidia-smi`) and its settings (`qwen-batch doctor`), "
        "then run the same command again",
    )
