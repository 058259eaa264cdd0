"""qwen-batch extract: clean text and pages, without any model."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.options import read_config, run_options, stop_of
from qwen_batch.cli.run import exit_code, summary_text


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--markdown", is_flag=True, help="Also write each document's text as OUTPUT/markdown/NAME.md.")
@run_options
def extract(
    inputs: tuple[str, ...],
    output: str,
    file_format: str | None,
    markdown: bool,
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
    """Reads documents and publishes their clean text: OUTPUT/documents, OUTPUT/pages, OUTPUT/failures.

    INPUT is a folder, a glob or a file. No model is needed. The same command again reads only what is new or
    changed. Exit codes: 0 all done, 3 some documents failed, 4 stopped in time, 2 wrong usage, 1 fatal.

    \b
    Example: qwen-batch extract ./scans --output ./text --markdown
    """
    from rich.console import Console

    from qwen_batch.output.markdown import write_markdown
    from qwen_batch.run.on_ray import extract_documents, ray_session
    from qwen_batch.run.prepare import Place, prepare_extract
    from qwen_batch.run.progress import make_reporter
    from qwen_batch.run.request import Machinery
    from qwen_batch.run.runner import execute_run

    stop = stop_of(until, time_limit, grace)
    config = read_config(config_path, overrides, file_format, ray_address)
    request = prepare_extract(inputs, config, Place(output, limit, break_lock))
    reporter = make_reporter(Console(stderr=True, highlight=False), wanted=progress)
    summary = execute_run(request, Machinery(ray_session, extract_documents), reporter, stop)
    click.echo(summary_text(summary, output, config.sink.format, flat=True))
    if markdown:
        click.echo(f"  markdown: {write_markdown(request.store)} files in {output}/markdown")
    return exit_code(summary)
