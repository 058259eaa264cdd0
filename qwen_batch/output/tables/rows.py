"""All rows of a table as one: of every run that counts, of either format, with the columns of them all."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from qwen_batch.errors import OutputError
from qwen_batch.output.format import FORMATS, read_schema, read_table
from qwen_batch.output.layout import FAILURES, PublishedFile, published_files, run_manifests
from qwen_batch.output.record_table import FAILURE_SCHEMA, JOB_COLUMNS
from qwen_batch.output.tables.columns import NoCommonType, joined
from qwen_batch.output.tables.stamps import stamped_late
from qwen_batch.output.text_table import DOCUMENTS, DOCUMENTS_SCHEMA, PAGES, PAGES_SCHEMA
from qwen_batch.storage.places import Store

FIXED = {FAILURES: FAILURE_SCHEMA, DOCUMENTS: DOCUMENTS_SCHEMA, PAGES: PAGES_SCHEMA}


def read_published(store: Store, table: str) -> pa.Table:
    """Every row of a table, oldest run first; a column or field that a row's file lacks is null in it.

    Types are the table's own, in Parquet and JSONL alike. Raises OutputError if no such table is published, or two of
    its files have types that nothing joins.
    """
    files = [file for file in published_files(store) if file.table == table]
    if not files:
        raise OutputError(f"{store.root}: no published table {table!r}", "name a job that ran with this output")
    schema = table_schema(store, files)
    rows = pa.concat_tables(read_table(store, file.path, FORMATS.load(file.format), schema) for file in files)
    moments = {run.run_id: run.published_at or run.finished for run in run_manifests(store)}
    return stamped_late(rows, moments)


def table_schema(store: Store, files: Sequence[PublishedFile]) -> pa.Schema:
    """The columns of these files of one table. Raises OutputError if two have types that nothing joins."""
    declared = FIXED.get(files[0].table, JOB_COLUMNS)
    typed, guessed = declared, pa.schema([])
    for file in files:
        form = FORMATS.load(file.format)
        schema = read_schema(store, file.path, form)
        try:
            if form.keeps_types:
                typed = joined([typed, schema])
            else:
                guessed = joined([guessed, schema])
        except NoCommonType as error:
            raise _not_joined(store.uri(file.path), error) from None
    try:
        return joined([typed, guessed], untyped=True)
    except NoCommonType as error:
        raise _not_joined(store.uri(files[-1].path), error) from None


def _not_joined(place: str, error: NoCommonType) -> OutputError:
    return OutputError(
        f"{place}: {error.path} is {error.other} here and {error.one} in files before",
        "read the files of each run by themselves",
    )
