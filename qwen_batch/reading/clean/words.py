"""What the letters of a line say as words: words that a line divides or sets letter by letter, and unseen characters.

A list of English words, with how often each is used, decides where the document itself does not. Other languages are
divided as before: what no list knows is joined. Knows nothing of lines and pages.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import log

from qwen_batch.cjk import CJK

HYPHENATED = frozenset({"cross", "non", "self", "third", "two", "well"})
"""First parts that keep their hyphen: "non-exclusive", "third-party"."""
PREFIXES = frozenset({
    "bio", "counter", "dis", "fore", "inter", "micro", "mis", "multi", "out", "over", "photo", "pre", "sub", "super",
    "tele", "trans", "under",
})  # fmt: skip
"""First parts that are words too, and yet make one word with the second: "sublicensee"."""
MIN_HALF = 3
"""Letters of each half of a word that may have a hyphen, at least, or it is one of SHORT_HALVES."""
SHORT_HALVES = frozenset({"in", "of", "on", "to", "up"})
"""As in "need-to-know" and "point-of-sale"."""
SHORT_WORDS = frozenset({"a", "an", "and", "as", "at", "by", "for", "in", "is", "no", "of", "on", "or", "the", "to"})
MIN_SPACED_WORD = 3
MIN_LONG_WORD = 6
MIN_USES = 4_000_000
"""How often a shorter word of several that were set letter by letter is used, at least: in the list's own count."""
MIN_SPACED_NAME = 6
"""Letters of a word that no list knows, set letter by letter: a name's."""
VOWELS = frozenset("aeiouyäöüáéíóúàèâêîôûåæøаеёиоуыэюяіїєαεηιουω")
VOWEL_SHARE = (0.2, 0.65)
COLUMNS = frozenset({"jfmamjjasond", "smtwtfs", "mtwtfss"})
"""Months and days by their first letters, which are columns of a table."""
_UNKNOWN = -1000.0

_UNSEEN = re.compile(
    "[\u200b\u200e\u200f\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff\U000e0000-\U000e01ef]"
    "|\u00ad(?=.)|(?<=[a-zA-Z])[\u200c\u200d]+(?=[a-zA-Z])",
    re.DOTALL,
)
_SPACED = re.compile(r"(?<![^\s(\[“\"'])[^\W\d_](?:[ \u00a0]+[^\W\d_]){3,}(?![^\s.,:;)\]”\"'])")
_CJK_ONLY = re.compile(f"[{CJK}]+")
_WIDE = re.compile(r"[ \u00a0]{2,}")


def without_unseen(text: str) -> str:
    """A text without zero-width characters and soft hyphens; one at its end stays, where the line divides a word.

    Among them are tags and variation selectors (U+E0000 to U+E01EF): no font shows them, and a model may read letters.
    """
    return _UNSEEN.sub("", text)


def keeps_hyphen(first: str, second: str, compounds: Container[str], words: Container[str]) -> bool:
    """Whether a hyphen between two halves at a line's end is part of the word; the document's own spelling comes first.

    `compounds` are its words with a hyphen, `words` all others, in lower case.
    """
    one, two = first.lower(), second.lower()
    if one in HYPHENATED or f"{one}-{two}" in compounds:
        return True
    if one + two in words or not second[0].islower():
        return one + two not in words
    known = _frequencies()
    if one + two in known or one in PREFIXES or (first[0].isupper() and not first.isupper()):
        return False
    return all(half in known and (len(half) >= MIN_HALF or half in SHORT_HALVES) for half in (one, two))


def without_spaced_letters(text: str) -> str:
    """A text in which "P U R C H A S E" is a word again; what may be letters of their own stays."""
    return _SPACED.sub(lambda match: _as_words(match[0]), text)


def _as_words(spaced: str) -> str:
    groups = ["".join(group.split()) for group in _WIDE.split(spaced)]
    if len(groups) > 1 and all(len(group) > 1 or group.lower() in SHORT_WORDS for group in groups):
        return " ".join(groups) if any(len(group) >= MIN_SPACED_WORD for group in groups) else spaced
    letters = "".join(groups)
    if _CJK_ONLY.fullmatch(letters):
        return letters
    words = _cut(letters)
    if words is not None:
        return " ".join(words)
    return letters if _may_be_a_name(letters.lower()) else spaced


def _may_be_a_name(letters: str) -> bool:
    share = sum(letter in VOWELS for letter in letters) / len(letters)
    ascending = all(one <= two for one, two in pairwise(letters))
    return (
        len(letters) >= MIN_SPACED_NAME
        and VOWEL_SHARE[0] <= share <= VOWEL_SHARE[1]
        and len(set(letters)) > len(letters) / 3
        and not ascending
        and letters not in COLUMNS
    )


def _cut(letters: str) -> list[str] | None:
    """The letters cut into the likeliest known words; None if they are not all of such."""
    low, known = letters.lower(), _frequencies()
    if low in known:
        return [letters]
    total = log(sum(known.values()))
    best = [(0.0, 0)]
    for end in range(1, len(low) + 1):
        cuts = []
        for start in range(end):
            word = low[start:end]
            score = log(known[word]) - total if _is_word(word, known) else _UNKNOWN
            cuts.append((best[start][0] + score, start))
        best.append(max(cuts))
    if best[-1][0] <= _UNKNOWN:
        return None
    words: list[str] = []
    end = len(letters)
    while end:
        start = best[end][1]
        words.insert(0, letters[start:end])
        end = start
    return words if any(len(word) > MIN_SPACED_WORD for word in words) else None


def _is_word(word: str, known: Mapping[str, int]) -> bool:
    if len(word) < MIN_SPACED_WORD:
        return word in SHORT_WORDS
    return word in known and (len(word) >= MIN_LONG_WORD or known[word] >= MIN_USES)


@cache
def _frequencies() -> Mapping[str, int]:
    """English words, and how often each was counted in books and on pages of the web."""
    text = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    return {word: int(count) for word, count in (line.split() for line in text.splitlines() if line)}
