"""`apply` in processes of their own, which tell of each change to the output and are killed with SIGKILL at one.

They are forked from one that has imported all there is to import and started no thread, so each begins at once.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from helpers.stores import CrashingStore

from qwen_batch.output.layout import open_output
from qwen_batch.run import apply
from qwen_batch.storage.places import Store

BEFORE_S = 0.02
"""How long a process waits when it has told of a change and not yet made it."""
MOST_INTO_S = 0.04
"""How long after that it is killed, at most: before the change, in it, or after it."""


class TellingStore(CrashingStore):
    """A store that tells of each change before it makes it."""

    def __init__(self, inner: Store, told: Connection) -> None:
        super().__init__(inner, 0)
        self.told = told

    def _change(self) -> None:
        self.told.send_bytes(b"change")
        time.sleep(BEFORE_S)


def kill_at(change: int, output: str, file: Path, chance: random.Random) -> bool:
    """Applies until that change and kills there; False if it came to its end before. Raises if it ended badly."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "duckdb"])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_apply, args=(output, file, theirs, dict(os.environ)))
    with _started(process):
        theirs.close()
        if any(number == change for number, _ in enumerate(_told(ours))):
            time.sleep(chance.uniform(0, MOST_INTO_S))
            process.kill()
        process.join()
    if process.exitcode not in {0, -9}:
        raise RuntimeError(f"apply ended with {process.exitcode}")
    return process.exitcode == -9


@contextmanager
def _started(process: multiprocessing.context.ForkServerProcess) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _told(ours: Connection) -> Iterator[bytes]:
    while True:
        try:
            yield ours.recv_bytes()
        except EOFError:
            return


def _apply(output: str, file: Path, told: Connection, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    apply.open_output = lambda place: TellingStore(open_output(place), told)  # type: ignore[assignment]
    apply.apply_corrections(output, file)
