"""qwen-batch export: a job's latest rows as one file for Excel, or for any other program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.completing import job_of_output
from qwen_batch.cli.lean import arrow_without_pandas
from qwen_batch.errors import EXIT_OK

if TYPE_CHECKING:
    from qwen_batch.output.export.target import PageOf


@click.command(short_help="Writes a job's rows for Excel, as csv or JSON Lines.")
@click.argument("output", type=click.Path())
@click.option("--job", shell_complete=job_of_output, help="Which job's rows; may be left out where there is one.")
@click.option("--to", "target", required=True, metavar="FILE", help="A file that ends in .xlsx, .csv or .jsonl.")
def export(output: str, job: str | None, target: str) -> int:
    """Writes a job's latest rows, one a document: each value with its quote, page and confidence beside it.

    In Excel each list has a sheet of its own with a row an item, and a document's name leads to its page of the
    report, if OUTPUT/_report is there. In csv a list is one cell. The file appears whole or not at all.

    \b
    Example: qwen-batch export ./out --job contract_summary --to contracts.xlsx
    Example: qwen-batch export ./out --job contract_summary --to s3://bucket/contracts.csv
    """
    from qwen_batch.output.export.write import export_rows

    arrow_without_pandas()
    written = export_rows(output, job, target, _report_pages(output, target))
    click.echo(f"{written.documents} documents of {written.job}: {written.place}")
    return EXIT_OK


def _report_pages(output: str, target: str) -> PageOf | None:
    """Where the report has each document: seen from a target that lies beside it, else in full; None without one."""
    from qwen_batch.output.layout import report_folder
    from qwen_batch.report.source import document_page

    if not (Path(output) / report_folder()).is_dir():  # nor is there one on S3
        return None
    folder = Path(output).resolve() / report_folder()
    beside = Path(target).parent.resolve() == folder.parent

    def page_of(source_uri: str, doc_id: str) -> str | None:
        page = folder / document_page(source_uri, doc_id)
        if not page.is_file():
            return None
        return os.path.relpath(page, folder.parent) if beside else page.as_uri()

    return page_of
