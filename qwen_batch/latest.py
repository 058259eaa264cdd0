"""One row per source of a job's published Parquet table.

The row of the source's present content comes before others, then that of the newest settings (those of the table's
newest row), then the newest. Rows of runs without a manifest do not count.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.errors import OutputError
from qwen_batch.ledger import published_files
from qwen_batch.sources import KnownSource, read_index
from qwen_batch.store import open_store


def latest_rows(output: str | Path, table: str) -> pa.Table:
    """The rows, by source_uri, with `source_state`: present, changed (no row of its content yet) or deleted.

    Raises OutputError if no such table is published, or a run published it as JSONL.
    """
    store = open_store(str(output))
    files = [file for file in published_files(store) if file.table == table]
    if not files:
        raise OutputError(f"{store.root}: no published table {table!r}", "name a job that ran with this output")
    parts = []
    for file in files:
        if file.format != "parquet":
            raise OutputError(f"{store.uri(file.path)}: not Parquet", "run with --format parquet, or read it as JSON")
        with store.open(file.path) as opened:
            parts.append(pq.read_table(opened))
    rows = pa.concat_tables(parts, promote_options="permissive")
    known = read_index(store)
    names = ["source_uri", "doc_id", "job_fingerprint", "processed_at"]
    keys = rows.select(names).to_pylist()
    newest = max(keys, key=lambda key: key["processed_at"], default=None)
    best: dict[str, tuple[Any, int]] = {}
    for index, key in enumerate(keys):
        source = known.get(key["source_uri"])
        is_present = source is not None and source.doc_id == key["doc_id"]
        rank = (is_present, newest and key["job_fingerprint"] == newest["job_fingerprint"], key["processed_at"])
        best[key["source_uri"]] = max(best.get(key["source_uri"], (rank, index)), (rank, index))
    chosen = [best[uri][1] for uri in sorted(best)]
    states = [_state(known.get(keys[index]["source_uri"]), keys[index]["doc_id"]) for index in chosen]
    picked = rows.take(pa.array(chosen, pa.int64()))
    return picked.append_column("source_state", pa.array(states, pa.string()))


def _state(source: KnownSource | None, doc_id: str) -> str:
    if source is None:
        return "present"
    if source.state == "deleted":
        return "deleted"
    return "present" if source.doc_id == doc_id else "changed"
