"""Joins lines to running text: sentences over page breaks and columns, divided words, paragraphs.

Knows nothing of furniture, which has gone before. A footnote that stands between the two halves of a sentence at a
page's end goes in front of the paragraph that runs on, so that no page's text moves to another page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from qwen_batch.cjk import is_cjk
from qwen_batch.reading.clean.words import keeps_hyphen, without_spaced_letters, without_unseen
from qwen_batch.records import Line, LineSpan, Page

PARAGRAPH = "\n\n"
PARAGRAPH_LEADING = 1.4
"""A line this many times the usual distance below the one before begins a paragraph."""
PARAGRAPH_HEIGHTS = 2.2
"""The same in heights of a line, on a page that shows no usual distance."""
LEAST_STEP_HEIGHTS = 0.3
MOST_STEP_HEIGHTS = 4.0
"""Distances between lines, in heights of a line, that tell something of a page's usual distance."""
FULL_LINE_SHARE = 0.85
"""A line that reaches so far towards the right edge of the page's text was broken for want of room."""
MIN_RUNNING_CHARS = 30

MIN_RUNNING_LETTERS = 20
"""Letters of a line of running text, at least."""
MAX_FOOTNOTE_HEIGHT_SHARE = 0.93
"""A footnote's lines are so much lower than the page's, at most."""
MAX_FOOTNOTE_SHARE = 0.4
"""Share of a page's lines that are footnotes, at most."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")
_DOUBLED = re.compile("\u2018\u2018|\u2019\u2019")
"""Double quotation marks that were set as two single ones."""
SOFT_HYPHEN = "\u00ad"
HYPHENS = "-\u2010" + SOFT_HYPHEN
_FIGURE_END = re.compile(r"\d[-\u2010]$")
_HYPHEN_END = re.compile(r"([^\W\d_]+)([-\u2010\u00ad])$")
_WORD_START = re.compile(r"[^\W\d_]+")
_FOOTNOTE = re.compile(r"(?:\(?\d{1,3}\)?|[*†‡§]{1,3})\s*[^\W\d]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
MAX_SENTENCE_END = 8
"""Characters that a full stop and closing brackets after it may take."""
_SENTENCE_END = re.compile(r"[.!?:;。！？：；…][\"'”’)\]）】」』]*$")
_ITEM_START = re.compile(
    r"(?:\(?(?:[a-z]|[ivx]{1,5}|\d{1,3}(?:\.\d{1,3})*)[.)]|[•●▪◦·○\-–—*]|(?:article|section|exhibit|schedule|annex)\b)(?:\s|$)"
    r"|第.{1,4}[章节条]|[一二三四五六七八九十]{1,3}[、．]|[（(][一二三四五六七八九十]{1,3}[)）]",
    re.IGNORECASE,
)
OPEN_WORDS = frozenset({"the", "of", "and", "or", "to", "a", "an", "in", "by", "for", "with", "that", "on", "from"})
"""A line that ends with one of these goes on, whatever follows."""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line that stays, with what decides how it joins the next one.

    `leading` is the usual distance of two lines on its page, `right` the right edge of the page's text, both
    in points and 0 if unknown. `after_blank` marks a line behind an empty one, in text without positions.
    """

    page: int
    line: Line
    text: str
    leading: float
    right: float
    after_blank: bool

    @property
    def placed(self) -> bool:
        """Whether the line has a position on its page."""
        return self.line.box.y1 > self.line.box.y0

    @property
    def height(self) -> float:
        """The line's height in points."""
        return self.line.box.y1 - self.line.box.y0


@dataclass(frozen=True, slots=True)
class JoinedText:
    """One text, and where each line stands in it; `lines` is sorted by `start`."""

    text: str
    lines: tuple[LineSpan, ...]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """How the document itself writes: its words with a hyphen, and those without, in lower case."""

    compounds: frozenset[str]
    words: frozenset[str]


def joined(pages: Sequence[Page]) -> JoinedText:
    """All lines of the pages as one text."""
    lines = _with_footnotes_moved(list(_placed_lines(pages)))
    own = _own_words(lines)
    parts: list[str] = []
    spans: list[LineSpan] = []
    at = 0
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        text, separator = (line.text, "") if following is None else _ending(line, following, own)
        text = text.rstrip(SOFT_HYPHEN)
        spans.append(
            LineSpan(at, at + len(text), line.page, line.line.box, line.line.words, line.line.place, line.line.number)
        )
        parts += (text, separator)
        at += len(text) + len(separator)
    return JoinedText("".join(parts), tuple(spans))


def _with_footnotes_moved(lines: list[PlacedLine]) -> list[PlacedLine]:
    by_page = [list(group) for _, group in groupby(lines, key=lambda line: line.page)]
    for page, following in pairwise(by_page):
        first = _footnotes_at(page)
        if first is None or not _goes_on_in_mid_sentence(page[first - 1], following[0]):
            continue
        start = first - 1
        while start > 0 and _separator(page[start - 1], page[start]) != PARAGRAPH:
            start -= 1
        page[start:] = [*page[first:], *page[start:first]]
    return [line for page in by_page for line in page]


def _goes_on_in_mid_sentence(line: PlacedLine, following: PlacedLine) -> bool:
    after = following.text.lstrip()[0]
    long = sum(map(str.isalpha, line.text)) >= MIN_RUNNING_LETTERS
    return long and (after.islower() or is_cjk(after)) and _runs_on(line, following)


def _footnotes_at(page: Sequence[PlacedLine]) -> int | None:
    """Where the footnotes at the end of a page begin: lower lines than the others, the first with its mark."""
    if not all(line.placed for line in page):
        return None
    usual = median(line.height for line in page)
    for first in range(max(1, round((1 - MAX_FOOTNOTE_SHARE) * len(page))), len(page)):
        notes = page[first:]
        low = median(line.height for line in notes) <= MAX_FOOTNOTE_HEIGHT_SHARE * usual
        below = min(line.line.box.y0 for line in notes) >= page[first - 1].line.box.y0
        if (
            low
            and below
            and notes[0].height < usual
            and _FOOTNOTE.match(notes[0].text)
            and notes[0].line.kind == "text"
        ):
            return first
    return None


def _placed_lines(pages: Sequence[Page]) -> Iterator[PlacedLine]:
    for page in pages:
        kept = page.lines
        leading = _leading(kept)
        right = max((line.box.x1 for line in kept), default=0.0)
        blank = False
        for line in kept:
            text = _plain(line.text).rstrip()
            if text.strip():
                words = tuple(replace(word, text=_plain(word.text)) for word in line.words)
                placed = line if words == line.words else replace(line, words=words)
                yield PlacedLine(page.number, placed, without_spaced_letters(text), leading, right, blank)
            blank = not text.strip()


def _plain(text: str) -> str:
    """A text without control characters and what nobody sees, and with one kind of double quotation marks."""
    return _DOUBLED.sub(_double_quote, without_unseen(_CONTROL.sub("", text)))


def _double_quote(doubled: re.Match[str]) -> str:
    return "\u201c" if doubled[0][0] == "\u2018" else "\u201d"


def _leading(lines: Sequence[Line]) -> float:
    pairs = [(after.box.y1 - before.box.y1, before.box.y1 - before.box.y0) for before, after in pairwise(lines)]
    steps = [step for step, height in pairs if LEAST_STEP_HEIGHTS * height < step < MOST_STEP_HEIGHTS * height]
    return median(steps) if steps else 0.0


def _own_words(lines: Sequence[PlacedLine]) -> OwnWords:
    """The document's words in lower case; none where no line divides a word."""
    if not any(line.text[-1] in HYPHENS for line in lines):
        return OwnWords(frozenset(), frozenset())
    compounds = {word.lower() for line in lines if "-" in line.text for word in _COMPOUND.findall(line.text)}
    return OwnWords(frozenset(compounds), frozenset(word for line in lines for word in _inner_words(line.text)))


def _inner_words(text: str) -> list[str]:
    """The whole words of a line: the last one may go on behind its hyphen, and the first have begun before it."""
    return _WORD.findall(text.lower())[1:-1]


def _ending(line: PlacedLine, following: PlacedLine, own: OwnWords) -> tuple[str, str]:
    """A line's text as it goes into the clean text, and what stands between it and the next line."""
    separator = _separator(line, following)
    if separator == PARAGRAPH or "table" in {line.line.kind, following.line.kind}:
        return line.text, separator
    if _FIGURE_END.search(line.text) and following.text[0].isdigit():  # "12-" and "15"
        return line.text, ""
    divided = _HYPHEN_END.search(line.text) if line.text[-1] in HYPHENS else None
    rest = _WORD_START.match(following.text)
    if divided is None or rest is None:
        return line.text, separator
    if divided[2] != SOFT_HYPHEN and keeps_hyphen(divided[1], rest[0], own.compounds, own.words):
        return line.text, ""
    return line.text[: divided.start(2)], ""


def _separator(line: PlacedLine, following: PlacedLine) -> str:
    if "table" in {line.line.kind, following.line.kind}:
        return "\n" if line.line.kind == following.line.kind and line.page == following.page else PARAGRAPH
    if following.after_blank:
        return PARAGRAPH
    if line.page == following.page:
        if not line.placed or not following.placed:
            return "\n"
        height = line.line.box.y1 - line.line.box.y0
        step = following.line.box.y1 - line.line.box.y1
        if step > -height:
            wide = PARAGRAPH_LEADING * line.leading if line.leading else PARAGRAPH_HEIGHTS * height
            return PARAGRAPH if step > wide else "\n"
    if not _runs_on(line, following):
        return PARAGRAPH
    return "" if is_cjk(line.text[-1]) and is_cjk(following.text.lstrip()[0]) else " "


def _runs_on(line: PlacedLine, following: PlacedLine) -> bool:
    """Whether the sentence goes on over a break of page or column."""
    before, after = line.text.rstrip(), following.text.lstrip()
    if _SENTENCE_END.search(before[-MAX_SENTENCE_END:]) or _ITEM_START.match(after):
        return False
    last = before.rsplit(maxsplit=1)[-1].lower()
    if after[0].islower() or before[-1] in ",，、-\u2010\u00ad(（" or last in OPEN_WORDS:
        return True
    full = line.placed and line.line.box.x1 >= FULL_LINE_SHARE * line.right
    return full and len(before) >= MIN_RUNNING_CHARS and not before.isupper() and not after.isupper()
