"""Where in the text of a JSON answer the values stand: for each top-level field the characters that say it.

Keys, punctuation and quotes of the document are no part of a value: the grammar forces the first two, and the third is
copied. Knows JSON text only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from qwen_batch.job.nothing import is_absent

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"
QUOTE = "quote"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FieldSpans:
    """Character ranges [start, end) of a field: what says its value, and the filled quotes in it.

    Of a quoted fact `values` are the leaves beside the quote; of one that is absent also the quote, whose emptiness
    says so.
    """

    values: list[Span]
    quotes: list[Span]


NO_SPANS = FieldSpans([], [])


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value without parts: characters [start, end), inside its quotation marks if it is a filled text."""

    key: str
    start: int
    end: int
    is_empty: bool


def field_spans(text: str) -> dict[str, FieldSpans]:
    """The spans of each top-level field; empty for a text that is no JSON object."""
    return {
        key: FieldSpans(
            values=_telling(leaves),
            quotes=[(leaf.start, leaf.end) for leaf in leaves if leaf.key == QUOTE and not leaf.is_empty],
        )
        for key, leaves in _leaves(text).items()
    }


def _leaves(text: str) -> dict[str, list[_Leaf]]:
    at = text.find("{")
    if at < 0:
        return {}
    fields: dict[str, list[_Leaf]] = {}
    try:
        at = _skip(text, at + 1, _SPACE)
        while at < len(text) and text[at] == '"':
            key, at = _DECODER.raw_decode(text, at)
            leaves: list[_Leaf] = []
            at = _collect(text, _skip(text, at, _SPACE + ":"), key, leaves)
            fields[key] = leaves
            at = _skip(text, at, _SPACE + ",")
    except (ValueError, IndexError):
        return {}
    return fields


def _telling(leaves: list[_Leaf]) -> list[Span]:
    values = [leaf for leaf in leaves if leaf.key != QUOTE]
    if not values or all(leaf.is_empty for leaf in values):
        values = leaves
    return [(leaf.start, leaf.end) for leaf in values]


def _collect(text: str, at: int, key: str, leaves: list[_Leaf]) -> int:
    """Adds the leaves of the value that begins at `at`; gives where it ends."""
    if text[at] not in "{[":
        value, end = _DECODER.raw_decode(text, at)
        leaves.append(_leaf(key, value, at, end))
        return end
    opened, at = at, _skip(text, at + 1, _SPACE)
    if text[at] in "}]":
        leaves.append(_Leaf(key, opened, at + 1, is_empty=True))
    while text[at] not in "}]":
        inner = key
        if text[opened] == "{":
            inner, at = _DECODER.raw_decode(text, at)
            at = _skip(text, at, _SPACE + ":")
        at = _skip(text, _collect(text, at, inner, leaves), _SPACE + ",")
    return at + 1


def _leaf(key: str, value: Any, start: int, end: int) -> _Leaf:
    inside = 1 if isinstance(value, str) and value else 0  # its quotation marks
    return _Leaf(key, start + inside, end - inside, is_empty=is_absent(value))


def _skip(text: str, at: int, characters: str) -> int:
    while at < len(text) and text[at] in characters:
        at += 1
    return at
