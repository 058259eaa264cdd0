"""qwen-batch status: what an output holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from qwen_batch.output.status import OutputStatus


@click.command()
@click.argument("output")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(output: str, as_json: bool) -> None:
    """Shows the runs of an output, what is staged and not published, its lock, and failures that still stand.

    Reads only; may be asked while a run goes on.

    \b
    Example: qwen-batch status ./out
    """
    import json
    from dataclasses import asdict

    from qwen_batch.output.status import output_status

    found = output_status(output)
    click.echo(json.dumps(asdict(found), indent=2, default=str) if as_json else status_text(found))


def status_text(found: OutputStatus) -> str:
    """The status for people."""
    from collections import Counter
    from datetime import UTC, datetime

    lines = [f"{found.output}: {_counts(found.sources) or 'no'} sources"]
    if found.holder:
        since, seen = (
            f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}Z"
            for moment in (found.holder.since_s, found.holder.seen_s)
        )
        lines.append(
            f"held by run {found.holder.run_id} on {found.holder.host}, pid {found.holder.pid}, "
            f"since {since}, last seen {seen}"
        )
    lines.append(f"{len(found.runs)} published runs")
    for run in found.runs:
        ended = f"stopped, {run.left} left" if run.left else "complete"
        lines.append(f"  {run.run_id}  {run.documents:>7} documents  {ended}  {_counts(run.rows)}")
    if found.staged:
        lines.append(f"staged, not published: {_counts(found.staged)}")
    for publication in found.publications:
        then = "the next run completes it" if publication.decided else "the next run makes it again"
        lines.append(f"unfinished publication of run {publication.run_id}: {then}")
    lines.append(f"{len(found.unresolved)} unresolved failures")
    by_code = Counter((one.code, one.job, one.retryable) for one in found.unresolved)
    for (code, job, retryable), count in sorted(by_code.items()):
        lines.append(f"  {count:>7} x {code:<20} {job}{'  (retryable)' if retryable else ''}")
    return "\n".join(lines)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
