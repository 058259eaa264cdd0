"""qwen-batch run: documents in, a table out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.options import jobs_folder, read_config, run_options
from qwen_batch.errors import EXIT_OK, EXIT_SOME_FAILED

if TYPE_CHECKING:
    from qwen_batch.runner import RunSummary


@click.command()
@click.argument("arguments", metavar="JOB... INPUT...", nargs=-1, required=True)
@run_options
def run(
    arguments: tuple[str, ...],
    output: Path,
    file_format: str | None,
    limit: int | None,
    progress: bool,
    ray_address: str | None,
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Asks one or more jobs of every document and publishes the answers as a table.

    JOB is a name in jobs/ or the path of a job file; INPUT is a folder, a glob or a file. The same command
    again does only what is new or changed. Exit codes: 0 all done, 3 some documents failed (they are in
    OUTPUT/failures), 2 wrong usage, 1 fatal.

    \b
    Example: qwen-batch run contract_summary report_outline ./contracts --output ./out
    """
    from rich.console import Console

    from qwen_batch.prepare import prepare_run
    from qwen_batch.progress import make_reporter
    from qwen_batch.ray_run import ray_session, run_documents
    from qwen_batch.runner import Machinery, execute_run

    config = read_config(config_path, overrides, file_format, ray_address)
    prepared = prepare_run(arguments, config, jobs_folder(config), output, limit)
    console = Console(stderr=True, highlight=False)
    for line in prepared.messages:
        console.print(line, soft_wrap=True)
    summary = execute_run(
        prepared.request, Machinery(ray_session, run_documents), make_reporter(console, wanted=progress)
    )
    click.echo(summary_text(summary, output, config.sink.format))
    return EXIT_SOME_FAILED if summary.failed else EXIT_OK


def summary_text(summary: RunSummary, output: Path, file_format: str, *, flat: bool = False) -> str:
    """The lines that a run leaves on stdout; `flat` says that its files lie in the table's folder itself."""
    lines = [f"run {summary.run_id}: {summary.documents} documents in {summary.seconds:.0f} s"]
    if summary.done_before or summary.failed_before:
        lines.append(f"  from runs before: {summary.done_before} rows, {summary.failed_before} failures")
    if not any(summary.rows.values()):
        lines.append("  nothing new: every document is in the table or in failures already")
    for table, rows in summary.rows.items():
        if rows:
            files = f"part-{summary.run_id}-*" if flat else f"run={summary.run_id}/*"
            lines.append(f"  {table}: {rows} rows in {output / table}/{files}.{file_format}")
    for code, count in sorted(summary.failure_codes.items()):
        lines.append(f"    {count} x {code}")
    counts = summary.counts
    if counts.prompt_tokens:
        lines.append(
            f"  tokens: {counts.prompt_tokens} read ({counts.cached_tokens} from the prefix cache), "
            f"{counts.output_tokens} written"
        )
    return "\n".join(lines)
