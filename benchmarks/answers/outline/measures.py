"""When headings and figures count as right. Shares no code with what it judges.

Headings are compared by letters and digits, with or without their numbers; one letter in ten may be wrong, as OCR has
them. They count in order: the longest common subsequence of what was given and the gold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.9
"""Share of letters that two readings of a heading have in common."""
_NUMBER = re.compile(
    r"\s*(?:chapter\s+\d+|section\s+\d+|第[一二三四五六七八九十\d]+[章节]|[一二三四五六七八九十]+[、.]"
    r"|[（(](?:[a-z]|\d+|[一二三四五六七八九十]+)[)）]|\d+(?:\.\d+)*[.)]?\s|(?:[ivx]+|[a-z])[.)]\s)\s*",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Found:
    """How many of the gold were found, how many were given, and how many of those are in the gold at all."""

    found: int
    gold: int
    given: int
    right: int

    @property
    def recall(self) -> float:
        """The share of the gold that was found."""
        return self.found / self.gold if self.gold else 1.0

    @property
    def precision(self) -> float:
        """The share of what was given that is right; 0 where nothing was."""
        return self.right / self.given if self.given else 0.0


def added(several: Sequence[Found]) -> Found:
    """The sums over these."""
    return Found(*(sum(getattr(one, name) for one in several) for name in ("found", "gold", "given", "right")))


def headings_found(given: Sequence[str], wanted: Sequence[str], all_of_them: Sequence[str]) -> Found:
    """How much of `wanted` stands in `given` in its order; what is in `all_of_them` is right as well."""
    right = sum(any(same_heading(one, other) for other in all_of_them) for one in given)
    return Found(_common(given, wanted), len(wanted), len(given), right)


def same_heading(one: str, other: str) -> bool:
    """Whether two headings are the same."""
    pairs = ((_letters(one), _letters(other)), (_unnumbered(one), _unnumbered(other)))
    return any(a and b and (a == b or SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE) for a, b in pairs)


def same_figure(given: str, wanted: str) -> bool:
    """Whether a value has all figures of the gold, and they are the same numbers: "1,476 homes" and "1476"."""
    numbers = _numbers(wanted)
    return bool(numbers) and numbers == _numbers(given)


def _numbers(text: str) -> list[str]:
    return [found.replace(",", "") for found in _FIGURE.findall(unicodedata.normalize("NFKC", text))]


def _common(given: Sequence[str], wanted: Sequence[str]) -> int:
    lengths = [0] * (len(wanted) + 1)
    for one in given:
        before = 0
        for place, other in enumerate(wanted, start=1):
            kept = lengths[place]
            lengths[place] = before + 1 if same_heading(one, other) else max(lengths[place], lengths[place - 1])
            before = kept
    return lengths[-1]


def _letters(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())


def _unnumbered(text: str) -> str:
    return _letters(_NUMBER.sub("", unicodedata.normalize("NFKC", text).lstrip("# "), count=1))
