"""How a table becomes a file. A sink is a module here that exports `SINK: Sink`.

Sinks write one file from one Arrow table; where files go and when they count is the ledger's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from qwen_batch.plugins import load_plugin
from qwen_batch.storage.places import Store


@dataclass(frozen=True, slots=True)
class Sink:
    """A file format: `write` puts a table into an open file, `read` brings it back with a schema."""

    name: str
    extension: str
    write: Callable[[pa.Table, BinaryIO], None]
    read: Callable[[BinaryIO, pa.Schema], pa.Table]


def count_rows(store: Store, path: str, sink_name: str) -> int:
    """How many rows a file holds, by its own account."""
    with store.open(path) as opened:
        if sink_name == "parquet":
            return int(pq.read_metadata(opened).num_rows)
        return sum(1 for _ in opened)


def sink_of(name: str) -> Sink:
    """The sink of that name."""
    sink: Sink = load_plugin("qwen_batch.output.formats", name, "SINK")
    return sink
