"""same_value: the same name in other clothes is the same, another number or name is not."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.evidence.same_value import is_same_value


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Acme, Inc.", "ACME INC", True),
        ("Ｎorth", "north", True),
        ("Brightmoor Devices GmbH", "Brightmoor Device GmbH", True),
        ("北京 云海", "北京云海", True),
        ("北京云海", "上海云海", False),
        ("Acme", "Acne", False),
        ("Section 7.1 of the lease", "Section 7.2 of the lease", False),
        ("Alpha Holdings Limited", "Beta Holdings Limited", False),
        ("2024-01-01", "2024-01-02", False),
        (1, 1.0, True),
        (True, False, False),
        ({"quote": "a", "name": "Acme", "role": None}, {"quote": "b", "name": "ACME", "role": "Seller"}, True),
        ({"quote": "a", "name": "Acme", "role": "Buyer"}, {"quote": "b", "name": "Acme", "role": "Seller"}, False),
        ({"quote": "a", "name": "Acme", "role": None}, {"quote": "b", "name": None, "role": "Seller"}, False),
        ({"quote": "same words"}, {"quote": "Same words."}, True),
        ({"quote": "one"}, {"quote": "two"}, False),
        (["a", "b"], ["A", "b."], True),
        (["a"], ["a", "b"], False),
        ("***", "---", False),
    ],
)
def test_values_say_the_same(first: Any, second: Any, same: bool) -> None:
    assert is_same_value(first, second) is same
    assert is_same_value(second, first) is same
