"""qwen-batch report: an output as pages that open from disk."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.completing import job_of_output
from qwen_batch.cli.lean import arrow_without_pandas
from qwen_batch.errors import EXIT_OK


@click.command(short_help="Pages that show each value where it stands, for review.")
@click.argument("output", type=click.Path())
@click.option("--job", shell_complete=job_of_output, help="Only this job's answers; all of them if none is named.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Only N documents, chosen by chance.")
@click.option("--open", "opens", is_flag=True, help="Open the report in the browser.")
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Write it here.")
@click.option(
    "--max-mb",
    type=click.FloatRange(min=0.1),
    metavar="M",
    help="Size of the report; beyond it pages are thumbnails.  [default: 20, or 0.1 a document]",
)
def report(
    output: str, job: str | None, sample: int | None, opens: bool, folder: Path | None, max_mb: float | None
) -> int:
    """Makes pages of an output: its runs, each value on its page, columns, and a review whose corrections are kept.

    The pages lie in OUTPUT/_report and need no network and no server. Reads only, and anew what its runs have read.

    \b
    Example: qwen-batch report ./out --open
    Example: qwen-batch report ./out --job contract_terms --sample 50 --to ./check
    """
    from qwen_batch.report.site import Request, make_report

    arrow_without_pandas()

    def progress(done: int, total: int) -> None:
        if done and done % 25 == 0 and done < total:
            click.echo(f"  {done} of {total} documents", err=True)

    made = make_report(Request(output, folder, job, sample, max_mb), progress)
    if made.notes:
        click.echo(f"  of {made.notes} documents the pages could not be shown; theirs say why", err=True)
    click.echo(f"{made.documents} documents, {made.size_bytes / 1e6:.1f} MB: {made.first_page}")
    if opens:
        import webbrowser

        webbrowser.open(made.first_page.resolve().as_uri())
    return EXIT_OK
