"""qwen-batch jobs new: a job file from fields or from a JSON Schema."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.options import config_options, read_config
from qwen_batch.errors import EXIT_OK, UsageError


@click.command("new")
@click.argument("name")
@click.option(
    "--fields", metavar="FIELDS", help='Fields as name: kind and words, such as "total: money sum to pay; due: date".'
)
@click.option("--schema", type=click.Path(path_type=Path, dir_okay=False), help="A JSON Schema file instead.")
@click.option("--documents", default="a document", show_default=True, help="What one of the documents is.")
@config_options
def new_job(
    name: str,
    fields: str | None,
    schema: Path | None,
    documents: str,
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Writes a job file into the jobs folder, from fields or from a JSON Schema. Writes over nothing.

    Kinds of fields are text, day (date), amount (money), party, number, yes_no, list and parties.

    \b
    Example: qwen-batch jobs new invoices --fields "vendor: text; total: money sum to pay; due: date"
    Example: qwen-batch jobs new invoices --schema invoice.schema.json
    """
    from qwen_batch.cli.written_job import check_new, write_new, written_job
    from qwen_batch.job.drafts import Draft, text_to_facts
    from qwen_batch.job.files import JobSource, load_job
    from qwen_batch.job.json_schema import schema_to_job

    if (fields is None) == (schema is None):
        raise UsageError("one of --fields and --schema is needed", '--fields "vendor: text; total: money; due: date"')
    path = Path(read_config(config_path, overrides).jobs_dir) / f"{name}.py"
    if schema is None:
        text = written_job(Draft(name, documents.strip(), text_to_facts(fields or "")), path)
    else:
        check_new(name, path)
        text = schema_to_job(name, _read(schema), str(schema))
        load_job(JobSource(str(path), text))
    write_new(path, text)
    click.echo(f"{path}: written\n\nNext:\n  qwen-batch jobs check {name}")
    click.echo(f"  qwen-batch run {name} FOLDER --output out\n  qwen-batch report out --open")
    return EXIT_OK


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise UsageError(f"{path}: {why}", "name a JSON Schema file") from None
