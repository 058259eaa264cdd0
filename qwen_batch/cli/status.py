"""qwen-batch status: did last night run, what is new, what still fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.figures import planned_line
from qwen_batch.cli.lean import arrow_without_pandas

if TYPE_CHECKING:
    from qwen_batch.output.log.nights import Night
    from qwen_batch.output.status import OutputStatus, UnresolvedFailure

SHOWN_NIGHTS = 3
SHOWN_CODES = 4
EXECUTIONS = {"ray": "on Ray", "in_process": "in process"}
WIDTH = 110
"""Columns of a line that is cut."""


@click.command(short_help="Did the last runs run, and what still fails?")
@click.argument("output")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(output: str, as_json: bool) -> None:
    """Shows whether the last runs of an output ran, what is new in it, and which failures still stand.

    Also what is staged and not published, and who holds the lock. Reads only; may be asked while a run goes on.

    \b
    Example: qwen-batch status ./out
    """
    import json
    from dataclasses import asdict

    arrow_without_pandas()
    from qwen_batch.output.status import output_status

    found = output_status(output)
    click.echo(json.dumps(asdict(found), indent=2, default=_plain) if as_json else status_text(found))


def status_text(found: OutputStatus) -> str:
    """The status for people, on one screen."""
    lines = [f"{found.output}: {_counts(found.sources) or 'no'} sources, {len(found.runs)} published runs"]
    if found.nights:
        lines += ["last run", *_night_lines(found.nights[0])]
    else:
        lines.append("no run yet")
    newest = next((night for night in found.nights if night.published), None)
    if newest and newest is not found.nights[0]:
        lines += [f"newest published run, {_moment(newest.started)}", f"  {_what_is_new(newest)}"]
    if before := found.nights[1 : SHOWN_NIGHTS + 1]:
        lines += ["before it", *(_cut(f"  {_one_line(night)}") for night in before)]
    lines += _standing(found.unresolved, found.output)
    if found.skipped:
        lines.append(
            f"{sum(found.skipped.values())} skipped, for they are not what a job is for: {_counts(found.skipped)}"
        )
    lines += _orphaned(found)
    lines += _unfinished(found)
    return "\n".join(lines)


def _night_lines(night: Night) -> Iterator[str]:
    code = "" if night.exit_code is None else f", exit code {night.exit_code}"
    took = f" in {_span(night.seconds)}" if night.seconds is not None else ""
    where = f", {EXECUTIONS.get(night.execution, night.execution)}" if night.execution else ""
    yield f"  {_moment(night.started)}  {_state(night)}{took}{where}{code}"
    asked = " ".join(filter(None, [night.command, *night.arguments]))
    yield _cut(f"  run {night.run_id}: {asked}")
    if night.documents:
        yield f"  {_what_is_new(night)}"
    if night.left:
        yield f"  {night.left} documents are left{f', stopped by {night.stopped_by}' if night.stopped_by else ''}"
    if night.planned:
        yield f"  {planned_line(night.planned)}"
    if night.error:
        yield _cut(f"  {' '.join(night.error.split())}")
    if night.remedy:
        yield _cut(f"  remedy: {' '.join(night.remedy.split())}")
    if night.state == "died":
        yield "  it was killed: the same command again publishes what it had finished, and goes on"


def _one_line(night: Night) -> str:
    code = "" if night.exit_code is None else f", exit code {night.exit_code}"
    took = f" in {_span(night.seconds)}" if night.seconds is not None else ""
    what = " ".join(night.error.split()) if night.error else _what_is_new(night)
    return f"{_moment(night.started)}  {_state(night)}{took}{code}: {what}"


def _what_is_new(night: Night) -> str:
    from qwen_batch.output.layout import SKIPPED

    new = [
        f"{count} skipped" if table == SKIPPED else f"{count} new rows in {table}"
        for table, count in night.rows.items()
    ]
    failed = sum(night.failures.values())
    new += [f"{failed} new failures ({_counts(night.failures)})"] if failed else []
    old = f"; {night.failed_before} old failures" if night.failed_before else ""
    return f"{night.documents} documents, {', '.join(new) or 'nothing new'}{old}"


def _standing(failures: Sequence[UnresolvedFailure], output: str) -> list[str]:
    """What still fails: each code with its number, its newest message and what helps."""
    from qwen_batch.failure_codes import FAILURE_CODES

    if not failures:
        return ["no failures"]
    lines = [f"{len(failures)} failures still stand; `qwen-batch retry {output}` tries them again"]
    by_code: dict[str, list[UnresolvedFailure]] = {}
    for one in failures:
        by_code.setdefault(one.code, []).append(one)
    frequent = sorted(by_code.items(), key=lambda item: (-len(item[1]), item[0]))
    for code, ones in frequent[:SHOWN_CODES]:
        newest = max(ones, key=lambda one: one.processed_at)
        jobs = ", ".join(sorted({one.job for one in ones}))
        facts = {str(name): facts for name, facts in FAILURE_CODES.items()}.get(code)
        words = f"{newest.source_uri.rpartition('/')[2]}: {' '.join(newest.message.split())}"
        lines.append(_cut(f"  {len(ones)} x {code} ({jobs}){' (retryable)' if newest.retryable else ''}: {words}"))
        lines += [_cut(f"      remedy: {facts.remedy}")] if facts else []
    if rest := frequent[SHOWN_CODES:]:
        lines.append(f"  {sum(len(ones) for _, ones in rest)} x {len(rest)} other codes: --json has all")
    return lines


def _orphaned(found: OutputStatus) -> Iterator[str]:
    """Corrections whose document or field is not there any more."""
    if found.orphaned:
        yield f"{len(found.orphaned)} corrections are orphaned: no row can have them"
    for one in found.orphaned[:SHOWN_CODES]:
        yield _cut(f"  {one.document}, {one.job}, {one.path}: {one.why}")
    if rest := len(found.orphaned) - SHOWN_CODES:
        yield from [f"  and {rest} more: --json has all"] if rest > 0 else []


def _unfinished(found: OutputStatus) -> Iterator[str]:
    if holder := found.holder:
        since, seen = (_moment(datetime.fromtimestamp(moment, UTC)) for moment in (holder.since_s, holder.seen_s))
        yield f"held by run {holder.run_id} on {holder.host}, pid {holder.pid}, since {since}, last seen {seen}"
    if found.staged:
        yield f"staged, not published: {_counts(found.staged)}"
    for publication in found.publications:
        then = "the next run completes it" if publication.decided else "the next run makes it again"
        yield f"unfinished publication of run {publication.run_id}: {then}"


def _plain(value: object) -> object:
    """Times in ISO 8601, and what a file keeps as it is in the file."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _state(night: Night) -> str:
    return night.state.replace("_", " ")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def _span(seconds: float | None) -> str:
    minutes, rest = divmod(round(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest} s"


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
