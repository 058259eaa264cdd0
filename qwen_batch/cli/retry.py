"""qwen-batch retry: failures again, nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.options import again_options, stop_of
from qwen_batch.cli.run import exit_code, summary_text
from qwen_batch.errors import EXIT_OK


@click.command()
@click.argument("output")
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only failures with this code. Repeatable.")
@click.option("--job", "jobs", multiple=True, metavar="JOB", help="Only failures of this job. Repeatable.")
@again_options
def retry(
    output: str,
    codes: tuple[str, ...],
    jobs: tuple[str, ...],
    progress: bool,
    until: str | None,
    time_limit: str | None,
    grace: str,
    break_lock: bool,
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Does the failures of an output again: all of them, or those with a code or of a job.

    The settings are those of the newest run there; --set changes some, --config replaces them. What succeeded is not
    touched. `qwen-batch status OUTPUT` lists the codes. Exit codes as `run`.

    \b
    Example: qwen-batch retry ./out --code timeout --set read.timeout_s=900
    """
    from rich.console import Console

    from qwen_batch.run.on_ray import extract_documents, ray_session, run_documents
    from qwen_batch.run.prepare import Place
    from qwen_batch.run.progress import make_reporter
    from qwen_batch.run.request import Machinery
    from qwen_batch.run.retry import Wanted, prepare_retry
    from qwen_batch.run.runner import execute_run

    stop = stop_of(until, time_limit, grace)
    again = prepare_retry(Wanted(codes, jobs), Place(output, None, break_lock), config_path, overrides)
    console = Console(stderr=True, highlight=False)
    for line in again.messages:
        console.print(line, soft_wrap=True)
    reporter = make_reporter(console, wanted=progress)
    if again.run:
        summary = execute_run(again.run, Machinery(ray_session, run_documents), reporter, stop)
        sink = again.run.spec.config.sink
    elif again.extract:
        summary = execute_run(again.extract, Machinery(ray_session, extract_documents), reporter, stop)
        sink = again.extract.spec.config.sink
    else:
        return EXIT_OK
    click.echo(summary_text(summary, output, sink.format, flat=again.extract is not None))
    return exit_code(summary)
