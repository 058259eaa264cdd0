"""Answers to a content that was asked before under another name: a renamed or copied file is not asked again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.output.keys import Key
from qwen_batch.output.layout import Table, published_files
from qwen_batch.output.ledger import Ledger


def copyable(owed: Iterable[Key], done: Iterable[Key]) -> dict[Key, list[str]]:
    """What is owed and was answered for the same content: one of the answered keys, and the new names."""
    answered = {key._replace(source_uri=""): key for key in done}
    found: dict[Key, list[str]] = defaultdict(list)
    for key in sorted(owed):
        if (same := answered.get(key._replace(source_uri=""))) is not None:
            found[same].append(key.source_uri)
    return dict(found)


def copied_rows(ledger: Ledger, table: Table, wanted: Mapping[Key, Sequence[str]]) -> pa.Table:
    """The rows of these keys, once under each new name. A row that is only to be had as JSONL is left out."""
    parts = [table.schema.empty_table()]
    column = table.schema.get_field_index("source_uri")
    left = dict(wanted)
    for path in _files_of(ledger, table):
        if not left:
            break
        with ledger.store.open(path) as opened:
            ids = [("doc_id", "in", [key.doc_id for key in left])]
            rows = pq.read_table(opened, schema=table.schema, filters=ids)
        keys = zip(*(rows[name].to_pylist() for name in Key._fields), strict=True)
        for place, key in enumerate(Key(*values) for values in keys):
            names = left.pop(key, ())
            copies = rows.take(pa.array([place] * len(names), pa.int64()))
            parts.append(copies.set_column(column, table.schema.field(column), pa.array(names, pa.string())))
    return pa.concat_tables(parts)


def _files_of(ledger: Ledger, table: Table) -> Iterator[str]:
    yield from ledger.staged(table)
    for file in published_files(ledger.store):
        if file.table == table.name == file.staged_as and file.format == "parquet":
            yield file.path
