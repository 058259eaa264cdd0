"""nothing: three senses of empty, and where they differ."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.job.nothing import holds_nothing, is_absent, is_placeholder


@pytest.mark.parametrize(
    ("value", "senses"),
    [
        (None, "absent nothing placeholder"),
        ("", "absent nothing placeholder"),
        (" \n", "absent nothing"),
        ([], "absent nothing"),
        ([None, ""], "nothing"),
        ({}, "nothing"),
        ({"date": None, "quote": "the first of May"}, "nothing"),
        ({"quote": ""}, "nothing"),
        ({"quote": "the first of May"}, ""),
        ([{"name": " ", "quote": "x"}], "nothing"),
        ({"value": 0, "quote": ""}, ""),
        ("N/A.", "placeholder"),
        (" Not stated ", "placeholder"),
        ("未提及", "placeholder"),
        ("0000-00-00", "placeholder"),
        ("____", "placeholder"),
        ("[name]", "placeholder"),
        ("Utah", ""),
        (0, ""),
        (False, ""),
    ],
)
def test_each_sense_of_nothing(value: Any, senses: str) -> None:
    found = {"absent": is_absent(value), "nothing": holds_nothing(value), "placeholder": is_placeholder(value)}
    assert [name for name, holds in found.items() if holds] == senses.split()
