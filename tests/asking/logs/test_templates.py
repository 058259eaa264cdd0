from __future__ import annotations

from itertools import product

import pytest

from qwen_batch.asking.logs import templates
from qwen_batch.asking.logs.templates import Templates


def folded(*lines: str) -> list[tuple[str, int]]:
    found = Templates()
    for place, line in enumerate(lines):
        found.add(place, line)
    return [(" ".join(one.words), len(one.places)) for one in found.all]


def test_lines_that_differ_in_numbers_and_identifiers_are_one() -> None:
    assert folded("GET /item/17 in 3 ms", "GET /item/9 in 250 ms") == [("GET /item/<*> in <*> ms", 2)]
    assert folded("id=7f3a9c00 ok", "id=00ff12ab ok", "id=9 ok") == [("id=<*> ok", 3)]
    assert folded("from 10.0.0.1:443", "from 192.168.7.12:80") == [("from <*>", 2)]


def test_digits_within_a_name_belong_to_the_name() -> None:
    assert folded("p99 is high", "p50 is high") == [("<*> is high", 2)]
    assert folded("ipv4 only") == [("ipv4 only", 1)]


def test_lines_that_are_mostly_the_same_words_are_one_and_others_are_not() -> None:
    lines = ("user ann has logged in again", "user bob has logged in again", "user carl was locked out twice")
    assert folded(*lines) == [("user <*> has logged in again", 2), ("user carl was locked out twice", 1)]


def test_a_level_keeps_lines_apart() -> None:
    assert len(folded("INFO [db] disk at rest", "ERROR [db] disk at rest")) == 2


def test_a_log_in_which_no_line_is_like_another_ends_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MAX_TEMPLATES", 50)
    words = ["".join(letters) for letters in product("abcdefgh", repeat=4)]
    lines = [f"[{word}] {word}x {word}y {word}z" for word in words]
    found = folded(*lines)
    assert len(found) <= 50 + templates.MAX_TEMPLATES_ALIKE
    assert sum(count for _, count in found) == len(lines)
