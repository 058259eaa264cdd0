"""Keys by the million in little memory: a private file of SQLite, in the folder for temporary files, that goes with it.

Nothing in it outlives the process: what is done is told by the ledger.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from qwen_batch.errors import OutputError
from qwen_batch.output.keys import Key

_COLUMNS = ", ".join(Key._fields)
_THIS = f" FROM keys WHERE ({_COLUMNS}) = (?, ?, ?, ?)"


class KeySet:
    """A set of keys, for one thread, that also finds those of a content."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # "" is a file of its own that SQLite deletes
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(f"CREATE TABLE keys ({_COLUMNS}, PRIMARY KEY ({_COLUMNS})) WITHOUT ROWID")
        self._count = 0
        self.update(keys)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        return isinstance(key, Key) and bool(self._rows("SELECT 1" + _THIS, key))

    def update(self, keys: Iterable[Key]) -> None:
        """Adds keys; those that are there stay."""
        before = self._database.total_changes
        with _explained():
            self._database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)", keys)
        self._count += self._database.total_changes - before

    def add(self, key: Key) -> bool:
        """Adds a key; whether it was not there."""
        before = self._count
        self.update([key])
        return self._count > before

    def discard(self, key: Key) -> bool:
        """Takes a key out; whether it was there."""
        with _explained():
            found = self._database.execute("DELETE" + _THIS, key).rowcount
        self._count -= found
        return bool(found)

    def of_content(self, doc_id: str) -> list[Key]:
        """The keys of a content, sorted."""
        return [Key(*row) for row in self._rows("SELECT * FROM keys WHERE doc_id = ? ORDER BY 2, 3, 4", [doc_id])]

    def first_uri(self) -> str:
        """The source that sorts first, of a set that is not empty."""
        return str(self._rows("SELECT min(source_uri) FROM keys")[0][0])

    def count_documents(self) -> int:
        """How many contents under how many names: each name of each content counts."""
        return int(self._rows("SELECT count(*) FROM (SELECT DISTINCT doc_id, source_uri FROM keys)")[0][0])

    def _rows(self, query: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with _explained():
            return self._database.execute(query, tuple(values)).fetchall()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputError(
            f"{tempfile.gettempdir()}: the list of what is owed cannot be kept: {error}",
            "make room there, or set TMPDIR to a folder on another disk, then run the same command again",
        ) from error
