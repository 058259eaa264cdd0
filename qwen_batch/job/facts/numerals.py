"""Numbers as documents write them: digits, digits as OCR misreads them, Chinese numerals, English number words."""

from __future__ import annotations

import re
import unicodedata

_CHINESE = "〇○零一二三四五六七八九十百千万亿两廿壹贰叁肆伍陆柒捌玖拾佰仟萬億"
_CHINESE_RUN = re.compile(f"[{_CHINESE}]+")
_TOKEN = re.compile(r"[0-9A-Za-z]*[0-9][0-9A-Za-z]*")
_CONFUSED = str.maketrans("oOlIisSbBzZ", "00111558822")
GROUPING = re.compile(r"(?<=\d)[,'’\s](?=\d{3}(?!\d))")
"""What parts the digits of a long number."""
_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "两": "2"}
_DIGITS |= {c: str(n) for n, c in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_WORDS = {word: n for n, word in enumerate([*_SMALL.split(), "seventeen", "eighteen", "nineteen"])}
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS |= {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_WORD_RUN = re.compile(
    rf"\b(?:{'|'.join((*_WORDS, *_SCALES))})(?:[\s-]+(?:and[\s-]+)?(?:{'|'.join((*_WORDS, *_SCALES))}))*\b",
    re.IGNORECASE,
)
_SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*(thousand|million|billion|bn|m|k|万|萬|亿|億|千)(?![a-z])", re.IGNORECASE)
_SCALE_SHORT = {"bn": 10**9, "m": 10**6, "k": 10**3, "千": 10**3} | _SCALES | _MYRIADS
_PLAIN_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def is_numeral(character: str) -> bool:
    """Whether a character is a digit, or a Chinese numeral."""
    return character.isdigit() or character in _CHINESE


def has_numeral(text: str) -> bool:
    """Whether a text names any number, in digits or words."""
    return any(map(is_numeral, text)) or bool(_WORD_RUN.search(text))


def number_tokens(text: str) -> list[str]:
    """The numbers of a text as written, word by word, without grouping, misread digits put right."""
    flat = GROUPING.sub("", unicodedata.normalize("NFKC", text))
    tokens: list[str] = []
    for token in _TOKEN.findall(flat):
        digits = token.translate(_CONFUSED)
        tokens += [digits] if digits.isdigit() else re.findall(r"\d+", token)
    tokens += [run.replace("○", "〇") for run in _CHINESE_RUN.findall(flat)]
    return tokens + [word for run in _WORD_RUN.findall(flat) for word in re.split(r"[\s-]+", run.lower())]


def numbers_in(text: str) -> set[float]:
    """The values of the numbers that a text names: 1,200.50, 1.2 million, thirty-six, 三十六, 50万."""
    flat = GROUPING.sub("", unicodedata.normalize("NFKC", text))
    found = {float(number) for number in _PLAIN_NUMBER.findall(flat)}
    found |= {float(number) * _SCALE_SHORT[scale.lower()] for number, scale in _SCALED.findall(flat)}
    found |= {value for run in _CHINESE_RUN.findall(flat) if (value := chinese_to_number(run)) is not None}
    return found | {_words_to_number(run.group()) for run in _WORD_RUN.finditer(flat)}


def chinese_to_number(run: str) -> float | None:
    """The value of a run of Chinese numerals: 三十六 is 36, 二〇二四 is 2024; None where it is no number."""
    run = run.replace("廿", "二十")
    if all(character in _DIGITS for character in run):
        return float("".join(_DIGITS[character] for character in run))
    total, section, digit = 0, 0, 0
    for character in run:
        if character in _DIGITS:
            digit = digit + int(_DIGITS[character])
        elif character in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[character], 0
        elif character in _MYRIADS:
            total, section, digit = total + ((section + digit) or 1) * _MYRIADS[character], 0, 0
        else:
            return None
    return float(total + section + digit)


def _words_to_number(words: str) -> float:
    total, section = 0, 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _WORDS:
            section += _WORDS[word]
        elif word == "hundred":
            section = (section or 1) * _SCALES[word]
        elif word in _SCALES:
            total, section = total + (section or 1) * _SCALES[word], 0
    return float(total + section)
