"""When a run stops before its end: at a time of the clock, or at a signal, with what is finished published.

Two moments count: `taking_until_s`, after which no document is begun, early enough that those in flight come to
their end, and `end_s`, when the process must be through. Times are seconds since the epoch. Knows nothing of Ray.
"""

from __future__ import annotations

import math
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import TypeVar

from qwen_batch.errors import EXIT_DEADLINE, UsageError

RESERVE_S = 6.0
"""For publishing a few rows and for ending Ray."""
PUBLISHED_ROWS_PER_S = 5_000
IN_FLIGHT_SAMPLES = 256
IN_FLIGHT_MARGIN = 1.25
"""The slowest of the last documents, and a quarter more, is what those in flight are given."""
ALARM_AGAIN_S = 0.1
WORTH_TELLING_S = 0.5
DEFAULT_GRACE_S = 30.0

_SPAN = re.compile(r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+)s?)?")
T = TypeVar("T")


class OutOfTime(BaseException):
    """The time is over: raised in the main thread, and only while it waits for outcomes or for a start.

    No Exception, so that no stage and nothing of Ray takes it for the fault of a document.
    """


@dataclass(frozen=True, slots=True)
class Limits:
    """What the user allows: `end_s` is when the run must be through, `grace_s` how long SIGTERM leaves it."""

    end_s: float = math.inf
    grace_s: float = DEFAULT_GRACE_S


class Stop:
    """When a run stops taking documents; may be asked and changed from any thread."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.end_s = self._limits.end_s
        self.reason: str | None = None if math.isinf(self.end_s) else "the time limit"
        self._asked = False
        self._rows = 0
        self._in_flight: deque[float] = deque(maxlen=IN_FLIGHT_SAMPLES)
        self._callbacks: list[Callable[[float], None]] = []
        self._waiting = False
        self._starting = False
        self._handling = False
        self.taking_until_s = self._estimate()

    def too_short(self, began_s: float, first_document_s: float | None, starts_in_s: float) -> tuple[str, ...]:
        """A line for people if a run that began then can hardly finish a document before its end, else none.

        `first_document_s` is how long the quickest of the last runs took until its first one, if that is known;
        `starts_in_s` is how long any such run takes at least.
        """
        has_s = self.end_s - began_s
        needs_s = (starts_in_s if first_document_s is None else first_document_s) + RESERVE_S
        if has_s >= needs_s:
            return ()
        why = "no run starts sooner" if first_document_s is None else "the quickest of the last runs here needed that"
        line = (
            f"{has_s:.0f} s are too short to finish a document: {needs_s - RESERVE_S:.0f} s until the first is done "
            f"({why}), and {RESERVE_S:.0f} s to publish. What earlier runs left staged is published; what is new is "
            f"left, with exit code {EXIT_DEADLINE}. Give it more than {math.ceil(needs_s)} s."
        )
        return (line,)

    def taking(self) -> bool:
        """Whether another document may be begun now."""
        return time.time() < self.taking_until_s

    def on_change(self, callback: Callable[[float], None]) -> None:
        """Tells `taking_until_s` now, if it is finite, and whenever it changes; in a thread of its own."""
        self._callbacks.append(callback)
        if not math.isinf(self.taking_until_s):
            self._tell([callback])

    def ask(self, reason: str) -> None:
        """From now on nothing is begun, and all must be through after the grace time. May run in a signal handler."""
        self.reason = reason
        self._asked = True
        self.end_s = min(self.end_s, time.time() + self._limits.grace_s)
        self._update()
        self._set_alarm()
        if self._starting:
            self._starting = False  # what has begun to start is taken down in peace
            raise OutOfTime

    def measured(self, in_flight_s: float, staged_rows: int) -> None:
        """A document was that long in flight, and so many rows wait for publishing."""
        self._in_flight.append(in_flight_s)
        self._rows = staged_rows
        self._update()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """SIGTERM asks to stop, and the end of the time interrupts waiting; the main thread's handlers come back."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        term = signal.signal(signal.SIGTERM, lambda number, _frame: self.ask(signal.Signals(number).name))
        alarm = signal.signal(signal.SIGALRM, self._time_is_over)
        self._handling = True
        self._set_alarm()
        try:
            yield
        finally:
            self._handling = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, alarm)
            signal.signal(signal.SIGTERM, term)

    @contextmanager
    def session(self, opening: AbstractContextManager[None]) -> Iterator[None]:
        """Opens a session. While it opens nothing is in flight: a request to stop is an OutOfTime at once."""
        with ExitStack() as stack:
            self._starting = True
            try:
                if self._asked or time.time() >= self._last_moment_s():
                    raise OutOfTime
                stack.enter_context(opening)
            finally:
                self._starting = False
            if self._asked:
                raise OutOfTime  # what was raised in the handler may have been swallowed by what was opened
            yield

    def until_time_is_over(self, outcomes: Iterator[T]) -> Iterator[T]:
        """The outcomes; raises OutOfTime when those in flight have used up their time."""
        while True:
            self._waiting = True
            try:
                outcome = next(outcomes)
            except StopIteration:
                return
            finally:
                self._waiting = False
            yield outcome

    def _last_moment_s(self) -> float:
        return self.end_s - RESERVE_S - self._rows / PUBLISHED_ROWS_PER_S

    def _estimate(self) -> float:
        if self._asked:
            return 0.0
        return self._last_moment_s() - IN_FLIGHT_MARGIN * max(self._in_flight, default=0.0)

    def _update(self) -> None:
        estimate = self._estimate()
        if abs(estimate - self.taking_until_s) >= WORTH_TELLING_S:  # never for two infinities: their difference is none
            self.taking_until_s = estimate
            self._tell(self._callbacks)

    def _tell(self, callbacks: list[Callable[[float], None]]) -> None:
        for callback in callbacks:
            threading.Thread(target=callback, args=(self.taking_until_s,), daemon=True).start()

    def _set_alarm(self) -> None:
        if self._handling and not math.isinf(self.end_s):
            signal.setitimer(signal.ITIMER_REAL, max(ALARM_AGAIN_S, self._last_moment_s() - time.time()))

    def _time_is_over(self, _number: int, _frame: FrameType | None) -> None:
        if time.time() < self._last_moment_s() or not (self._waiting or self._starting):
            signal.setitimer(signal.ITIMER_REAL, max(ALARM_AGAIN_S, self._last_moment_s() - time.time()))
            return
        self._starting = False
        raise OutOfTime


def text_to_span_s(text: str) -> float:
    """Seconds of a span such as 4h, 90m, 1h30m or 45s. Raises UsageError."""
    found = _SPAN.fullmatch(text.strip().lower())
    hours, minutes, seconds = (int(found[unit] or 0) for unit in "hms") if found else (0, 0, 0)
    if not (span := hours * 3600 + minutes * 60 + seconds):
        raise UsageError(f"{text!r} is no span of time", "write 4h, 90m, 1h30m or 45s")
    return float(span)


def text_to_moment_s(text: str, now: datetime) -> float:
    """The next time that the clock, in the zone of `now`, shows HH:MM. Raises UsageError."""
    try:
        clock = datetime.strptime(text.strip(), "%H:%M").replace(tzinfo=now.tzinfo)
    except ValueError:
        raise UsageError(f"--until {text}: no time of the day", "write HH:MM, for example 06:00") from None
    moment = now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return (moment if moment > now else moment + timedelta(days=1)).timestamp()
