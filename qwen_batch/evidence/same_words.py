"""Whether a similar text says the same as a quote: every number, every name, every "not".

Alignment alone takes "thirty (30) days" for "sixty (60) days" and Apex Holdings for Acme Holdings: one wrong word in a
long sentence hardly lowers its score. What decides the meaning has to stand there.
"""

from __future__ import annotations

import re
from collections import Counter

from qwen_batch.cjk import is_cjk
from qwen_batch.evidence.folding import fold, text_to_folded
from qwen_batch.job.facts.numerals import number_tokens

MIN_WORD_SHARE = 0.65  # of a word's letters that must be found in order
MIN_WORD_LETTERS = 4  # shorter words without a capital say little
WORDS_TO_ONE_LOST = 10  # so many words without a capital allow one that is not found
CJK_WINDOW = 4  # characters, of which
MIN_CJK_FOUND = 2  # must be found
EDGE_CHARS = 12  # an alignment may cut a number at its ends
_WORD = re.compile(r"[^\W\d_]+")
_NOT = re.compile(r"\b(?:not|no|nor|never|neither|without|except|unless)\b|[不未无非没勿]|cannot", re.IGNORECASE)


def says_the_same(quote: str, text: str, start: int, end: int) -> bool:
    """Whether characters [start, end) of a text, found by alignment, mean what the quote says."""
    wide = text[max(0, start - EDGE_CHARS) : end + EDGE_CHARS]
    if Counter(number_tokens(quote)) - Counter(number_tokens(wide)):
        return False
    negations, there = _negations(quote), _negations(text[start:end])
    if negations - _negations(wide) or there - negations:
        return False
    return _words_are_found(quote, text[start:end])


def _negations(text: str) -> Counter[str]:
    return Counter(found.lower() for found in _NOT.findall(text))


def _words_are_found(quote: str, covered: str) -> bool:
    from rapidfuzz.distance import Indel

    folded = text_to_folded(quote)
    blocks = [code for code in Indel.opcodes(folded.text, fold(covered)) if code.tag == "equal"]
    found = {int(folded.offsets[at]) for block in blocks for at in range(block.src_start, block.src_end)}
    return _cjk_is_found(quote, found) and _latin_is_found(quote, found)


def _latin_is_found(quote: str, found: set[int]) -> bool:
    words = [word for word in _WORD.finditer(quote) if not is_cjk(word[0][0])]
    lost = [word[0] for word in words if _share(word, found) < MIN_WORD_SHARE]
    names = [word for word in lost if word[0].isupper() and len(word) > 1]
    others = [word for word in lost if not word[0].isupper() and len(word) >= MIN_WORD_LETTERS]
    return not names and len(others) <= len(words) // WORDS_TO_ONE_LOST


def _share(word: re.Match[str], found: set[int]) -> float:
    return sum(at in found for at in range(word.start(), word.end())) / (word.end() - word.start())


def _cjk_is_found(quote: str, found: set[int]) -> bool:
    places = [at in found for at, character in enumerate(quote) if is_cjk(character)]
    windows = range(len(places) - CJK_WINDOW + 1)
    return all(sum(places[at : at + CJK_WINDOW]) >= MIN_CJK_FOUND for at in windows)
