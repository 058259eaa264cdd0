"""Worker processes beside each other, and a thread of ours for each: documents in, what comes of them out.

Small documents go to a worker together, for a call costs more than some of them. A worker that dies is started again,
and what it had is done one by one; a document of which it died twice is given up. Knows documents as works and stages
as functions that a worker can import.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.run.attempts import MAX_DEATHS
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.waiting import Waiting
from qwen_batch.run.stopping import Stop

OTHERS_AFTER_S = 0.3
"""So long the first worker is alone when it is ready: a few letters are done before another one has started."""
UNLIMITED_MB = 1 << 40
"""Memory of a worker; its own child, which reads, has a limit."""
END_AGAIN_S = 0.1
SAID_AHEAD = 1_000
"""Results that wait for the run's own thread, which publishes now and then."""
TOGETHER = 32
"""Small documents in a call at most. A worker begins with one and doubles, so that the first are soon there."""
CALLS_EACH = 4
"""So many calls each worker gets at least, if there are documents for them: none waits for another in the end."""

T = TypeVar("T")
V = TypeVar("V")
R = TypeVar("R")


class EndedError(Exception):
    """The run wants nothing more of its workers."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is started with: its task in bytes, and calls that make it ready before its first document."""

    pickled: bytes
    first_calls: Callable[[Isolator, bytes], None]


class Worker:
    """One worker process, as its thread here sees it."""

    def __init__(self, setup: Setup, ended: Event) -> None:
        self._setup = setup
        self._ended = ended
        self.process = Isolator(math.inf, UNLIMITED_MB, max_calls=math.inf)
        self.together = 1

    def get_ready(self) -> None:
        """Starts the process; what goes wrong is met again by the first document."""
        self._setup.first_calls(self.process, self._setup.pickled)

    def does(self, stage: Callable[[bytes, V], R], work: V, tries: int = MAX_DEATHS) -> R | None:
        """A stage of what `work` has or is; None if that ended the process as often as is tried."""
        for _ in range(tries):
            if self._ended.is_set():
                raise EndedError
            done = self.process.call(stage, self._setup.pickled, work)
            if not isinstance(done, Crash):
                return done
        if self._ended.is_set():
            raise EndedError
        return None


@dataclass(frozen=True, slots=True)
class Together(Generic[T]):
    """What came of the first `count` of several documents; the others were not begun."""

    said: Sequence[T]
    count: int


@dataclass(frozen=True, slots=True)
class Way(Generic[T]):
    """All stages on a worker: of one document, a call each, and of several small ones in a single call.

    `together` gives None if that call ended the process.
    """

    alone: Callable[[Worker, Work], Iterator[T]]
    together: Callable[[Worker, Sequence[Work]], Together[T] | None]


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


@dataclass(frozen=True, slots=True)
class _Through:
    """A thread has nothing more to do."""


class Workers(Generic[T]):
    """So many workers for these works. No document is begun after the stop; once one was not, none is."""

    def __init__(self, works: Sequence[Work], way: Way[T], setup: Setup, stop: Stop, count: int) -> None:
        self._waiting = Waiting(works)
        self._way = way
        self._stop = stop
        self._lock = Lock()
        self._first_is_ready = Event()
        self._over = Event()
        self._ended = Event()
        self._said: Queue[T | _Raised | _Through] = Queue(SAID_AHEAD)
        self._workers = [Worker(setup, self._ended) for _ in range(min(count, len(works)))]
        self._threads = [
            Thread(target=self._serve, args=(worker, number), name=f"worker-{number}", daemon=True)
            for number, worker in enumerate(self._workers)
        ]

    def outcomes(self) -> Generator[T]:
        """What the way of each document yields, as it comes. Closing the generator ends the processes.

        Raises the QwenBatchError that a stage raised, and EngineError for what nobody foresaw.
        """
        try:
            for thread in self._threads:
                thread.start()
            at_work = len(self._threads)
            while at_work:
                said = self._said.get()
                if isinstance(said, _Through):
                    at_work -= 1
                elif isinstance(said, _Raised):
                    raise _fatal(said.error) from said.error
                else:
                    yield said
        finally:
            self._end()

    def _serve(self, worker: Worker, number: int) -> None:
        try:
            if number:
                self._first_is_ready.wait()
                if self._over.wait(OTHERS_AFTER_S):
                    return
            worker.get_ready()
            self._first_is_ready.set()
            while works := self._next(worker):
                for said in self._done(worker, works):
                    self._say(said)
        except EndedError:
            pass
        except BaseException as error:  # noqa: BLE001  the run's own thread raises it
            self._say(_Raised(error))
        finally:
            self._first_is_ready.set()
            worker.process.close()
            self._say(_Through())

    def _say(self, said: T | _Raised | _Through) -> None:
        """Waits while the run's own thread is behind; nobody hears it any more once all is ended."""
        while not self._ended.is_set():
            with suppress(Full):
                self._said.put(said, timeout=END_AGAIN_S)
                return

    def _done(self, worker: Worker, works: Sequence[Work]) -> Iterator[T]:
        """What comes of them; those that have no part in it go back."""
        if len(works) == 1:
            yield from self._way.alone(worker, works[0])
            return
        done = self._way.together(worker, works)
        with self._lock:
            if done is None:
                self._waiting.suspect(works)
            else:
                self._waiting.put_back(works[done.count :])
        yield from done.said if done else ()

    def _next(self, worker: Worker) -> list[Work]:
        """What a worker does next: one document, or some small ones."""
        with self._lock:
            if not self._stop.taking():
                self._waiting.clear()
            if not self._waiting:
                self._over.set()
                return []
            most = min(worker.together, len(self._waiting) // (CALLS_EACH * len(self._workers)))
            worker.together = min(2 * worker.together, TOGETHER)
            return self._waiting.take(most)

    def _end(self) -> None:
        """Ends all processes; again where a thread was just about to start one."""
        with self._lock:
            self._waiting.clear()
        self._over.set()
        self._ended.set()
        self._first_is_ready.set()
        for worker, thread in zip(self._workers, self._threads, strict=True):
            while thread.is_alive():
                worker.process.interrupt()
                thread.join(END_AGAIN_S)


def _fatal(error: BaseException) -> QwenBatchError:
    if isinstance(error, QwenBatchError):
        return error
    what = f"{type(error).__name__}: {error}"
    return EngineError(f"the run stopped: {what}", "what is finished is safe: run the same command again")
