"""progress: counts that add up, and what is shown where."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import pytest
from rich.console import Console

from qwen_batch.engine.usage import EngineUsage
from qwen_batch.outcomes import CleanSummary, DocumentOutcome, Failure, Record
from qwen_batch.records import Document
from qwen_batch.run import progress
from qwen_batch.run.progress import Counts, LiveReporter, PlainReporter, SilentReporter, make_reporter, status_line

DOCUMENT = Document("id", "file", "m", 1)


class FakeTime:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(progress, "time", fake)
    return fake


def record(prompt: int, cached: int, output: int) -> Record:
    summary = CleanSummary(1, 0, None, "en")
    return Record(DOCUMENT, summary, "j", "f", "m", prompt, output, cached, "stop", 1, (), {}, (), {})


def counts(**values: Any) -> Counts:
    return Counts(**{"documents": 10, **values})


def console(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=200, highlight=False), file


def test_outcomes_add_up() -> None:
    total = counts()
    total.add(DocumentOutcome(DOCUMENT, (record(100, 10, 5), record(200, 20, 7)), (), pages=12, ocr_pages=3))
    total.add(
        DocumentOutcome(
            DOCUMENT,
            (record(1, 0, 1),),
            (Failure(DOCUMENT, "validate", "truncated", "too long"),),
            pages=2,
            ocr_pages=2,
        )
    )
    total.add(DocumentOutcome(DOCUMENT, (), (Failure(DOCUMENT, "read", "encrypted", "locked"),)))
    assert total == Counts(
        documents=10,
        done=3,
        pages=14,
        ocr_pages=5,
        records=3,
        failures=2,
        prompt_tokens=301,
        cached_tokens=30,
        output_tokens=13,
    )


def test_the_status_line_says_all_and_the_time_left_at_this_pace() -> None:
    line = status_line(counts(done=4, records=3, pages=30, ocr_pages=7, failures=1, output_tokens=1000), 40.0)
    assert line == "4/10 documents, 30 pages (7 OCR), 25 tokens/s, 1 failures, 1m00s left"


@pytest.mark.parametrize("done", [0, 10])
def test_no_time_is_left_at_the_start_and_at_the_end(done: int) -> None:
    assert "left" not in status_line(counts(done=done), 40.0)


def test_at_the_very_start_there_is_no_speed() -> None:
    assert "0 tokens/s" in status_line(counts(output_tokens=10), 0.0)


@pytest.mark.parametrize(
    ("elapsed_s", "left"),
    [(1.0, "0m01s"), (59.4, "0m59s"), (59.6, "1m00s"), (3599.0, "59m59s"), (3600.0, "1h00m"), (86_400.0, "24h00m")],
)
def test_the_time_left_is_short_to_read(elapsed_s: float, left: str) -> None:
    assert status_line(counts(done=5, records=5), elapsed_s).endswith(f", {left} left")


def test_plain_lines_come_at_the_start_the_end_and_every_ten_seconds_of_change(clock: FakeTime) -> None:
    target, file = console()
    reporter = PlainReporter(target)
    reporter.start(counts())
    for now, done in ((101.0, 1), (109.9, 2), (110.0, 3), (119.9, 4), (125.0, 5)):
        clock.now = now
        reporter.update(counts(done=done))
    clock.now = 130.0
    reporter.stop(counts(done=10))
    first, *others = file.getvalue().splitlines()
    assert first.startswith("10 documents to do")
    assert [line.partition(" ")[0] for line in others] == ["3/10", "5/10", "10/10"]


def test_time_counts_from_the_start_of_the_run(clock: FakeTime) -> None:
    target, file = console()
    reporter = PlainReporter(target)
    clock.now = 1000.0
    reporter.start(counts())
    clock.now = 1010.0
    reporter.stop(counts(done=5, records=5, output_tokens=100))
    assert "10 tokens/s" in file.getvalue()
    assert "0m10s left" in file.getvalue()


def test_the_pace_is_that_of_the_engine_and_not_of_its_start(clock: FakeTime) -> None:
    target, file = console()
    reporter = PlainReporter(target)
    reporter.start(counts())
    clock.now += 90.0  # the model was loaded in 80 of these seconds
    engine = EngineUsage("a", 1, 90.0, 80.0, 10.0, 5, 0, 0, 100, 0, 0)
    reporter.update(counts(done=5, records=5, output_tokens=100, engines={("a", 1): engine}))
    clock.now += 10.0
    reporter.stop(
        counts(done=8, records=8, output_tokens=160, engines={("a", 1): replace(engine, told_s=100.0, work_s=20.0)})
    )
    _, first, last = file.getvalue().splitlines()
    assert "10 tokens/s" in first
    assert first.endswith("0m10s left")
    assert "8 tokens/s" in last
    assert last.endswith("0m05s left")


def test_a_live_bar_ends_in_its_last_state() -> None:
    target, file = console(terminal=True)
    reporter = LiveReporter(target)
    reporter.start(counts())
    reporter.update(counts(done=4))
    reporter.stop(counts(done=10, failures=2))
    shown = file.getvalue()
    last = shown[shown.rindex("documents") - len("10/10 ") :]
    assert last.startswith("10/10 documents")
    assert "2 failures" in last


def test_a_live_bar_that_never_started_can_be_updated_and_stopped() -> None:
    target, file = console(terminal=True)
    reporter = LiveReporter(target)
    reporter.update(counts(done=1))
    reporter.stop(counts(done=1))
    assert "1/10" not in file.getvalue()


def test_silence_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = SilentReporter()
    reporter.start(counts())
    reporter.update(counts(done=1))
    reporter.stop(counts(done=1))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("terminal", "wanted", "kind"),
    [
        (True, True, LiveReporter),
        (False, True, PlainReporter),
        (True, False, SilentReporter),
        (False, False, SilentReporter),
    ],
)
def test_the_reporter_fits_the_place(terminal: bool, wanted: bool, kind: type) -> None:
    assert type(make_reporter(console(terminal=terminal)[0], wanted=wanted)) is kind


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_at_60_columns_the_progress_line_was_cut_in_its_figures(width: int) -> None:
    file = io.StringIO()
    reporter = LiveReporter(Console(file=file, force_terminal=True, width=width, highlight=False))
    engine = EngineUsage("a", 1, 90.0, 80.0, 10.0, 5, 0, 0, 100, 0, 0)
    reporter.start(counts(documents=12_000))
    busy = {"records": 9_000, "pages": 123_456, "ocr_pages": 7_000, "failures": 321, "output_tokens": 900_000}
    reporter.update(counts(documents=12_000, done=9_321, engines={("a", 1): engine}, **busy))
    reporter.stop(counts(documents=12_000, done=9_321, engines={("a", 1): engine}, **busy))
    shown = file.getvalue()
    assert "…" not in shown
    together = " ".join(shown.split())
    assert "9321/12000 documents" in together
    assert "321 failures" in together


def test_what_matters_less_is_left_out_where_there_is_no_room() -> None:
    some = counts(done=4, records=3, pages=30, ocr_pages=7, failures=1, output_tokens=1000)
    whole = status_line(some, 40.0)
    assert status_line(some, 40.0, len(whole)) == whole
    assert status_line(some, 40.0, len(whole) - 1) == "4/10 documents, 30 pages (7 OCR), 1 failures, 1m00s left"
    assert status_line(some, 40.0, 10) == "4/10 documents, 1 failures, 1m00s left"


def test_answers_rows_and_the_context_are_told_where_an_engine_answers() -> None:
    engine = EngineUsage("a", 1, 90.0, 80.0, 10.0, 5, 0, 0, 100, 0, 2, context_tokens=4096, context_used=2431)
    some = counts(done=2, records=3, pages=30, ocr_pages=7, output_tokens=100, engines={("a", 1): engine})
    line = status_line(some, 10.0)
    assert line == (
        "2/10 documents, 30 pages (7 OCR), 5 answers, 3 rows, 10 tokens/s, context 2,431 of 4,096, "
        "2 prompts in the engine and 0 waiting, 0 failures, 0m40s left"
    )
    assert status_line(some, 10.0, 60) == "2/10 documents, 30 pages (7 OCR), 0 failures, 0m40s left"


@pytest.mark.parametrize("no_color", [True, False])
def test_no_color_holds_for_the_bar(no_color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    reporter = LiveReporter(Console(file=file, force_terminal=True, width=120, highlight=False))
    reporter.start(counts())
    reporter.stop(counts(done=4))
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9;]*m", file.getvalue())) is not no_color


def test_files_that_fail_as_they_are_found_do_not_count_for_the_pace() -> None:
    assert status_line(counts(documents=110, at_once=100, done=105, records=5, failures=100), 50.0).endswith(
        "0m50s left"
    )


def test_a_model_loaded_for_five_minutes_and_no_line_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET_S", 0.05)
    shown, file = console()
    reporter = PlainReporter(shown)
    reporter.start(counts(done=1, failures=1))
    ends = monotonic() + 30
    while file.getvalue().count("still at work: 1/10 documents") < 2 and monotonic() < ends:
        sleep(0.02)
    assert file.getvalue().count("still at work: 1/10 documents") >= 2
    reporter.stop(counts(done=10))
    assert file.getvalue().splitlines()[-1].startswith("10/10 documents")
