"""Says how plausible a text is as language: to choose between an old text layer and what OCR sees now.

Pure: no dictionary, no engine. A word is plausible if it looks like a number, a word of Latin letters with vowels and
ordinary case, or Chinese, Japanese or Korean characters.
"""

from __future__ import annotations

import re

from qwen_batch.cjk import is_cjk

MAX_CONSONANTS_IN_A_ROW = 5
MAX_WORD_LETTERS = 24
_NUMBER = re.compile(r"[+\-]?[$€£¥]?\(?\d[\d.,:/\-]*%?\)?")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-/&.][^\W\d_]+)*")
_EDGES = "\"'“”‘’«»()[]{}<>.,;:!?…*•-–—。，、；：？！（）《》"
_CONSONANTS = re.compile(rf"[bcdfghjklmnpqrstvwxz]{{{MAX_CONSONANTS_IN_A_ROW},}}", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouyà-åè-ïò-öù-ýæø]", re.IGNORECASE)
_CASE = re.compile(
    r"[^\W\d_]?[^\WA-Z\d_]*|[A-Z]+s?|[A-Z][a-z]+(?:[A-Z][a-z]+)+|[A-Z][^\WA-Z\d_]*(?:['’\-/&.][^\W\d_]+)*"
)
_SINGLE = frozenset("aAiI&§")
LAST_LATIN = "\u024f"


def plausible_characters(text: str) -> int:
    """Characters in plausible words less those in implausible ones; what counts when two texts of a page compete."""
    return sum(len(word) if is_plausible(word) else -len(word) for word in text.split())


def text_quality(text: str) -> float:
    """The share of a text's visible characters that stand in plausible words, 0 without any."""
    words = text.split()
    total = sum(map(len, words))
    return sum(len(word) for word in words if is_plausible(word)) / total if total else 0.0


def is_plausible(word: str) -> bool:
    """Whether a word between spaces looks like language or a number."""
    core = word.strip(_EDGES)
    if not core:
        return len(word) <= 1 or len(set(word)) == 1  # a lone mark, dots, a row of dashes
    if _NUMBER.fullmatch(core):
        return True
    if any(map(is_cjk, core)):
        return sum(is_cjk(character) or character.isalnum() for character in core) > len(core) / 2
    if not _WORD.fullmatch(core):
        return False
    if len(core) == 1:
        return core in _SINGLE or not core.isascii()
    if not core.isascii() and not _VOWEL.search(core):
        return all(character > LAST_LATIN for character in core if character.isalpha())  # another alphabet
    short_capitals = core.isupper() and len(core) <= MAX_CONSONANTS_IN_A_ROW
    spelled = bool(_VOWEL.search(core)) and not _CONSONANTS.search(core) and len(core) <= MAX_WORD_LETTERS
    return (spelled or short_capitals) and _CASE.fullmatch(core) is not None
