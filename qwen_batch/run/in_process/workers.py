"""Worker processes beside each other, and a thread of ours for each: documents in, what comes of them out.

A worker that dies takes its document along and is started again; a document of which it died twice is given up. Knows
documents as works and stages as functions that a worker can import.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.run.attempts import MAX_DEATHS
from qwen_batch.run.document.work import Work
from qwen_batch.run.stopping import Stop

OTHERS_AFTER_S = 0.3
"""So long the first worker is alone when it is ready: a few letters are done before another one has started."""
UNLIMITED_MB = 1 << 40
"""Memory of a worker; its own child, which reads, has a limit."""
END_AGAIN_S = 0.1

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

    def get_ready(self) -> None:
        """Starts the process; what goes wrong is met again by the first document."""
        self._setup.first_calls(self.process, self._setup.pickled)

    def does(self, stage: Callable[[bytes, V], R], work: V) -> R | None:
        """A stage of one document, which `work` has or is; None for one that ended the process as often as is tried."""
        for _ in range(MAX_DEATHS):
            if self._ended.is_set():
                raise EndedError
            done = self.process.call(stage, self._setup.pickled, work)
            if not isinstance(done, Crash):
                return done
        if self._ended.is_set():
            raise EndedError
        return None


Way = Callable[[Worker, Work], Iterator[T]]
"""All stages of a document on a worker."""


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


@dataclass(frozen=True, slots=True)
class _Through:
    """A thread has nothing more to do."""


class Workers(Generic[T]):
    """So many workers for these works. No document is begun after the stop; once one was not, none is."""

    def __init__(self, works: Sequence[Work], way: Way[T], setup: Setup, stop: Stop, count: int) -> None:
        self._works = deque(works)
        self._way = way
        self._stop = stop
        self._lock = Lock()
        self._first_is_ready = Event()
        self._over = Event()
        self._ended = Event()
        self._said: SimpleQueue[T | _Raised | _Through] = SimpleQueue()
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
            while (work := self._next()) is not None:
                for said in self._way(worker, work):
                    self._said.put(said)
        except EndedError:
            pass
        except BaseException as error:  # noqa: BLE001  the run's own thread raises it
            self._said.put(_Raised(error))
        finally:
            self._first_is_ready.set()
            worker.process.close()
            self._said.put(_Through())

    def _next(self) -> Work | None:
        with self._lock:
            if not self._stop.taking():
                self._works.clear()
            if not self._works:
                self._over.set()
                return None
            return self._works.popleft()

    def _end(self) -> None:
        """Ends all processes; again where a thread was just about to start one."""
        self._works.clear()
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
