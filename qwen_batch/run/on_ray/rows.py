"""What travels through Ray Data: a row has some documents, as pickled values in a binary column."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

ROW = "row"


def packed(values: Sequence[Any]) -> dict[str, list[bytes]]:
    """Values as a batch of one row."""
    return {ROW: [packed_row(values)]}


def packed_row(values: Sequence[Any]) -> bytes:
    """Values as a row."""
    return pickle.dumps([pickle.dumps(value) for value in values])


def unpacked(batch: Mapping[str, Any]) -> Iterator[Any]:
    """The values of a batch."""
    for row in batch[ROW]:
        for pickled in pickle.loads(row):  # noqa: S301  our own rows
            yield pickle.loads(pickled)  # noqa: S301
