"""qwen-batch run: documents in, a table out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.options import jobs_folder, read_config, run_options, stop_of
from qwen_batch.errors import EXIT_DEADLINE, EXIT_OK, EXIT_SOME_FAILED

if TYPE_CHECKING:
    from qwen_batch.engine.usage import RunUsage
    from qwen_batch.run.request import RunSummary


@click.command()
@click.argument("arguments", metavar="JOB... INPUT...", nargs=-1, required=True)
@click.option(
    "--eager",
    is_flag=True,
    help="Start the engine without compiling: there sooner, slower then. By itself on a GPU for few prompts.",
)
@run_options
def run(
    arguments: tuple[str, ...],
    eager: bool,
    output: str,
    file_format: str | None,
    limit: int | None,
    progress: bool,
    ray_address: str | None,
    until: str | None,
    time_limit: str | None,
    grace: str,
    break_lock: bool,
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Asks one or more jobs of every document and publishes the answers as a table.

    JOB is a name in jobs/ or the path of a job file; INPUT is a folder, a glob or a file. The same command
    again does only what is new or changed. Exit codes: 0 all done, 3 some documents failed (they are in
    OUTPUT/failures), 4 stopped in time (the same command goes on), 2 wrong usage, 1 fatal.

    \b
    Example: qwen-batch run contract_summary report_outline ./contracts --output ./out
    """
    from rich.console import Console

    from qwen_batch.run.on_ray import ray_session, run_documents
    from qwen_batch.run.prepare import Place, prepare_run
    from qwen_batch.run.progress import make_reporter
    from qwen_batch.run.request import Machinery
    from qwen_batch.run.runner import execute_run

    stop = stop_of(until, time_limit, grace)
    config = read_config(config_path, overrides, file_format, ray_address, eager=eager)
    place = Place(output, limit, break_lock)
    prepared = prepare_run(arguments, config, jobs_folder(config), place)
    console = Console(stderr=True, highlight=False)
    for line in prepared.messages:
        console.print(line, soft_wrap=True)
    summary = execute_run(
        prepared.request, Machinery(ray_session, run_documents), make_reporter(console, wanted=progress), stop
    )
    click.echo(summary_text(summary, output, config.sink.format))
    return exit_code(summary)


def exit_code(summary: RunSummary) -> int:
    """Stopped before the end goes before some failed."""
    if summary.left:
        return EXIT_DEADLINE
    return EXIT_SOME_FAILED if summary.failed else EXIT_OK


def summary_text(summary: RunSummary, output: str, file_format: str, *, flat: bool = False) -> str:
    """The lines that a run leaves on stdout; `flat` says that its files lie in the table's folder itself."""
    from qwen_batch.output.format import FORMATS
    from qwen_batch.output.layout import TablePart

    lines = [f"run {summary.run_id}: {summary.documents} documents in {summary.seconds:.0f} s"]
    if summary.done_before or summary.failed_before:
        lines.append(f"  from runs before: {summary.done_before} rows, {summary.failed_before} failures")
    if summary.left:
        lines.append(f"  stopped by {summary.stopped_by}: {summary.left} documents are left; the same command goes on")
    elif not any(summary.rows.values()):
        lines.append("  nothing new: every document is in the table or in failures already")
    for table, rows in summary.rows.items():
        if rows:
            files = TablePart(table, summary.run_id, flat).pattern(FORMATS.load(file_format).extension)
            lines.append(f"  {table}: {rows} rows in {output.rstrip('/')}/{files}")
    for code, count in sorted(summary.failure_codes.items()):
        lines.append(f"    {count} x {code}")
    counts = summary.counts
    if counts.prompt_tokens:
        lines.append(
            f"  tokens: {counts.prompt_tokens} read ({counts.cached_tokens} from the prefix cache), "
            f"{counts.output_tokens} written"
        )
    if counts.usage and counts.usage.gpu_busy is not None:
        lines.append(f"  {_gpu_text(counts.usage, counts.pages)}")
    return "\n".join(lines)


def _gpu_text(usage: RunUsage, pages: int) -> str:
    of_1000 = usage.per_1000_pages(pages)
    each = f"; 1000 pages take {of_1000['gpu_seconds']:.0f} GPU-seconds and {of_1000['watt_hours']:.1f} Wh"
    return f"GPU busy {usage.gpu_busy:.0%} from the first prompt on, {usage.gpu_seconds:.0f} GPU-seconds" + (
        each if of_1000 else ""
    )
