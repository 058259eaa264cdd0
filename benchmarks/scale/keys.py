"""An output that knows very many files, all of them done: how long `run` takes to see it, and `status` to tell it.

The files are there, and empty: a file that has not changed since it was hashed is not opened. Their rows are copies of
that of one real document.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from benchmarks.scale.runs import run_command
from benchmarks.workplace import JOB
from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.layout import SOURCES, Table, open_output, published_files, run_manifests
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.publishing import PublishAs, publish
from qwen_batch.storage.parquet import read_parquet_schema
from qwen_batch.storage.sources import KnownSource, local_source, write_index

FILES_A_FOLDER = 1000
ROWS_A_SHARD = 50_000
TEXT = "This lease is made between Alder Ltd and Birch Ltd. It is governed by the laws of England and Wales.\n"
LONG_AGO_NS = 3600 * 1_000_000_000


class _Nobody:
    def check(self) -> None:
        """Nobody else writes here."""


def write_output(folder: Path, output: Path, count: int) -> None:
    """Makes `count` files below `folder` and an output in which each has a row."""
    folder.mkdir(parents=True)
    first = folder / "first.txt"
    first.write_text(TEXT)
    subprocess.run(run_command(folder, output), check=True, capture_output=True)
    store = open_output(str(output))
    (file,) = (one for one in published_files(store) if one.table == JOB)
    (manifest,) = run_manifests(store)
    with store.open(file.path) as opened:
        schema = read_parquet_schema(opened)
    row = read_table(store, file.path, FORMATS.load(file.format), schema)
    table = Table(JOB, "all", schema)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-000000"
    ledger = Ledger(store, _Nobody())
    index: dict[str, KnownSource] = {}
    known: list[KnownSource] = []
    for one in _files(folder, count):
        known.append(one)
        if len(known) == ROWS_A_SHARD:
            ledger.stage(table, _rows(row, known, run_id), run_id)
            index |= {one.source_uri: one for one in known}
            known = []
    if known:
        ledger.stage(table, _rows(row, known, run_id), run_id)
        index |= {one.source_uri: one for one in known}
    again = manifest.model_copy(update={"run_id": run_id, "finished": datetime.now(UTC)})
    publish(ledger, [table], again, PublishAs(FORMATS.load("parquet"), ROWS_A_SHARD * 2))
    seen = local_source(first)
    content = hashlib.sha256(first.read_bytes()).hexdigest()
    index[seen.uri] = KnownSource(seen.uri, content, seen.size, seen.stamp, seen.modified_ns, time.time_ns())
    index[seen.uri] = replace(index[seen.uri], real_uri=seen.real_uri)
    write_index(store, SOURCES, index)


def _files(folder: Path, count: int) -> Iterator[KnownSource]:
    for number in range(count):
        path = folder / f"{number // FILES_A_FOLDER:04}" / f"{number:08}.txt"
        if number % FILES_A_FOLDER == 0:
            path.parent.mkdir()
        path.touch()
        seen = local_source(path, path.parent.resolve() if number == 0 else path.parent)
        doc_id = hashlib.sha256(str(number).encode()).hexdigest()
        hashed_at_ns = seen.modified_ns + LONG_AGO_NS
        yield KnownSource(
            seen.uri, doc_id, seen.size, seen.stamp, seen.modified_ns, hashed_at_ns, real_uri=seen.real_uri
        )


def _rows(row: pa.Table, known: list[KnownSource], run_id: str) -> pa.Table:
    rows = row.take(pa.array([0] * len(known)))
    columns = {
        "source_uri": [one.source_uri for one in known],
        "doc_id": [one.doc_id for one in known],
        "run_id": [run_id] * len(known),
    }
    for name, values in columns.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))
    return rows
