"""Which language a text is in, by its scripts and its most frequent words."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from qwen_batch.cjk import is_cjk, is_han, is_hangul, is_kana

MIN_CJK_SHARE = 0.3
MIN_KANA_SHARE = 0.1
MIN_STOP_WORD_SHARE = 0.1
MIN_LATIN_SHARE = 0.5
SAMPLED_WORDS = 5000
LAST_LATIN = "\u024f"
ENGLISH_STOP_WORDS = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "had", "has", "have", "he", "her", "his",
    "if", "in", "is", "it", "its", "no", "not", "of", "on", "or", "shall", "she", "such", "that", "the", "their",
    "them", "there", "they", "this", "to", "under", "was", "were", "which", "will", "with", "you", "your",
})  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


def cjk_share(text: str) -> float:
    """The share of Chinese, Japanese and Korean characters among a text's letters, 0 without letters."""
    letters = [character for character in text if character.isalpha()]
    return sum(map(is_cjk, letters)) / len(letters) if letters else 0.0


def _script(letter: str) -> str:
    if letter <= LAST_LATIN:
        return "latin"
    if is_han(letter):
        return "han"
    if is_kana(letter):
        return "kana"
    return "hangul" if is_hangul(letter) else "other"


def language_of(text: str) -> str:
    """The ISO 639-1 code "zh", "ja", "ko" or "en", else "und": says nothing that the text does not support."""
    letters: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            letters[_script(character)] += count
    total = letters.total()
    cjk = letters["han"] + letters["kana"] + letters["hangul"]
    if cjk > MIN_CJK_SHARE * total:
        if letters["hangul"] > cjk / 2:
            return "ko"
        return "ja" if letters["kana"] > MIN_KANA_SHARE * cjk else "zh"
    if letters["latin"] <= MIN_LATIN_SHARE * total:
        return "und"
    words = [match.group().lower() for match in islice(_WORD.finditer(text), SAMPLED_WORDS)]
    stop_words = sum(word in ENGLISH_STOP_WORDS for word in words)
    return "en" if stop_words > MIN_STOP_WORD_SHARE * len(words) else "und"
