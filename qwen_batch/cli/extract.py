"""qwen-batch extract: clean text and pages, without any model."""

from __future__ import annotations

import click

from qwen_batch.cli.driving import Driving, drive, exit_code, run_options


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--markdown", is_flag=True, help="Also write each document's text as OUTPUT/markdown/NAME.md.")
@run_options
def extract(inputs: tuple[str, ...], markdown: bool, driving: Driving) -> int:
    """Reads documents and publishes their clean text: OUTPUT/documents, OUTPUT/pages, OUTPUT/failures.

    INPUT is a folder, a glob or a file. No model is needed. The same command again reads only what is new or
    changed. Exit codes: 0 all done, 3 some documents failed, 4 stopped in time, 2 wrong usage, 1 fatal.

    \b
    Example: qwen-batch extract ./scans --output ./text --markdown
    """
    from qwen_batch.output.markdown import write_markdown
    from qwen_batch.run.on_ray import extract_documents
    from qwen_batch.run.prepare import prepare_extract

    stop = driving.stop()
    request = prepare_extract(inputs, driving.config(), driving.place())
    summary = drive(request, extract_documents, driving, stop)
    if markdown:
        click.echo(f"  markdown: {write_markdown(request.store)} files in {driving.output}/markdown")
    return exit_code(summary)
