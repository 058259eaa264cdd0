"""spool: a long sequence comes back as it was, by its places, in slices and in one go, and takes no memory."""

from __future__ import annotations

from qwen_batch.run.todo.spool import CHUNK, Spool

MANY = 3 * CHUNK + 7


def test_values_come_back_in_their_order_however_they_are_asked_for() -> None:
    values = [f"value {number}" for number in range(MANY)]
    spool = Spool(iter(values))
    assert len(spool) == MANY
    assert list(spool) == values
    assert [spool[at] for at in range(MANY)] == values
    assert (spool[-1], spool[5]) == (values[-1], values[5])
    assert spool[CHUNK - 2 : CHUNK + 2] == values[CHUNK - 2 : CHUNK + 2]


def test_of_nothing_there_is_nothing() -> None:
    spool: Spool[int] = Spool([])
    assert not spool
    assert list(spool) == []
