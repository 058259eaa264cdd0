"""What publishing writes into rows: the run, its moment, and the document's name for people.

`published_at` is the same in all rows of a run and greater than in every run before, so that a reader may take what is
newer than what it has. Rows of an earlier version have neither it nor `document`; they get both as they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from qwen_batch.storage.uris import document_name

UTC_TIME = pa.timestamp("us", tz="UTC")
DOCUMENT = ("document", pa.string())
PUBLISHED_AT = ("published_at", UTC_TIME)
LEAST = timedelta(microseconds=1)


def next_moment(before: Iterable[datetime]) -> datetime:
    """Now, or if the clock went back the least moment after all of these."""
    return max([datetime.now(UTC), *(moment + LEAST for moment in before)])


def stamped(rows: pa.Table, run_id: str, published_at: datetime) -> pa.Table:
    """The rows as this run publishes them; a column that their table does not have is not added."""
    rows = _with(rows, "run_id", pa.array([run_id] * len(rows), pa.string()))
    rows = _with(rows, PUBLISHED_AT[0], pa.array([published_at] * len(rows), UTC_TIME))
    return _with(rows, DOCUMENT[0], _documents(rows))


def stamped_late(rows: pa.Table, moments: Mapping[str, datetime]) -> pa.Table:
    """Published rows, with what an earlier version did not write; `moments` by run."""
    if PUBLISHED_AT[0] in rows.schema.names and rows[PUBLISHED_AT[0]].null_count:
        there = rows[PUBLISHED_AT[0]].to_pylist()
        runs = rows["run_id"].to_pylist()
        times = [moment or moments.get(run) for moment, run in zip(there, runs, strict=True)]
        rows = _with(rows, PUBLISHED_AT[0], pa.array(times, UTC_TIME))
    if DOCUMENT[0] in rows.schema.names and rows[DOCUMENT[0]].null_count:
        rows = _with(rows, DOCUMENT[0], pc.coalesce(rows[DOCUMENT[0]], _documents(rows)))
    return rows


def _with(rows: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows if place < 0 else rows.set_column(place, rows.schema.field(place), values)


def _documents(rows: pa.Table) -> pa.Array:
    uris = rows["source_uri"].to_pylist() if "source_uri" in rows.schema.names else [None] * len(rows)
    return pa.array([None if uri is None else document_name(uri) for uri in uris], pa.string())
