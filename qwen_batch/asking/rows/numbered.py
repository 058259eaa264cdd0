"""How many items a document numbers: the proof of a list that was asked passage by passage."""

from __future__ import annotations

import re

MIN_NUMBERED = 3
"""Fewer numbers in a row are no numbering."""
_NUMBERED = re.compile(r"^\s*(?:[-*]\s*)?(?:No\.?\s*|#\s*|\(|第)?(\d{1,4})\s*(?:[.)、:：）]|条|项)(?!\d)", re.MULTILINE)


def numbered_items(text: str) -> int:
    """The items of the longest numbering from 1 that a text has, line by line; 0 without one."""
    longest = last = 0
    for found in _NUMBERED.finditer(text):
        number = int(found[1])
        last = number if number == last + 1 else 1 if number == 1 else last
        longest = max(longest, last)
    return longest if longest >= MIN_NUMBERED else 0
