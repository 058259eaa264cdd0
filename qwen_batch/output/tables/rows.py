"""All rows of a table as one: of every run that counts, of either format, with the columns of them all."""

from __future__ import annotations

import pyarrow as pa

from qwen_batch.errors import OutputError
from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.layout import published_files, run_manifests
from qwen_batch.output.tables.known import schema_of, table_of_files
from qwen_batch.output.tables.stamps import stamped_late
from qwen_batch.storage.places import Store


def read_published(store: Store, table: str) -> pa.Table:
    """Every row of a table, oldest run first; a column or field that a row's file lacks is null in it.

    Types are the table's own, in Parquet and JSONL alike. Raises OutputError if no such table is published, or two of
    its files have types that nothing joins.
    """
    files = [file for file in published_files(store) if file.table == table]
    if not files:
        raise OutputError(f"{store.root}: no published table {table!r}", "name a job that ran with this output")
    schema = schema_of(table_of_files(store, files))
    rows = pa.concat_tables(read_table(store, file.path, FORMATS.load(file.format), schema) for file in files)
    return stamped_late(rows, {run.run_id: run.published_at or run.finished for run in run_manifests(store)})
