"""One row per source of a published table: as a DuckDB view, and as a pyarrow table.

Of a source's rows the one of its present content comes before others, then the one of the present settings, then
the newest. So a file that was changed back shows its first answer again, and one whose new content failed keeps its old
answer, marked as `changed`. Rows of runs without a manifest do not count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.errors import OutputError
from qwen_batch.output.layout import PublishedFile, published_files
from qwen_batch.storage.places import Store, open_store
from qwen_batch.storage.sources import INDEX, KnownSource, read_index

VIEW = "latest.sql"
PRESENT = "_latest.json"
"""Beside the view: which settings are the present ones."""
STATE = "source_state"
IDENTITY = ("source_uri", "doc_id", "run_id")
RANKED = (*IDENTITY, "job_fingerprint", "processed_at")
READERS = {"parquet": "read_parquet('{}', hive_partitioning = false, union_by_name = true)", "jsonl": "read_json('{}')"}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that may be the latest of its source."""

    doc_id: str
    run_id: str
    rank: tuple[bool, bool, datetime, str]


def write_latest_view(store: Store, table: str, fingerprint: str) -> None:
    """Writes `<table>/latest.sql`, and those of tables split from it; `fingerprint` stands for the present settings."""
    files = [file for file in published_files(store) if file.staged_as == table]
    for name in sorted({file.table for file in files}):
        mine = [file for file in files if file.table == name]
        query = _ranked_query(store, mine, fingerprint) if name == table else _split_query(store, mine, table)
        text = f"-- {name}: one row per source, its newest; .read this file in DuckDB\n"
        _put_text(store, f"{name}/{VIEW}", f"{text}CREATE OR REPLACE VIEW {name}_latest AS\n{query};\n")
        _put_text(store, f"{name}/{PRESENT}", json.dumps({"staged_as": table, "job_fingerprint": fingerprint}))


def _ranked_query(store: Store, files: list[PublishedFile], fingerprint: str) -> str:
    return f"""SELECT * EXCLUDE (place) FROM (
  SELECT r.*,
    CASE WHEN s.state = 'deleted' THEN 'deleted' WHEN s.doc_id = r.doc_id THEN 'present' ELSE 'changed' END
      AS {STATE},
    row_number() OVER (PARTITION BY r.source_uri ORDER BY r.doc_id = s.doc_id DESC,
      r.job_fingerprint = '{fingerprint}' DESC, r.processed_at DESC, r.run_id DESC) AS place
  FROM ({_published(store, files)}) AS r JOIN '{_quoted(store.uri(INDEX))}' AS s USING (source_uri)
) WHERE place = 1"""


def _split_query(store: Store, files: list[PublishedFile], whole: str) -> str:
    return f"""SELECT r.*, d.{STATE} FROM ({_published(store, files)}) AS r
JOIN {whole}_latest AS d USING ({", ".join(IDENTITY)})"""


def _published(store: Store, files: list[PublishedFile]) -> str:
    """All rows of committed runs, also of runs that come after the view was written."""
    parts = []
    for form in sorted({file.format for file in files}):
        flat = "/run=" not in next(file.path for file in files if file.format == form)
        pattern = f"{files[0].table}/{'' if flat else 'run=*/'}part-*.{form}"
        parts.append(f"SELECT * FROM {READERS[form].format(_quoted(store.uri(pattern)))}")
    runs = f"SELECT run_id FROM read_json('{_quoted(store.uri('_runs/*.json'))}', columns = {{run_id: 'VARCHAR'}})"
    return f"SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}) WHERE run_id IN ({runs})"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _put_text(store: Store, path: str, text: str) -> None:
    if not store.exists(path) or store.read(path) != text.encode():
        store.put(path, partial(_write, text.encode()))


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def latest_rows(output: str | Path, table: str) -> pa.Table:
    """One row per source (of `pages`: the pages of one row of `documents`), by source_uri.

    `source_state` is present, changed (the file's content now has no row) or deleted. Raises OutputError if no such
    table is published, or a run published it as JSONL.
    """
    store = open_store(str(output))
    files = [file for file in published_files(store) if file.table == table]
    if not files:
        raise OutputError(f"{store.root}: no published table {table!r}", "name a job that ran with this output")
    if other := [file for file in files if file.format != "parquet"]:
        raise OutputError(f"{store.uri(other[0].path)}: not Parquet", f"read it with DuckDB: {table}/{VIEW}")
    known = read_index(store)
    chosen = _newest(store, files[0].staged_as, known)
    parts = [_chosen_rows(store, file, chosen) for file in files]
    rows = pa.concat_tables(parts, promote_options="permissive").sort_by("source_uri")
    pairs = zip(rows["source_uri"].to_pylist(), rows["doc_id"].to_pylist(), strict=True)
    states = [_state(known.get(uri), doc_id) for uri, doc_id in pairs]
    return rows.append_column(STATE, pa.array(states, pa.string()))


def _newest(store: Store, table: str, known: Mapping[str, KnownSource]) -> dict[str, _Candidate]:
    """The row to show of each source."""
    present: dict[str, Any] = {}
    if store.exists(f"{table}/{PRESENT}"):
        present = json.loads(store.read(f"{table}/{PRESENT}"))
    best: dict[str, _Candidate] = {}
    for file in published_files(store):
        if file.table != table:
            continue
        for row in _ranks(store, file):
            source = known.get(row["source_uri"])
            is_present = source is not None and source.doc_id == row["doc_id"]
            settings = row["job_fingerprint"] == present.get("job_fingerprint")
            rank = (is_present, settings, row["processed_at"], row["run_id"])
            before = best.get(row["source_uri"])
            if before is None or rank > before.rank:
                best[row["source_uri"]] = _Candidate(row["doc_id"], row["run_id"], rank)
    return best


def latest_records(output: str | Path, table: str) -> list[dict[str, Any]]:
    """The same rows, without `source_state`, of Parquet and JSONL alike: as dicts, days and times in ISO 8601.

    All of the table's rows go through memory. Raises OutputError if no such table is published.
    """
    store = open_store(str(output))
    files = [file for file in published_files(store) if file.table == table]
    if not files:
        raise OutputError(f"{store.root}: no published table {table!r}", "name a job that ran with this output")
    chosen = _newest(store, files[0].staged_as, read_index(store))
    rows = [row for file in files for row in _rows(store, file) if _is_chosen(row, chosen)]
    return sorted(rows, key=lambda row: str(row["source_uri"]))


def _is_chosen(row: Mapping[str, Any], chosen: Mapping[str, _Candidate]) -> bool:
    best = chosen.get(row["source_uri"])
    return best is not None and (best.doc_id, best.run_id) == (row["doc_id"], row["run_id"])


def _ranks(store: Store, file: PublishedFile) -> list[dict[str, Any]]:
    """The columns RANKED of a file's rows, in either format."""
    rows = _rows(store, file, list(RANKED))
    return [row | {"processed_at": datetime.fromisoformat(row["processed_at"])} for row in rows]


def _rows(store: Store, file: PublishedFile, columns: list[str] | None = None) -> list[dict[str, Any]]:
    with store.open(file.path) as opened:
        if file.format == "parquet":
            return [_plain(row) for row in pq.read_table(opened, columns=columns).to_pylist()]
        return [json.loads(line) for line in opened]


def _plain(value: Any) -> Any:
    """An Arrow value as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _chosen_rows(store: Store, file: PublishedFile, chosen: Mapping[str, _Candidate]) -> pa.Table:
    with store.open(file.path) as opened:
        rows = pq.read_table(opened)
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
