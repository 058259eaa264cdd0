"""Chinese, Japanese and Korean characters: of scripts that have no capitals and mostly no spaces between words.

Blocks of Unicode, not single characters: what is not assigned yet belongs to its block. Punctuation is none of them.
"""

from __future__ import annotations

import re

_HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = r"\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f"
_HANGUL = r"\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc"
_PHONETIC_AND_SQUARED = r"\u3100-\u312f\u3190-\u31ef\u3200-\u33ff"
CJK = _HAN + _KANA + _HANGUL + _PHONETIC_AND_SQUARED
"""All of them, to stand in the brackets of a regular expression."""
_FIRST = "\u1100"  # most text stands below it, and is told fast
_match_han, _match_kana, _match_hangul, _match_cjk = (
    re.compile(f"[{blocks}]").match for blocks in (_HAN, _KANA, _HANGUL, CJK)
)


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one, also where Japanese or Korean is written with it."""
    return _match_han(character) is not None


def is_kana(character: str) -> bool:
    """Whether a character is hiragana or katakana."""
    return _match_kana(character) is not None


def is_hangul(character: str) -> bool:
    """Whether a character is Korean: a syllable or a letter of one."""
    return _match_hangul(character) is not None


def is_cjk(character: str) -> bool:
    """Whether a character is Chinese, Japanese or Korean."""
    return character >= _FIRST and _match_cjk(character) is not None
