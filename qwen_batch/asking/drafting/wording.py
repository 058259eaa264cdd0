"""Terms of a glossary, the language of a text, and whether it is its document unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from qwen_batch.cjk import CJK, is_cjk, is_han, is_hangul, is_kana
from qwen_batch.job.drafting.languages import script_of

MIN_UNITS = 8
"""A text of fewer words, or characters of Chinese, says nothing of its language: names and figures are its own."""
MIN_OWN_SHARE = 0.5
MAX_FOREIGN_SHARE = 0.2
MIN_CANTONESE_AMONG = 15
"""Of so many Chinese characters one at least is of spoken Cantonese, where that is wanted."""
_UNIT = re.compile(rf"[{CJK}]|[^\W\d_{CJK}]+")
_CANTONESE = frozenset("嘅咗唔喺哋佢啲係冇嚟俾畀㗎啦喇咩噉咁嗰搵睇嘢")
_TAGGED = re.compile(r"#\w+|https?://\S+|@\w+")

Terms = Sequence[tuple[str, str]]


def terms_lacking(terms: Terms, source: str, text: str) -> Iterator[tuple[str, str]]:
    """The terms that a source has and of which a text does not have what they are called there."""
    there = _plain(text)
    for term, said in terms_of(terms, source):
        if _plain(said) not in there:
            yield term, said


def terms_of(terms: Terms, source: str) -> Iterator[tuple[str, str]]:
    """The terms that stand in a source, as words of their own."""
    for term, said in terms:
        if stands_in(term, source):
            yield term, said


def stands_in(term: str, text: str) -> bool:
    """Whether a term stands in a text, in any case; one of Latin letters not within a longer word."""
    words = re.escape(" ".join(term.split())).replace(r"\ ", r"\s+")
    before = rf"(?<![^\W_{CJK}])" if term[:1].isalnum() and not is_cjk(term[0]) else ""
    behind = rf"(?![^\W_{CJK}])" if term[-1:].isalnum() and not is_cjk(term[-1]) else ""
    return re.search(f"{before}{words}{behind}", text, re.IGNORECASE) is not None


def is_unchanged(source: str, text: str) -> bool:
    """Whether a text has the letters and figures of its source, and no others."""
    return _letters(source) == _letters(text)


def wrong_language(text: str, source: str, language: str) -> str:
    """What is wrong with a text that should be in a language, empty where nothing is, as far as scripts tell."""
    units = _UNIT.findall(_TAGGED.sub(" ", text))
    if len(units) < MIN_UNITS:
        return ""
    if is_unchanged(source, text):
        return "it is the document's own text, unchanged"
    script = script_of(language)
    own = sum(_is_of(unit[0], script) for unit in units) / len(units)
    if script == "latin":
        return "" if 1 - own <= MAX_FOREIGN_SHARE else "it is not written in the language that is asked for"
    if script != "other" and own < MIN_OWN_SHARE:
        return "it is not written in the language that is asked for"
    return ""


def is_not_spoken(texts: Iterable[str]) -> bool:
    """Whether Chinese texts of one answer have no word at all of spoken Cantonese, though they are long enough."""
    text = "".join(texts)
    return sum(map(is_han, text)) >= MIN_CANTONESE_AMONG and not _CANTONESE & set(text)


def _is_of(character: str, script: str) -> bool:
    if script == "han":
        return is_han(character)
    if script == "kana":
        return is_kana(character) or is_han(character)
    if script == "hangul":
        return is_hangul(character)
    return not is_cjk(character)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
