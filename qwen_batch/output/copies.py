"""Answers to a content that was asked before under another name: a renamed or copied file is not asked again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from qwen_batch.output.format import FORMATS, FileFormat, read_table
from qwen_batch.output.keys import Key, keys_of, read_keys
from qwen_batch.output.layout import SHARD_FORMAT, Table, published_files
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
    """The rows of these keys, once under each new name."""
    parts = [table.schema.empty_table()]
    column = table.schema.get_field_index("source_uri")
    left = dict(wanted)
    for path, form in _files_of(ledger, table):
        if left.keys().isdisjoint(read_keys(ledger.store, path, form)):
            continue
        rows = read_table(ledger.store, path, form, table.schema)
        for place, key in enumerate(keys_of(rows)):
            names = left.pop(key, ())
            copies = rows.take(pa.array([place] * len(names), pa.int64()))
            parts.append(copies.set_column(column, table.schema.field(column), pa.array(names, pa.string())))
    return pa.concat_tables(parts)


def _files_of(ledger: Ledger, table: Table) -> Iterator[tuple[str, FileFormat]]:
    for path in ledger.staged(table):
        yield path, FORMATS.load(SHARD_FORMAT)
    for file in published_files(ledger.store):
        if file.table == table.name == file.staged_as:
            yield file.path, FORMATS.load(file.format)
