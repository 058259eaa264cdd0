"""stopping: nothing is begun too late, and the moments come from what was measured."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from qwen_batch.errors import UsageError
from qwen_batch.run.stopping import RESERVE_S, Limits, OutOfTime, Stop, text_to_moment_s, text_to_span_s


@pytest.mark.parametrize(("text", "seconds"), [("4h", 14400), ("90m", 5400), ("1h30m", 5400), ("45s", 45), ("45", 45)])
def test_spans(text: str, seconds: float) -> None:
    assert text_to_span_s(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "4 hours", "-5m", "h"])
def test_a_span_that_cannot_be_meant_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="1h30m"):
        text_to_span_s(text)


def test_until_is_the_next_time_that_the_clock_shows_it() -> None:
    now = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    assert text_to_moment_s("23:00", now) == datetime(2026, 11, 23, 23, 0, tzinfo=UTC).timestamp()
    assert text_to_moment_s("06:00", now) == datetime(2026, 11, 24, 6, 0, tzinfo=UTC).timestamp()
    with pytest.raises(UsageError, match="HH:MM"):
        text_to_moment_s("6 am", now)


def test_without_a_limit_documents_are_always_taken() -> None:
    stop = Stop()
    stop.measured(1000, staged_rows=10**6)
    assert stop.taking()
    assert math.isinf(stop.taking_until_s)


def test_the_slowest_documents_and_the_rows_to_publish_move_the_last_beginning_forward() -> None:
    end = time.time() + 1000
    stop = Stop(Limits(end_s=end))
    assert stop.taking_until_s == pytest.approx(end - RESERVE_S)
    stop.measured(2, staged_rows=0)
    stop.measured(100, staged_rows=50_000)
    assert stop.taking_until_s == pytest.approx(end - RESERVE_S - 125 - 10)


def test_a_request_to_stop_takes_nothing_more_and_tells_it() -> None:
    stop = Stop(Limits(grace_s=60))
    told: list[float] = []
    heard = threading.Event()
    stop.on_change(lambda moment: (told.append(moment), heard.set()))
    stop.ask("SIGTERM")
    assert heard.wait(10)
    assert told == [0.0]
    assert not stop.taking()
    assert stop.end_s == pytest.approx(time.time() + 60, abs=5)
    with pytest.raises(OutOfTime), stop.session(None):  # type: ignore[arg-type]  nothing is opened any more
        pytest.fail("a session was opened")


def test_a_request_to_stop_that_was_swallowed_while_a_session_opened_was_forgotten() -> None:
    stop = Stop(Limits(grace_s=60))
    ended: list[bool] = []

    @contextmanager
    def opening_that_swallows() -> Iterator[None]:
        with suppress(OutOfTime):
            stop.ask("SIGTERM")
        try:
            yield
        finally:
            ended.append(True)

    with pytest.raises(OutOfTime), stop.session(opening_that_swallows()):
        pytest.fail("a session was opened")
    assert ended == [True]


@pytest.mark.parametrize(
    ("limit_s", "first_s", "words"),
    [
        (20, 43.2, "20 s are too short to finish a document: 43 s until the first is done"),
        (20, 10.0, None),
        (10, None, "no run starts sooner"),
        (60, None, None),
        (math.inf, 99.0, None),
    ],
)
def test_a_limit_that_is_shorter_than_a_start_is_said_to_be(
    limit_s: float, first_s: float | None, words: str | None
) -> None:
    said = Stop(Limits(1000.0 + limit_s)).too_short(1000.0, first_s, 8.0)
    assert len(said) == (words is not None)
    assert all(words and words in line for line in said)
