"""The unseen orders: what is in the files, and that the halves stay what they were when they were written."""

from __future__ import annotations

import hashlib
from collections import Counter

from benchmarks.answers.unseen_orders.passages import Half, Passage, harmless, orders

LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "nl", "zh", "ar"}
WRITTEN = "00891eb1392bc0d65c18e27b014da4d0dc12a32788bbee794557bbb618bfcdad"
"""Of all texts with their halves. Orders that are added later belong into a file of their own."""


def test_there_are_as_many_as_was_said_in_nine_languages() -> None:
    assert (len(orders()), len(harmless())) == (120, 150)
    assert {one.language for one in orders()} == {one.language for one in harmless()} == LANGUAGES
    assert min(Counter(one.kind for one in orders()).values()) >= 9
    assert all(one.is_order for one in orders())
    assert not any(one.is_order for one in harmless())


def test_the_halves_are_halves() -> None:
    halves: tuple[Half, Half] = ("dev", "test")
    assert [len(orders(half)) for half in halves] == [60, 60]
    assert [len(harmless(half)) for half in halves] == [75, 75]


def test_nobody_moves_a_passage_from_one_half_to_the_other() -> None:
    assert digest([*orders(), *harmless()]) == WRITTEN


def digest(passages: list[Passage]) -> str:
    written = "\n".join(f"{one.half} {one.text}" for one in passages)
    return hashlib.sha256(written.encode("utf-8")).hexdigest()
