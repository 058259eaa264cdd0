"""The terms by which a job's words are found in a document: stems of words, pairs of Chinese characters.

Small and without a dictionary, so that it serves any language that writes words apart, and those of CJK.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from qwen_batch.cjk import CJK

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at be been by can do does for from had has have how if in into is it its may must no not "
        "of on or other out shall should so such than that the their them then there these they this those to under up "
        "was were what when where which who whose will with within without would each all both only",
    )
)
_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u0640\u064b-\u065f\u0670]"
)
"""What is written in a word or left out: soft hyphens, joiners, accents, the vowel points of Hebrew and Arabic."""
_INDIC = r"\u0900-\u0963\u0966-\u0dff"
"""Scripts whose vowels are marks, which are no letters to `re`."""
_WORD = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+(?:[{_INDIC}]+[^\W_{CJK}]*)*")
_IS_CJK = re.compile(f"[{CJK}]")
_ENDINGS = ("ations", "ation", "ating", "ators", "ator", "ated", "ates", "ate", "ments", "ment", "ingly", "ings", "ing",
            "edly", "ies", "ied", "ions", "ion", "ers", "er", "ed", "es", "ly", "al", "s", "e", "y")  # fmt: skip
MIN_STEM_CHARS = 4


def terms_of(text: str) -> Iterator[str]:
    """The terms of a text in order, in lower case; stop words are left out."""
    for found in _WORD.finditer(_plain(text)):
        word = found[0]
        if _IS_CJK.match(word):
            yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif word not in STOP_WORDS:
            yield _stem(word)


def _plain(text: str) -> str:
    """A text without case, width, accents and what is not seen."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", unicodedata.normalize("NFKD", text))).casefold()


def phrase_share(phrases: Sequence[str], text: str) -> float | None:
    """The largest share of a phrase's terms that stand in a text; None where no phrase has a term."""
    asked = [terms for phrase in phrases if (terms := _phrase_terms(phrase))]
    if not asked:
        return None
    there = set(terms_of(text))
    return max(len(terms & there) / len(terms) for terms in asked)


@lru_cache(maxsize=1 << 12)
def _phrase_terms(phrase: str) -> frozenset[str]:
    return frozenset(terms_of(phrase))


def is_cjk_term(term: str) -> bool:
    """Whether a term is of Chinese, Japanese or Korean characters."""
    return _IS_CJK.match(term) is not None


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """A word without the commonest English endings; what is short, or holds a figure, stays."""
    if not word.isalpha():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= MIN_STEM_CHARS:
            return word[: -len(ending)]
    return word
