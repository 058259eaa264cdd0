"""One row per source of a published table: as a DuckDB view, and as a pyarrow table.

Of a source's rows the one of its present content comes before others, then the one of the present settings, then
the newest. So a file that was changed back shows its first answer again, and one whose new content failed keeps its old
answer, marked as `changed`. Rows of runs without a manifest do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from qwen_batch.errors import OutputError
from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.layout import (
    SOURCES,
    PublishedFile,
    open_output,
    published_files,
    run_path,
    view_path,
)
from qwen_batch.output.tables.known import known_table
from qwen_batch.storage.places import Store
from qwen_batch.storage.sources import KnownSource, read_index

STATE = "source_state"
IDENTITY = ("source_uri", "doc_id", "run_id")
RANKED = (*IDENTITY, "job_fingerprint", "processed_at")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that may be the latest of its source."""

    doc_id: str
    run_id: str
    rank: tuple[bool, bool, datetime, str]


def write_latest_views(store: Store) -> None:
    """Writes the views of all tables whose present settings are known."""
    files = list(published_files(store))
    for name in sorted({file.table for file in files}):
        known = known_table(store, name)
        if known is None or known.job_fingerprint is None:
            continue
        mine = [file for file in files if file.table == name]
        whole = known.staged_as
        query = _ranked_query(store, mine, known.job_fingerprint) if name == whole else _split_query(store, mine, whole)
        text = f"-- {name}: one row per source, its newest; .read this file in DuckDB\n"
        _put(store, view_path(name), f"{text}CREATE OR REPLACE VIEW {name}_latest AS\n{query};\n".encode())


def _ranked_query(store: Store, files: Sequence[PublishedFile], fingerprint: str) -> str:
    return f"""SELECT * EXCLUDE (place) FROM (
  SELECT r.*,
    CASE WHEN s.state = 'deleted' THEN 'deleted' WHEN s.doc_id = r.doc_id THEN 'present' ELSE 'changed' END
      AS {STATE},
    row_number() OVER (PARTITION BY r.source_uri ORDER BY r.doc_id = s.doc_id DESC,
      r.job_fingerprint = '{fingerprint}' DESC, r.processed_at DESC, r.run_id DESC) AS place
  FROM ({_published(store, files)}) AS r JOIN {_quoted(store.uri(SOURCES))} AS s USING (source_uri)
) WHERE place = 1"""


def _split_query(store: Store, files: Sequence[PublishedFile], whole: str) -> str:
    return f"""SELECT r.*, d.{STATE} FROM ({_published(store, files)}) AS r
JOIN {whole}_latest AS d USING ({", ".join(IDENTITY)})"""


def _published(store: Store, files: Sequence[PublishedFile]) -> str:
    """All rows of committed runs, also of runs that come after the view was written."""
    scans = sorted({_scan(store, file) for file in files})
    parts = " UNION ALL BY NAME ".join(f"SELECT * FROM {scan}" for scan in scans)
    runs = f"SELECT run_id FROM read_json({_quoted(store.uri(run_path('*')))}, columns = {{run_id: 'VARCHAR'}})"
    return f"SELECT * FROM ({parts}) WHERE run_id IN ({runs})"


def _scan(store: Store, file: PublishedFile) -> str:
    form = FORMATS.load(file.format)
    return form.duckdb_scan.format(_quoted(store.uri(file.alike(form.extension))))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _put(store: Store, path: str, content: bytes) -> None:
    if not store.exists(path) or store.read(path) != content:
        store.put(path, partial(_write, content))


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def latest_rows(output: str | Path, table: str) -> pa.Table:
    """One row per source (of `pages`: the pages of one row of `documents`), by source_uri.

    `source_state` is present, changed (the file's content now has no row) or deleted. Raises OutputError if no such
    table is published, or a run published it in a format that keeps no types of columns.
    """
    store, files = _table(output, table)
    if other := [file for file in files if not FORMATS.load(file.format).keeps_types]:
        raise OutputError(
            f"{store.uri(other[0].path)}: {other[0].format} keeps no types of columns",
            f"read it with DuckDB: {store.uri(view_path(table))}",
        )
    known = read_index(store, SOURCES)
    chosen = _newest(store, files[0].staged_as, known)
    parts = [_chosen_rows(store, file, chosen) for file in files]
    rows = pa.concat_tables(parts, promote_options="permissive").sort_by("source_uri")
    pairs = zip(rows["source_uri"].to_pylist(), rows["doc_id"].to_pylist(), strict=True)
    states = [_state(known.get(uri), doc_id) for uri, doc_id in pairs]
    return rows.append_column(STATE, pa.array(states, pa.string()))


def _newest(store: Store, table: str, known: Mapping[str, KnownSource]) -> dict[str, _Candidate]:
    """The row to show of each source."""
    preferred = known_table(store, table)
    best: dict[str, _Candidate] = {}
    for file in published_files(store):
        if file.table != table:
            continue
        for row in _ranks(store, file):
            source = known.get(row["source_uri"])
            is_present = source is not None and source.doc_id == row["doc_id"]
            settings = preferred is not None and row["job_fingerprint"] == preferred.job_fingerprint
            rank = (is_present, settings, row["processed_at"], row["run_id"])
            before = best.get(row["source_uri"])
            if before is None or rank > before.rank:
                best[row["source_uri"]] = _Candidate(row["doc_id"], row["run_id"], rank)
    return best


def latest_records(output: str | Path, table: str) -> list[dict[str, Any]]:
    """The same rows, without `source_state`, of every format alike: as dicts, days and times in ISO 8601.

    All of the table's rows go through memory. Raises OutputError if no such table is published.
    """
    store, files = _table(output, table)
    chosen = _newest(store, files[0].staged_as, read_index(store, SOURCES))
    rows = [row for file in files for row in _rows(store, file) if _is_chosen(row, chosen)]
    return sorted(rows, key=lambda row: str(row["source_uri"]))


def _table(output: str | Path, table: str) -> tuple[Store, list[PublishedFile]]:
    store = open_output(str(output))
    files = [file for file in published_files(store) if file.table == table]
    if not files:
        raise OutputError(f"{store.root}: no published table {table!r}", "name a job that ran with this output")
    return store, files


def _is_chosen(row: Mapping[str, Any], chosen: Mapping[str, _Candidate]) -> bool:
    best = chosen.get(row["source_uri"])
    return best is not None and (best.doc_id, best.run_id) == (row["doc_id"], row["run_id"])


def _ranks(store: Store, file: PublishedFile) -> list[dict[str, Any]]:
    """The columns RANKED of a file's rows."""
    rows = _rows(store, file, RANKED)
    return [row | {"processed_at": datetime.fromisoformat(row["processed_at"])} for row in rows]


def _rows(store: Store, file: PublishedFile, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    with store.open(file.path) as opened:
        return FORMATS.load(file.format).read_rows(opened, columns)


def _chosen_rows(store: Store, file: PublishedFile, chosen: Mapping[str, _Candidate]) -> pa.Table:
    rows = read_table(store, file.path, FORMATS.load(file.format))
    identities = zip(*(rows[name].to_pylist() for name in IDENTITY), strict=True)
    keep = [
        (best := chosen.get(uri)) is not None and (best.doc_id, best.run_id) == (doc_id, run_id)
        for uri, doc_id, run_id in identities
    ]
    return rows.filter(pa.array(keep, pa.bool_()))


def _state(source: KnownSource | None, doc_id: str) -> str:
    if source is None:
        return "present"
    if source.state == "deleted":
        return "deleted"
    return "present" if source.doc_id == doc_id else "changed"
