"""What a run shows while it goes: a live line on a terminal, a plain line now and then elsewhere.

Writes to stderr only. Counts what it is told; knows nothing of where the numbers come from.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from qwen_batch.engine.usage import EngineUsage, RunUsage, run_usage, usage_now
from qwen_batch.outcomes import DocumentOutcome, Record, Skip

PLAIN_EVERY_S = 10.0
QUIET_S = 60.0
"""After so long without a line one says that the run goes on: a model loads, or a large document is read."""
DONE_FOR_PACE = 20
SHARE_FOR_PACE = 0.2
"""Documents, or their share, that must be done before a time is foretold."""
BAR_WIDTH = 24
WIDE = 110
"""Columns of a terminal with room for a bar beside the figures."""
BESIDE_TEXT = 10
"""Columns of the spinner and the clock."""


@dataclass(slots=True)
class Counts:
    """Running totals of a run; `output_tokens` are those generated, `engines` the last word of each process.

    A document counts under each of its names, as in the run's summary. Of those done, `at_once` failed as they were
    found, before the work began.
    """

    documents: int
    done: int = 0
    at_once: int = 0
    pages: int = 0
    ocr_pages: int = 0
    records: int = 0
    failures: int = 0
    skips: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    engines: dict[tuple[str, int], EngineUsage] = field(default_factory=dict)

    @property
    def usage(self) -> RunUsage | None:
        """All engines together; None before any has spoken."""
        return run_usage(list(self.engines.values()))  # others may hear meanwhile

    def hear(self, usage: EngineUsage) -> None:
        """Keeps a process's last word: what it said before may arrive behind it."""
        process = usage.engine, usage.process
        known = self.engines.get(process)
        if known is None or usage.told_s >= known.told_s:
            self.engines[process] = usage

    def add(self, outcome: DocumentOutcome, names: int = 1) -> None:
        """Counts the outcome of one content that stands under so many names; it was read once."""
        self.done += names
        self.pages += outcome.pages
        self.ocr_pages += outcome.ocr_pages
        self.records += names * len(outcome.records)
        self.failures += names * len(outcome.failures)
        self.skips += names * len(outcome.skips)
        for paid in (*outcome.records, *outcome.skips):
            if isinstance(paid, Record | Skip):
                self.prompt_tokens += paid.prompt_tokens
                self.cached_tokens += paid.cached_tokens
                self.output_tokens += paid.output_tokens


class Reporter(Protocol):
    """Shows counts; `start` and `stop` frame a run."""

    def start(self, counts: Counts) -> None:
        """Begins to show."""

    def update(self, counts: Counts) -> None:
        """Something has changed."""

    def stop(self, counts: Counts) -> None:
        """Shows the last state and ends."""


class SilentReporter:
    """Shows nothing."""

    def start(self, counts: Counts) -> None:
        """Nothing."""

    def update(self, counts: Counts) -> None:
        """Nothing."""

    def stop(self, counts: Counts) -> None:
        """Nothing."""


class PlainReporter:
    """A line every ten seconds in which something changed, one a minute in which nothing did, and one at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = _Clock()
        self._over = Event()
        self._beat: Thread | None = None

    def start(self, counts: Counts) -> None:
        """Says how much there is to do."""
        self._clock = _Clock()
        self._over = Event()
        self._console.print(f"{counts.documents} documents to do; the first are being read")
        self._beat = Thread(target=self._say_that_it_lives, args=(counts, self._over), daemon=True)
        self._beat.start()

    def update(self, counts: Counts) -> None:
        """A line if the last one is old enough."""
        if self._clock.due():
            self._print(counts)

    def stop(self, counts: Counts) -> None:
        """The last line."""
        self._over.set()
        if self._beat is not None:
            self._beat.join()  # nothing comes after the last line
        self._print(counts)

    def _say_that_it_lives(self, counts: Counts, over: Event) -> None:
        while not over.wait(self._clock.quiet_left_s()):
            if self._clock.quiet_left_s() <= 0:
                self._clock.spoke()
                self._print(counts, f"after {_duration(self._clock.age_s())} still at work: ")

    def _print(self, counts: Counts, before: str = "") -> None:
        line = status_line(counts, self._clock.worked_s(counts))
        self._console.print(f"{before}{line}", soft_wrap=True)


class LiveReporter:
    """A bar on a terminal, redrawn in place; on a narrow one the figures alone."""

    def __init__(self, console: Console) -> None:
        bar = [BarColumn(bar_width=BAR_WIDTH)] if console.width >= WIDE else []
        text = TextColumn("{task.description}", table_column=Column(overflow="fold"))  # rather two lines than no figure
        self._room = console.width - BESIDE_TEXT - (BAR_WIDTH + 1 if bar else 0)
        self._progress = Progress(SpinnerColumn(), *bar, TimeElapsedColumn(), text, console=console)
        self._task: TaskID | None = None
        self._clock = _Clock()

    def start(self, counts: Counts) -> None:
        """Draws the bar."""
        self._clock = _Clock()
        self._task = self._progress.add_task("reading the first documents", total=counts.documents)
        self._progress.start()

    def update(self, counts: Counts) -> None:
        """Moves the bar."""
        if self._task is not None:
            line = status_line(counts, self._clock.worked_s(counts), self._room)
            self._progress.update(self._task, total=counts.documents, completed=counts.done, description=line)

    def stop(self, counts: Counts) -> None:
        """Leaves the bar in its last state."""
        self.update(counts)
        self._progress.stop()


class _Clock:
    def __init__(self) -> None:
        self._begun = self._start = self._last = time.monotonic()
        self._engine_worked = False

    def worked_s(self, counts: Counts) -> float:
        """Since the first prompts were in an engine: before that it was loaded. Since the start where none is."""
        usage = counts.usage
        if usage and usage.work_s and not self._engine_worked:
            self._engine_worked = True
            self._start = time.monotonic() - usage.work_s
        return time.monotonic() - self._start

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < PLAIN_EVERY_S:
            return False
        self._last = now
        return True

    def spoke(self) -> None:
        self._last = time.monotonic()

    def age_s(self) -> float:
        return time.monotonic() - self._begun

    def quiet_left_s(self) -> float:
        """Until the last line is so old that another one is due, whatever has changed."""
        return self._last + QUIET_S - time.monotonic()


def make_reporter(console: Console, *, wanted: bool) -> Reporter:
    """Live on a terminal, plain lines elsewhere, silent when not wanted."""
    if not wanted:
        return SilentReporter()
    return LiveReporter(console) if console.is_terminal else PlainReporter(console)


def status_line(counts: Counts, worked_s: float, room: int | None = None) -> str:
    """Documents, pages, OCR pages, answers, rows, tokens a second, failures, and the time left at this pace.

    Answers are those of the engine, and rows are told beside them: an extraction has a row a document.

    With `room` in characters, what matters less is left out until the rest has it.
    """
    parts = [f"{counts.done}/{counts.documents} documents", f"{counts.pages} pages ({counts.ocr_pages} OCR)"]
    less_and_less = [parts[1]]
    usage = counts.usage
    if usage and usage.prompts:
        answers, rows = f"{usage.prompts} answers", f"{counts.records} rows"
        parts += [answers, rows]
        less_and_less += [rows, answers]
    if counts.output_tokens:
        parts.append(f"{counts.output_tokens / worked_s if worked_s else 0:.0f} tokens/s")
        less_and_less.append(parts[-1])
    if usage and (now := usage_now(usage)):
        parts.append(now)
        less_and_less.append(now)
    parts.append(f"{counts.failures} failures")
    if counts.skips:
        parts.append(f"{counts.skips} skipped")
    to_do, done = counts.documents - counts.at_once, counts.done - counts.at_once
    known_from = min(DONE_FOR_PACE, to_do * SHARE_FOR_PACE)
    if (counts.records or counts.skips) and known_from <= done < to_do:  # failures come at once and say nothing of it
        parts.append(f"{_duration(worked_s / done * (to_do - done))} left")
    while room is not None and less_and_less and len(", ".join(parts)) > room:
        parts.remove(less_and_less.pop())
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"
