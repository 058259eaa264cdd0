"""A reader that lists a published table every 50 ms while runs work and die, in a process of its own.

It lists in two ways: by the manifests, as the pipeline's own reader does, and, on a local disk, by a plain glob of
`<job>/run=*/*.parquet`. Rows are counted from the files' footers. What it saw must be whole runs, always.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.workplace import JOB
from qwen_batch.errors import QwenBatchError
from qwen_batch.output.layout import published_files
from qwen_batch.storage.parquet import count_parquet
from qwen_batch.storage.places import is_s3, open_store

INTERVAL_S = 0.05
FAREWELL_S = 10.0

State = frozenset[tuple[str, int]]
"""Runs with their rows."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All different states that were seen of one output, by way of listing, and what could not be read."""

    listings: int = 0
    states: dict[str, set[State]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def torn(self, runs: dict[tuple[str, str], int]) -> list[str]:
        """What was seen and is no set of whole runs; `runs` has the rows of each table and run in the end."""
        whole = {(run_id, rows) for (table, run_id), rows in runs.items() if table == JOB}
        found = [
            f"{way}: {sorted(state - whole)}"
            for way, states in self.states.items()
            for state in states
            if not state <= whole
        ]
        return found + self.errors


class Reader:
    """The reading process, seen from the benchmark."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def watch(self, output: str) -> None:
        """From now on lists this output."""
        self._connection.send(output)

    def seen(self) -> Seen:
        """What was seen of it; the reader rests."""
        self._connection.send("")
        seen: Seen = self._connection.recv()
        return seen


@contextmanager
def reader() -> Iterator[Reader]:
    """A reading process that ends with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=read_until_told, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Reader(ours)
    finally:
        ours.close()
        process.join(FAREWELL_S)
        if process.is_alive():
            process.kill()


def read_until_told(connection: Connection) -> None:
    """The reading process: an output to list, then "" for what was seen of it, and so on."""
    try:
        while True:
            output = connection.recv()
            connection.send(_listings(output, connection))
    except EOFError:
        return


def _listings(output: str, connection: Connection) -> Seen:
    states: dict[str, set[State]] = {"manifests": set(), "glob": set()}
    errors: list[str] = []
    count = 0
    while True:
        for way, look in (("manifests", _by_manifests), ("glob", _by_glob)):
            try:
                states[way].add(look(output))
            except (OSError, QwenBatchError) as error:
                errors.append(f"{way}: {error}")
        count += 1
        if connection.poll(INTERVAL_S):
            connection.recv()
            return Seen(count, states, errors)


def _by_manifests(output: str) -> State:
    store = open_store(output)
    runs: Counter[str] = Counter()
    for file in published_files(store):
        if file.table == JOB:
            with store.open(file.path) as opened:
                runs[file.run_id] += count_parquet(opened)
    return frozenset(runs.items())


def _by_glob(output: str) -> State:
    if is_s3(output):  # S3 has no folder to rename: only the manifest says that a run is whole
        return frozenset()
    runs: Counter[str] = Counter()
    for path in Path(output).glob(f"{JOB}/run=*/*.parquet"):
        with path.open("rb") as opened:
            runs[path.parent.name.removeprefix("run=")] += count_parquet(opened)
    return frozenset(runs.items())
