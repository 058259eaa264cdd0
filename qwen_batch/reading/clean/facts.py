"""What only the heads and feet of pages say: a contract's number, a letterhead's address, a class of confidentiality.

Of the lines that trimming takes out, the first that says what stands nowhere else is a fact. It is shown once, behind
the text. None are page numbers, bare counters, repeats of the text, and of publishers' legends all but whose they are.
Where there are more than may be shown, the rest stay where they stood first. Knows nothing of why a line was trimmed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from qwen_batch.reading.clean.alike import similar
from qwen_batch.reading.clean.edge_lines import LineAt, Reason
from qwen_batch.reading.clean.joining import PARAGRAPH, JoinedText
from qwen_batch.reading.clean.lone_page import is_published
from qwen_batch.reading.clean.marginalia import is_stamp
from qwen_batch.reading.clean.page_numbers import (
    counting_places,
    outer_number,
    page_label,
    plain_text,
    without_named_number,
    without_page_number,
)
from qwen_batch.records import Line, LineSpan, Page

FACTS_HEADING = "## Heads and feet of pages"
MAX_FACT_LINES = 40
MAX_FACT_CHARS = 2_000
MIN_FACT_LETTERS = 2
MIN_FACT_DIGITS = 4
"""A line without letters is a fact from so many digits on; shorter ones are counters."""
MIN_AGREEING = 2
"""Lines whose number is as far from their page's, at least, where it is a page number."""
TELLING: frozenset[Reason] = frozenset({"header", "footer", "watermark"})

_HOLDER = re.compile(
    r"(?i:©|\(c\)|\bcopyright\b)[\s©]*(?:\(c\)\s*)?[\d\s,–-]*(?:by\s+)?(?P<name>[^\W\d_][^.;|©]*?[^\W_])"
    r"(?=\s*(?:[.;|©]|$|,?\s*(?i:all rights)))"
)
"""Whose copyright a legend tells: the one thing in it that may be a fact."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Fact:
    """A trimmed line that says what the text does not; `text` is the line without a page number at its end.

    `words` are what it says, without a page number anywhere.
    """

    at: LineAt
    page: int
    line: Line
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The lines to show behind the text, and those for which there is no room, which stay in it."""

    shown: tuple[Fact, ...]
    staying: frozenset[LineAt]


def facts_of(pages: Sequence[Page], furniture: Mapping[LineAt, Reason], text: str) -> Facts:
    """The facts in the furniture of pages, beside the `text` that is left of them."""
    telling = list(_telling_lines(pages, furniture))
    if not telling:  # the words of a long text take ten times its room
        return Facts((), frozenset())
    known = f" {_words(text)} "
    shown: list[Fact] = []
    staying: set[LineAt] = set()
    room = MAX_FACT_CHARS
    judged: set[str] = set()
    seen: list[str] = []
    for fact in telling:
        if fact.words in judged:
            continue
        judged.add(fact.words)
        if f" {fact.words} " in known or (pages[fact.at.page].ocr_done and _misread(fact.words, seen)):
            continue
        known += f"{fact.words} "
        seen.append(fact.words)
        room -= len(fact.text) + 1
        if room < 0 or len(shown) == MAX_FACT_LINES:
            staying.add(fact.at)
        else:
            shown.append(fact)
    return Facts(tuple(shown), frozenset(staying))


def _telling_lines(pages: Sequence[Page], furniture: Mapping[LineAt, Reason]) -> Iterator[Fact]:
    """The trimmed lines that say anything, without their page numbers, in the order of the pages."""
    lines = {at: pages[at.page].lines[at.line] for at, reason in furniture.items() if reason in TELLING}
    plains = {at: plain_text(line.text) for at, line in lines.items()}
    numbers = {at: _page_number(plain) for at, plain in plains.items()}
    offsets = Counter(number - at.page for at, number in numbers.items() if number is not None)
    rests = {at: _words(without_page_number(plains[at], number)) for at, number in numbers.items()}
    often, same = Counter(rests.values()), Counter(plains.values())
    for at in sorted(lines, key=lambda at: (at.page, at.line)):
        if page_label(plains[at]) or is_stamp(plains[at]):
            continue
        if is_published(plains[at]):
            if holder := _HOLDER.search(lines[at].text):
                yield Fact(at, pages[at.page].number, lines[at], holder["name"], _words(holder["name"]))
            continue
        number = numbers[at]
        counts = number is not None and (
            offsets[number - at.page] >= MIN_AGREEING or (len(pages) == 1 and (pages[0].width > 0 or number == 1))
        )  # the head that a file without positions states is words, but for the number of its one page
        text = without_page_number(lines[at].text, number if counts else None).strip()
        once_with_number = often[rests[at]] > 1 and same[plains[at]] == 1
        words = rests[at] if counts or once_with_number else _words(without_named_number(text))
        if _says_something(text) and words:
            yield Fact(at, pages[at.page].number, lines[at], text, words)


def _page_number(plain: str) -> int | None:
    return outer_number(plain) if any(counting_places(plain, least_words=1)) else None


def _says_something(text: str) -> bool:
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters >= MIN_FACT_LETTERS or digits >= MIN_FACT_DIGITS


def _words(text: str) -> str:
    return " ".join(_WORD.findall(plain_text(text)))


def _misread(words: str, seen: Iterable[str]) -> bool:
    """Whether OCR has read one of the facts once more, a little otherwise: with the same figures."""
    digits = _digits(words)
    return any(digits == _digits(other) and similar(other, words) for other in seen)


def _digits(words: str) -> str:
    return "".join(filter(str.isdigit, words))


def with_facts(text: JoinedText, facts: Sequence[Fact]) -> JoinedText:
    """The text with the facts below it under a heading of their own, and a span for each of them."""
    if not facts:
        return text
    parts = [text.text, PARAGRAPH, FACTS_HEADING, PARAGRAPH]
    at = sum(map(len, parts))
    spans = []
    for fact in facts:
        spans.append(LineSpan(at, at + len(fact.text), fact.page, fact.line.box, fact.line.words))
        at += len(fact.text) + 1
    parts.append("\n".join(fact.text for fact in facts))
    return replace(text, text="".join(parts), lines=tuple(chain(text.lines, spans)))
