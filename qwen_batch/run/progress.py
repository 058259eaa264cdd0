"""What a run shows while it goes: a live line on a terminal, a plain line now and then elsewhere.

Writes to stderr only. Counts what it is told; knows nothing of where the numbers come from.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from qwen_batch.engine.usage import EngineUsage, RunUsage, run_usage, usage_now
from qwen_batch.outcomes import DocumentOutcome, Record

PLAIN_EVERY_S = 10.0
DONE_FOR_PACE = 20
SHARE_FOR_PACE = 0.2
"""Documents, or their share, that must be done before a time is foretold."""


@dataclass(slots=True)
class Counts:
    """Running totals of a run; `output_tokens` are those generated, `engines` the last word of each process."""

    documents: int
    done: int = 0
    pages: int = 0
    ocr_pages: int = 0
    records: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    engines: dict[tuple[str, int], EngineUsage] = field(default_factory=dict)

    @property
    def usage(self) -> RunUsage | None:
        """All engines together; None before any has spoken."""
        return run_usage(self.engines.values())

    def hear(self, usage: EngineUsage) -> None:
        """Keeps a process's last word: what it said before may arrive behind it."""
        process = usage.engine, usage.process
        known = self.engines.get(process)
        if known is None or usage.told_s >= known.told_s:
            self.engines[process] = usage

    def add(self, outcome: DocumentOutcome) -> None:
        """Counts one document's outcome."""
        self.done += 1
        self.pages += outcome.pages
        self.ocr_pages += outcome.ocr_pages
        self.records += len(outcome.records)
        self.failures += len(outcome.failures)
        for record in outcome.records:
            if isinstance(record, Record):
                self.prompt_tokens += record.prompt_tokens
                self.cached_tokens += record.cached_tokens
                self.output_tokens += record.output_tokens


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
    """A line every ten seconds in which something changed, and one at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = _Clock()

    def start(self, counts: Counts) -> None:
        """Says how much there is to do."""
        self._clock = _Clock()
        self._console.print(f"{counts.documents} documents to do; the first are being read")

    def update(self, counts: Counts) -> None:
        """A line if the last one is old enough."""
        if self._clock.due():
            self._print(counts)

    def stop(self, counts: Counts) -> None:
        """The last line."""
        self._print(counts)

    def _print(self, counts: Counts) -> None:
        self._console.print(status_line(counts, self._clock.worked_s(counts)), soft_wrap=True)


class LiveReporter:
    """A bar on a terminal, redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
        )
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
            line = status_line(counts, self._clock.worked_s(counts))
            self._progress.update(self._task, completed=counts.done, description=line)

    def stop(self, counts: Counts) -> None:
        """Leaves the bar in its last state."""
        self.update(counts)
        self._progress.stop()


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
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


def make_reporter(console: Console, *, wanted: bool) -> Reporter:
    """Live on a terminal, plain lines elsewhere, silent when not wanted."""
    if not wanted:
        return SilentReporter()
    return LiveReporter(console) if console.is_terminal else PlainReporter(console)


def status_line(counts: Counts, worked_s: float) -> str:
    """Documents, pages, OCR pages, tokens a second, failures and the time left at the pace of these seconds."""
    left = ""
    known_from = min(DONE_FOR_PACE, counts.documents * SHARE_FOR_PACE)
    if counts.records and known_from <= counts.done < counts.documents:  # failures come at once and say nothing of it
        left = f", {_duration(worked_s / counts.done * (counts.documents - counts.done))} left"
    speed = f", {counts.output_tokens / worked_s if worked_s else 0:.0f} tokens/s" if counts.output_tokens else ""
    usage = counts.usage
    engine = f", {now}" if usage and (now := usage_now(usage)) else ""
    return (
        f"{counts.done}/{counts.documents} documents, {counts.pages} pages ({counts.ocr_pages} OCR){speed}{engine}, "
        f"{counts.failures} failures{left}"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"
