"""A number as programs write it in front of an item: letters, Roman figures, words, other scripts.

The names of the forms are Word's (ECMA-376 part 1, 17.18.59); the other formats say theirs with them.
"""

from __future__ import annotations

from collections.abc import Callable

MAX_CHINESE = 99
MAX_IN_WORDS = 999_999
LATIN = "abcdefghijklmnopqrstuvwxyz"
RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
GANADA = "가나다라마바사아자차카타파하"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_CHINESE_DIGITS = "零一二三四五六七八九"
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_HUNDRED, _THOUSAND = 100, 1000
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_NOTE_MARKS = "*†‡§"


def number_text(value: int, form: str) -> str:
    """A number in one of the forms; decimal for those not known here, and where the form has no such number."""
    write = _FORMS.get(form)
    text = write(value) if write is not None and value > 0 else ""
    return text or (f"{value:02}" if form == "decimalZero" else str(value))


def _repeated(letters: str) -> Callable[[int], str]:
    """a, b, ... z, aa, bb."""
    return lambda value: letters[(value - 1) % len(letters)] * ((value - 1) // len(letters) + 1)


def _once(first: str, count: int) -> Callable[[int], str]:
    """Characters that follow each other in Unicode; none behind the last."""
    return lambda value: chr(ord(first) + value - 1) if value <= count else ""


def _roman(value: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        count, value = divmod(value, size)
        text += letters * count
    return text


def _chinese(value: int) -> str:
    if value > MAX_CHINESE:
        return ""
    tens, ones = divmod(value, 10)
    digit = "" if tens <= 1 else _CHINESE_DIGITS[tens]
    return f"{digit}{'十' if tens else ''}{_CHINESE_DIGITS[ones] if ones else ''}"


def _ordinal(value: int) -> str:
    teens = value % 100 in {11, 12, 13}
    return f"{value}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def _words(value: int) -> str:
    """An English number in words, in small letters."""
    if value > MAX_IN_WORDS:
        return str(value)
    if value < len(_ONES):
        return _ONES[value]
    if value < _HUNDRED:
        tens, ones = divmod(value, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    size, name = (_THOUSAND, "thousand") if value >= _THOUSAND else (_HUNDRED, "hundred")
    above, rest = divmod(value, size)
    return f"{_words(above)} {name}" + (f" {_words(rest)}" if rest else "")


def _ordinal_words(value: int) -> str:
    before, last = _words(value), ""
    for apart in (" ", "-"):
        head, found, tail = before.rpartition(apart)
        before, last = (head + found, tail + last) if found else (before, last)
        if found:
            break
    if not last:
        before, last = "", before
    head, hyphen, word = last.rpartition("-")
    word = _ORDINALS.get(word) or (f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th")
    return f"{before}{head}{hyphen}{word}"


def _upper_first(write: Callable[[int], str]) -> Callable[[int], str]:
    return lambda value: write(value)[:1].upper() + write(value)[1:]


_FORMS: dict[str, Callable[[int], str]] = {
    "lowerLetter": _repeated(LATIN),
    "upperLetter": _repeated(LATIN.upper()),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
    "ordinal": _ordinal,
    "cardinalText": _upper_first(_words),
    "ordinalText": _upper_first(_ordinal_words),
    "russianLower": _repeated(RUSSIAN),
    "russianUpper": _repeated(RUSSIAN.upper()),
    "lowerGreek": _repeated(GREEK),
    "upperGreek": _repeated(GREEK.upper()),
    "hebrew2": _repeated(HEBREW),
    "decimalEnclosedCircle": _once("①", 20),
    "decimalEnclosedCircleChinese": _once("①", 20),
    "decimalEnclosedParen": _once("⑴", 20),
    "decimalEnclosedFullstop": _once("⒈", 20),
    "decimalFullWidth": lambda value: str(value).translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    "numberInDash": lambda value: f"- {value} -",
    "hex": lambda value: f"{value:X}",
    "chicago": _repeated(_NOTE_MARKS),
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "ideographDigital": _chinese,
    "ideographTraditional": lambda value: STEMS[value - 1 : value],
    "ideographZodiac": lambda value: BRANCHES[value - 1 : value],
    "aiueoFullWidth": _repeated(KANA),
    "aiueo": _repeated(KANA),
    "iroha": _repeated(IROHA),
    "irohaFullWidth": _repeated(IROHA),
    "ganada": _repeated(GANADA),
}
