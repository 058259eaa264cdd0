"""What says nothing: the three senses in which a value of an answer or a result can be empty.

`is_absent` looks at one value, `holds_nothing` also at all that is in it, and `is_placeholder` at what a model writes
where it should have written null.
"""

from __future__ import annotations

import re
from typing import Any

PLACEHOLDERS = frozenset(
    {"", "n/a", "na", "n.a", "none", "null", "nil", "not specified", "not stated", "not mentioned", "unknown"}
    | {"not applicable", "not provided", "not available", "not given", "not found", "unspecified", "undefined", "tbd"}
    | {"to be determined", "to be agreed", "none stated", "none specified", "not defined", "not disclosed", "absent"}
    | {"无", "未提及", "未说明", "不适用", "不详", "未知", "未约定", "未载明"}
    | {"未注明", "未规定", "未指定", "待定", "没有"}
)
_SIGNS = re.compile(r"0{1,4}[-/.]0{1,2}[-/.]0{1,2}|y{4}-m{2}-d{2}|_{2,}|-{2,}|\.{2,}|\?+|x{3,}|\[[^\]]{0,20}\]")


def is_absent(value: Any) -> bool:
    """Whether a field has no value: null, an empty list or a blank text."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def holds_nothing(value: Any) -> bool:
    """Whether a value is absent, or a list or object of nothing else; a quote beside values is none of them."""
    if isinstance(value, dict):
        return all(holds_nothing(item) for key, item in value.items() if key != "quote" or len(value) == 1)
    if isinstance(value, list):
        return all(map(holds_nothing, value))
    return is_absent(value)


def is_placeholder(value: Any) -> bool:
    """Whether a value is null, or words or signs that stand for it: "N/A", "not stated", 未提及, "____"."""
    if not isinstance(value, str):
        return value is None
    words = value.strip(" .").lower()
    return words in PLACEHOLDERS or bool(_SIGNS.fullmatch(words))
