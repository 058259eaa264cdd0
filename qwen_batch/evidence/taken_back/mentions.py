"""What stands around a value's quote: the words its field must have (`Mentions`), and those it is looked for by.

A value that a document does not state is mostly one of a neighbouring clause: its quote stands there, and around it
none of the words that the field's own clause must have. Knows evidence and words, nothing of models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.cjk import CJK
from qwen_batch.evidence.folding import fold
from qwen_batch.job.looking import FieldLook
from qwen_batch.job.terms import phrase_share
from qwen_batch.outcomes import Evidence
from qwen_batch.records import CleanDocument
from qwen_batch.value_paths import top_field

AROUND_CHARS = 300
"""Of the text on each side of a quote in which a word may stand."""
_DIVIDED = re.compile(r"(?<=\w)[-\u2010\u00ad]\s*\n\s*(?=[^\W\d_])|\u00ad")
_BETWEEN_WORDS = re.compile(r"[\s\-\u2010-\u2015|_]+")
_IN_CJK = re.compile(rf"(?<=[{CJK}]) (?=[{CJK}])")
CLOSE_CHARS = 150
"""Of the text on each side of a quote that is compared with a field's phrases. Of 100 to 500 on 30 contracts the area
under the curve of right against wrong was best at 100 and 200."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A result without what was taken back, its evidence, and the fields that are empty for it."""

    result: dict[str, Any]
    evidence: tuple[Evidence, ...]
    dropped: tuple[str, ...]


def drop_unmentioned(
    result: dict[str, Any], evidence: Sequence[Evidence], looks: Sequence[FieldLook], clean: CleanDocument
) -> Mentioned:
    """Top-level facts around whose located quotes none of their field's words stands become null."""
    words = {look.field: look.words(clean.language) for look in looks}
    dropped = tuple(
        field
        for field, these in words.items()
        if these
        and (own := [item for item in evidence if top_field(item.field) == field and item.start is not None])
        and not any(mentions(item, these, clean.text) for item in own)
    )
    if not dropped:
        return Mentioned(result, tuple(evidence), ())
    kept = tuple(item for item in evidence if top_field(item.field) not in dropped)
    return Mentioned({field: None if field in dropped else value for field, value in result.items()}, kept, dropped)


def mentions(item: Evidence, words: Sequence[str], text: str) -> bool:
    """Whether one of the words stands in an evidence's quote or around it."""
    around = _said(text[max(0, (item.start or 0) - AROUND_CHARS) : (item.end or 0) + AROUND_CHARS])
    return any(_said(word) in around for word in words)


def _said(text: str) -> str:
    """A text folded word by word: "all awards" says no "law", but a word that a line divides is one."""
    words = (fold(word) for word in _BETWEEN_WORDS.split(_DIVIDED.sub("", text)))
    return _IN_CJK.sub("", " ".join(filter(None, words)))


def worded(item: Evidence, phrases: Sequence[str], text: str) -> float | None:
    """The share of the best phrase's terms that stand in an evidence's quote or close around it; None where unknown."""
    if item.start is None or item.end is None:
        return None
    return phrase_share(phrases, text[max(0, item.start - CLOSE_CHARS) : item.end + CLOSE_CHARS])
