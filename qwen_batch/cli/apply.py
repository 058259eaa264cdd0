"""qwen-batch apply: what people decided on the report's pages, as rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.lean import arrow_without_pandas
from qwen_batch.errors import EXIT_OK, EXIT_SOME_FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qwen_batch.output.corrections.choosing import NotTaken
    from qwen_batch.run.apply import Applied
    from qwen_batch.run.recording import RunLog

SHOWN = 20
"""So many decisions that were not taken are named."""


@click.command(short_help="Puts what was corrected in the report into the table.")
@click.argument("output")
@click.argument("corrections", type=click.Path(path_type=Path))
@click.option("--break-lock", is_flag=True, help="Take the lock of a run that is dead on another host.")
def apply(output: str, corrections: Path, break_lock: bool) -> int:
    """Commits what people decided in the report: CORRECTIONS is the corrections.json that its page Review saves.

    The corrected rows are a run of their own, which `latest` shows. The same file again changes nothing. A value that
    was answered again since is refused by name; exit code 3 says that there was one. No model is loaded.

    \b
    Example: qwen-batch apply ./out corrections.json
    """
    from qwen_batch.cli.driving import recorded_at
    from qwen_batch.run.apply import apply_corrections

    arrow_without_pandas()

    def work(log: RunLog) -> int:
        applied = apply_corrections(output, corrections, break_lock=break_lock, log=log)
        click.echo("\n".join(_lines(applied)))
        return EXIT_SOME_FAILED if applied.refused else EXIT_OK

    return recorded_at(output, "apply", [str(corrections)], work)


def _lines(applied: Applied) -> Iterator[str]:
    rows = ", ".join(f"{count} rows of {job}" for job, count in applied.rows.items())
    yield f"run {applied.run_id}: {applied.decisions} decisions in {rows}" if rows else "nothing new"
    if applied.known:
        yield f"  applied before: {applied.known}"
    yield from _named(applied.refused, "refused, nothing of them was overwritten")
    yield from _named(applied.orphaned, "orphaned, no row can have them")


def _named(ones: Sequence[NotTaken], what: str) -> Iterator[str]:
    if ones:
        yield f"  {len(ones)} {what}:"
    for one in ones[:SHOWN]:
        yield f"    {one.document}, {one.job}, {one.path}: {one.why}"
    if len(ones) > SHOWN:
        yield f"    and {len(ones) - SHOWN} more"
