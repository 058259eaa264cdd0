"""How a table becomes a file. A sink is a module here that exports `SINK: Sink`.

Sinks write one file from one Arrow table; where files go and when they count is the ledger's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Sink:
    """A file format: `write` puts a table into an open file, `read` brings it back with a schema."""

    name: str
    extension: str
    write: Callable[[pa.Table, BinaryIO], None]
    read: Callable[[BinaryIO, pa.Schema], pa.Table]
