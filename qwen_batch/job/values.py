"""Which values of a result say nothing."""

from __future__ import annotations

from typing import Any


def is_absent(value: Any) -> bool:
    """Whether a value says nothing: null, an empty list or a blank text."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
