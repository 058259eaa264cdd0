"""What the report's first page counts: documents, runs and what they took, failures by code, how sure answers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.output.log.nights import Night
from qwen_batch.output.manifest import RunManifest
from qwen_batch.report.columns import Bar
from qwen_batch.report.content import Answer, Shown
from qwen_batch.report.source import ReportSource

SHOWN_RUNS = 30
BINS = 10
SECONDS_PER_HOUR = 3600
JOULES_PER_KWH = 3_600_000


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the overview."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FailedCode:
    """How many documents fail with a code, what helps, and one of the messages."""

    code: str
    count: int
    remedy: str
    example: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as the overview has it; what is not known is empty."""

    id: str
    started: str
    state: str
    took: str
    documents: int
    rows: int
    failures: int
    model: str
    tokens_in: str
    tokens_out: str
    gpu_hours: str
    energy: str


@dataclass(frozen=True, slots=True)
class FieldChart:
    """How many documents state each field of a job."""

    title: str
    rows: tuple[Bar, ...]


def tiles_of(source: ReportSource) -> Iterator[Tile]:
    """The figures at the top."""
    answers = [answer for shown in source.documents for answer in shown.answers]
    failures = sum(len(shown.failures) for shown in source.documents)
    values = sum(1 for answer in answers for value in answer.values() if value.value is not None)
    sure = [answer.confidence for answer in answers if answer.confidence is not None]
    pages = {shown.key: max((one.pages for one in shown.answers), default=0) for shown in source.documents}
    ocr = sum(max((one.ocr_pages for one in shown.answers), default=0) for shown in source.documents)
    yield Tile("Documents", f"{len(source.documents):,}", f"{len(source.jobs)} jobs" if len(source.jobs) > 1 else "")
    yield Tile("Answers", f"{len(answers):,}", f"{values:,} values")
    yield Tile("Failures", f"{failures:,}", "that still stand" if failures else "")
    yield Tile("Confidence", f"{sum(sure) / len(sure):.2f}" if sure else "–", "mean of the rows")
    yield Tile("Pages", f"{sum(pages.values()):,}", f"{ocr:,} through OCR" if ocr else "")
    yield Tile("Tokens", f"{sum(answer.tokens for answer in answers):,}", "for these answers")
    if hours := sum(_usage(run, "gpu_seconds") for run in source.runs.values()) / SECONDS_PER_HOUR:
        yield Tile("GPU hours", f"{hours:.2f}", "of all runs")


def failed_codes(documents: Sequence[Shown]) -> list[FailedCode]:
    """Failures by code, the most frequent first."""
    every = [one for shown in documents for one in shown.failures]
    counted = Counter(one.code for one in every)
    first = {one.code: one for one in reversed(every)}
    return [
        FailedCode(code, count, first[code].remedy, f"{_name(first[code].source_uri)}: {first[code].message}")
        for code, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]


def run_lines(source: ReportSource) -> Iterator[RunLine]:
    """The newest runs, newest first."""
    for night in source.status.nights[:SHOWN_RUNS]:
        yield _run_line(night, source.runs.get(night.run_id))


def confidence_bins(documents: Sequence[Shown]) -> list[Bar]:
    """Documents by the confidence of their least sure row, in tenths."""
    counted = Counter(min(int(one.confidence * BINS), BINS - 1) for one in documents if one.confidence is not None)
    return [Bar(f".{at}–{'1' if at == BINS - 1 else f'.{at + 1}'}", counted[at]) for at in range(BINS)]


def match_bars(documents: Sequence[Shown]) -> list[Bar]:
    """Evidence by how its quote was found; what was not accepted apart."""
    kinds = Counter(
        one.match if one.status == "accepted" else one.status for shown in documents for one in shown.citations()
    )
    return [Bar(kind, count) for kind, count in kinds.most_common()]


def page_bars(documents: Sequence[Shown]) -> list[Bar]:
    """Pages by how they were read, and how many of them are cited."""
    longest = [max(shown.answers, key=lambda one: one.pages) for shown in documents if shown.answers]
    pages, ocr = sum(one.pages for one in longest), sum(one.ocr_pages for one in longest)
    cited = sum(len({one.page for one in shown.placed()}) for shown in documents)
    return [Bar("text of their own", pages - ocr), Bar("through OCR", ocr), Bar("cited by a field", cited)]


def field_charts(source: ReportSource) -> Iterator[FieldChart]:
    """For each job how many documents state each of its fields."""
    for job in source.jobs:
        rows = [answer for shown in source.documents for answer in shown.answers if answer.job == job]
        names = list(dict.fromkeys(field.name for answer in rows for field in answer.fields))
        bars = tuple(Bar(name.replace("_", " "), sum(_states(answer, name) for answer in rows)) for name in names)
        yield FieldChart(f"Fields of {job}", bars)


def _states(answer: Answer, name: str) -> bool:
    return any(
        value.value not in (None, "")
        for field in answer.fields
        if field.name == name
        for fact in field.facts
        for value in fact.values
    )


def _run_line(night: Night, run: RunManifest | None) -> RunLine:
    counts: dict[str, Any] = run.counts if run else {}
    gpu_s, energy_j = (_usage(run, "gpu_seconds"), _usage(run, "energy_j")) if run else (0.0, 0.0)
    return RunLine(
        id=night.run_id,
        started=night.started.strftime("%Y-%m-%d %H:%M"),
        state=night.state.replace("_", " "),
        took=_span(night.seconds),
        documents=night.documents,
        rows=sum(night.rows.values()),
        failures=sum(night.failures.values()),
        model=(run.model or "").rstrip("/").rpartition("/")[2] if run else "",
        tokens_in=f"{counts['prompt_tokens']:,}" if "prompt_tokens" in counts else "",
        tokens_out=f"{counts['output_tokens']:,}" if "output_tokens" in counts else "",
        gpu_hours=f"{gpu_s / SECONDS_PER_HOUR:.2f}" if gpu_s else "",
        energy=f"{energy_j / JOULES_PER_KWH:.2f} kWh" if energy_j else "",
    )


def _usage(run: RunManifest, name: str) -> float:
    return float((run.usage or {}).get(name) or 0)


def _span(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _name(source_uri: str) -> str:
    return source_uri.rstrip("/").rpartition("/")[2]
