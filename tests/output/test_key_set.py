"""key_set: a set of keys on disk, told by key and by content."""

from __future__ import annotations

import sqlite3

import pytest

from qwen_batch.errors import OutputError
from qwen_batch.output.key_set import KeySet
from qwen_batch.output.keys import Key

A = Key("1", "/in/a.txt", "invoice", "f00d")
COPY = A._replace(source_uri="/in/copy.txt")
OTHER_JOB = A._replace(job="letter")
B = Key("2", "/in/b.txt", "invoice", "f00d")


def test_a_key_is_there_once_and_gone_once() -> None:
    keys = KeySet([A, A, B])
    assert (len(keys), A in keys, COPY in keys, "a word" in keys) == (2, True, False, False)
    assert (keys.add(A), keys.add(COPY), len(keys)) == (False, True, 3)
    assert (keys.discard(A), keys.discard(A), len(keys)) == (True, False, 2)


def test_the_keys_of_a_content_stand_together_under_all_of_its_names() -> None:
    keys = KeySet([B, OTHER_JOB, COPY, A])
    assert keys.of_content("1") == [A, OTHER_JOB, COPY]
    assert keys.of_content("3") == []
    assert (keys.count_documents(), keys.first_uri()) == (3, "/in/a.txt")


def test_a_full_disk_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        total_changes = 0

        def execute(self, *_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

    keys = KeySet()
    monkeypatch.setattr(keys, "_database", Full())
    with pytest.raises(OutputError, match="disk is full") as raised:
        keys.discard(A)
    assert "TMPDIR" in raised.value.remedy
