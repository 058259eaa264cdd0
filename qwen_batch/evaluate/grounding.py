"""Whether a value's evidence stands where gold says: the right page, and words that overlap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from qwen_batch.evaluate.gold import GoldEvidence
from qwen_batch.evaluate.normalise import fold
from qwen_batch.outcomes import Evidence

MIN_OVERLAP = 0.5
"""Two quotes overlap when they share a run of characters of half the shorter one, without space and punctuation."""


def page_is_right(evidence: Evidence | None, places: Sequence[GoldEvidence]) -> bool | None:
    """Whether the evidence was found on one of gold's pages; None if gold knows none."""
    pages = {place.page for place in places if place.page is not None}
    return (evidence is not None and evidence.page in pages) if pages else None


def span_is_right(evidence: Evidence | None, places: Sequence[GoldEvidence]) -> bool | None:
    """Whether the located words overlap with one of gold's quotes; None if gold has none.

    A row does not hold the document's text: the words are those of the quote, which the located ones equal but
    for spelling, and on the quote's page where gold knows it.
    """
    quotes = [place for place in places if place.quote.strip()]
    if not quotes:
        return None
    if evidence is None or evidence.match == "none":
        return False
    return any(place.page in {None, evidence.page} and overlap(evidence.quote, place.quote) for place in quotes)


def overlap(quote: str, other: str) -> bool:
    """Whether two quotes share enough of their characters to be of the same place."""
    short, long = sorted((_letters(quote), _letters(other)), key=len)
    if not short or short in long:
        return bool(short)
    common = SequenceMatcher(None, long, short, autojunk=False).find_longest_match()
    return common.size >= MIN_OVERLAP * len(short)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text))
