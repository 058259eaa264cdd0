"""A value as the text of a cell, and what text may not do in a spreadsheet: compute, break the file, be too long."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

BETWEEN_ITEMS = "; "
BETWEEN_LEAVES = ", "
EXCEL_CELL_UNITS = 32_767
"""UTF-16 code units: Excel counts a letter beyond the basic plane twice."""
CUT = "…"
_STARTS_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Excel computes what begins so, with some settings of language also the wide forms."""
_STARTS_CELL = ("\t", "\r", "\n")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_SEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_LEFT_TO_RIGHT = "L"


def clean_text(text: str) -> str:
    """Text that any file can hold: line breaks as newlines, control characters and halves of letters as U+FFFD."""
    return _NOT_TEXT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_like_formula(text: str) -> bool:
    """Whether a spreadsheet might compute a text; what is not seen before the sign does not hide it."""
    if text.startswith(_STARTS_CELL):
        return True
    first = next((sign for sign in text if unicodedata.category(sign) not in _NOT_SEEN), "")
    return first in _STARTS_FORMULA


def guarded(text: str) -> str:
    """Text of a csv cell: an apostrophe before what a spreadsheet might compute."""
    return f"'{clean_text(text)}" if is_like_formula(text) else clean_text(text)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs to the left."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction == _LEFT_TO_RIGHT:
            return False
        if direction in _RIGHT_TO_LEFT:
            return True
    return False


def shortened(text: str, units: int = EXCEL_CELL_UNITS) -> str:
    """As much of a text as a cell of Excel takes, with a sign that it is not all."""
    if len(text) * 2 <= units:
        return text
    encoded = text.encode("utf-16-le")
    if len(encoded) <= units * 2:
        return text
    return encoded[: (units - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


def as_text(value: Any) -> str:
    """A value in words: items of a list with `; ` between them, what an item says with `, `."""
    if isinstance(value, list):
        return BETWEEN_ITEMS.join(_said(item, BETWEEN_LEAVES) for item in value)
    return _said(value, BETWEEN_LEAVES)


def _said(value: Any, between: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return _joined(value.values(), between)
    if isinstance(value, list):
        return _joined(value, between)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  written without exponent
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)  # a datetime is a date


def _joined(values: Iterable[Any], between: str) -> str:
    return between.join(filter(None, (_said(value, between) for value in values)))
