"""How much a text looks like one of the languages that are written in some encoding.

The letters beyond ASCII decide: decoded wrongly they are those of no language, or stand where none writes them.
General detectors weigh all encodings there are; on short texts they take Swedish or Turkish for Central European.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

FREQUENT = 1.0
POSSIBLE = 0.7
"""What a letter of the language counts for, if it is one of the frequent ones or not."""
CONTROL_WEIGHT = 3
"""A control character counts against an encoding as much as so many letters."""
LONGEST_LATIN_RUN = 2
"""More letters beyond ASCII in a row stand in no language written in Latin letters."""

_RUN = re.compile(r"[^\x00-\x7f]+")
_BETWEEN_LETTERS = frozenset("’‘\xad\u2010\u2011\u2013\u2014·")
_CJK_PUNCTUATION = re.compile(r"[\xa0\xb7\u2010-\u2027\u2460-\u2473\u3000-\u303d\uff01-\uff5e]")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters beyond ASCII of a language; `latin` if they stand among ASCII letters."""

    frequent: str
    possible: str = ""
    latin: bool = True


@dataclass(frozen=True, slots=True)
class EastAsian:
    """A language of many characters: the most frequent, and the rows of a standard that hold the common ones."""

    frequent: frozenset[str]
    standard: str
    first_row: int
    last_row: int


def _latin(*alphabets: str) -> tuple[Alphabet, ...]:
    return tuple(Alphabet(letters + letters.upper()) for letters in alphabets)


_WESTERN = (
    *_latin("äöüß", "éèàçêîôûùâëïœ", "áéíóúñü", "åäöé", "æøåé", "àèéìòù", "éëïèóüö"),
    Alphabet("ãáéíóúâêôçàÃÁÉÍÓÚÂÊÔÇÀ", "õÕ"),  # õ alone would make Hungarian Portuguese
    Alphabet("áéíóúæöÁÉÍÓÚÆÖ", "ðýþÐÝÞ"),  # these alone would make Turkish Icelandic
)
_CENTRAL = _latin("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ")
_TURKISH = (Alphabet("çğıöşüİÇĞÖŞÜ", "âîûÂÎÛ"),)
_RARE_CYRILLIC = "ёъэщцфАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЭЮЯЁіїєґІЇЄҐўЎђјљњћџЂЈЉЊЋЏ"
_CYRILLIC = (
    Alphabet("оеаинтсрвлкмдпуяыьгзбчйхжшю", _RARE_CYRILLIC, latin=False),
    Alphabet("оеаинтсрвлкмдпуяьгзбчйхжшюії", _RARE_CYRILLIC, latin=False),
)
_GREEK = (Alphabet("αεηιοντσςρκπυλμάέήίόύώ", "βγδζθξφχψωϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ", latin=False),)
_ALPHABETS = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1251": _CYRILLIC,
    "koi8-u": _CYRILLIC,
    "iso8859-5": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp1253": _GREEK,
    "iso8859-7": _GREEK,
}

_OFFICE = "甲乙方合同公司日期金第条款本月年有限元人号目付上海北京中国大和的一是不在了以及或应"
_HANZI = frozenset(_OFFICE + "这他来个到说们为子你地出道时得就那要下会生自着去之过家学对可里后小么心多天能好都")
_TRADITIONAL = frozenset(
    _OFFICE + "這個來們說國時會對裡後學過著為與發開經關無間問題務區應約編號雙簽條項責於請將萬業產臺灣"
)
_KANJI = frozenset("日本一人年大中会社月者第条東京契約株式的" + "".join(map(chr, range(0x3041, 0x30FF))))
_HANGUL = frozenset("이다의는을를에가하고한기지사인로어자서대정수시도리나부보제일전해장상주스라아계약매본은및과와조여")
_EAST_ASIAN = {
    "cp949": EastAsian(_HANGUL, "euc_kr", 0xB0, 0xC8),
    "gb18030": EastAsian(_HANZI, "gb2312", 0xB0, 0xD7),
    "big5": EastAsian(_TRADITIONAL, "big5", 0xA4, 0xC6),
    "cp932": EastAsian(_KANJI, "euc_jp", 0xB0, 0xCF),
    "euc_jp": EastAsian(_KANJI, "euc_jp", 0xB0, 0xCF),
}
ENCODINGS: tuple[str, ...] = (*_ALPHABETS, *_EAST_ASIAN)
"""The encodings that can be told by their letters; the earlier one wins a tie."""


def encoding_score(text: str, encoding: str) -> float:
    """From 0 (or below) to 1: how well a text decoded with one of ENCODINGS fits its best language."""
    if encoding in _EAST_ASIAN:
        return _east_asian_score(text, _EAST_ASIAN[encoding])
    runs = tuple(_RUN.finditer(text))
    return max(_alphabet_score(text, runs, alphabet) for alphabet in _ALPHABETS[encoding])


def _alphabet_score(text: str, runs: tuple[re.Match[str], ...], alphabet: Alphabet) -> float:
    gained = total = 0.0
    for run in runs:
        around = text[max(run.start() - 1, 0) : run.end() + 1].replace("\n", " ")
        before, after = around[0] if run.start() else " ", around[-1] if run.end() < len(text) else " "
        at_home = len(run[0]) <= LONGEST_LATIN_RUN if alphabet.latin else not (before + after).strip().isalpha()
        for left, char, right in zip(before + run[0], run[0], run[0][1:] + after, strict=False):
            if char.isalpha():
                total += 1
                alone = (not alphabet.latin or char.isupper()) and not (left.isalpha() or right.isalpha())
                gained += _weight(char, alphabet) if at_home and not alone else 0
            elif "\x80" <= char <= "\x9f" or char == "\ufffd":
                total += CONTROL_WEIGHT
            elif (left.isalpha() and right.isalpha() and char not in _BETWEEN_LETTERS) or "\u2500" <= char <= "\u259f":
                total += 1  # a symbol within a word, a piece of a drawn frame
            gained -= left.islower() and char.isupper()
    return gained / total if total else 0.0


def _weight(char: str, alphabet: Alphabet) -> float:
    if char in alphabet.frequent:
        return FREQUENT
    return POSSIBLE if char in alphabet.possible else 0.0


def _east_asian_score(text: str, language: EastAsian) -> float:
    common = _common(language.standard, language.first_row, language.last_row)
    chars = [char for run in _RUN.findall(text) for char in _CJK_PUNCTUATION.sub("", run)]
    gained = sum(FREQUENT if char in language.frequent else POSSIBLE * (char in common) for char in chars)
    return gained / len(chars) if chars else 0.0


@cache
def _common(standard: str, first_row: int, last_row: int) -> frozenset[str]:
    """The characters in some rows of a two-byte standard; its common ones stand first."""
    pairs = (bytes((row, cell)) for row in range(first_row, last_row + 1) for cell in range(0x40, 0xFF))
    return frozenset(char for pair in pairs if len(char := pair.decode(standard, "ignore")) == 1)
