"""A long sequence of values on disk, read again some at a time: what a run has to do, however much it is."""

from __future__ import annotations

import os
import pickle
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

from qwen_batch.storage.store import explained

CHUNK = 256
"""Values that are read together."""
T = TypeVar("T")


class Spool(Sequence[T]):
    """Values that can be pickled, in a temporary file of this process. Any threads may read it."""

    def __init__(self, values: Iterable[T]) -> None:
        self._file = tempfile.TemporaryFile(prefix="qb-")  # noqa: SIM115  it is closed with the last reference to this
        self._ends = array("q", [0])
        self._count = 0
        self._last: tuple[int, list[T]] = (-1, [])
        rest = iter(values)
        with explained(tempfile.gettempdir()):
            while chunk := list(islice(rest, CHUNK)):
                pickle.dump(chunk, self._file, pickle.HIGHEST_PROTOCOL)
                self._ends.append(self._file.tell())
                self._count += len(chunk)
            self._file.flush()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        for number in range(len(self._ends) - 1):
            yield from self._chunk(number)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        """The last chunk that was read is kept: who goes on from there reads no chunk twice."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(self._count))]
        number, place = divmod(range(self._count)[at], CHUNK)
        last = self._last
        if last[0] != number:
            last = self._last = (number, self._chunk(number))
        return last[1][place]

    def _chunk(self, number: int) -> list[T]:
        start, end = self._ends[number], self._ends[number + 1]
        with explained(tempfile.gettempdir()):
            content = os.pread(self._file.fileno(), end - start, start)
        chunk: list[T] = pickle.loads(content)  # noqa: S301  our own file, which has no name
        return chunk
