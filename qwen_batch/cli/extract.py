"""qwen-batch extract: clean text and pages, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qwen_batch.cli.driving import Driving, drive, recorded, run_options
from qwen_batch.cli.lean import arrow_without_pandas

if TYPE_CHECKING:
    from qwen_batch.run.recording import RunLog


@click.command(short_help="Clean text and pages, without a model.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--markdown", is_flag=True, help="Also write each document's text as OUTPUT/markdown/NAME.md.")
@run_options
def extract(inputs: tuple[str, ...], markdown: bool, driving: Driving) -> int:
    """Reads documents and publishes their clean text: OUTPUT/documents, OUTPUT/pages, OUTPUT/failures.

    INPUT is a folder, a glob or a file. No model is needed. The same command again reads only what is new or
    changed. Exit codes as `run`.

    \b
    Example: qwen-batch extract ./scans --output ./text --markdown
    """
    from qwen_batch.output.markdown import write_markdown
    from qwen_batch.run.prepare import prepare_extract

    arrow_without_pandas()

    def work(log: RunLog) -> int:
        stop = driving.stop()
        request = prepare_extract(inputs, driving.config(), driving.place())
        code = drive(request, driving, stop, log)
        if markdown:
            click.echo(f"  markdown: {write_markdown(request.store)} files in {driving.output}/markdown")
        return code

    return recorded("extract", inputs, driving, work)
