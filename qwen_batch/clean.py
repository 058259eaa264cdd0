"""Turns the pages of a document into one clean text with a way back to pages and boxes.

Page furniture (`qwen_batch.furniture`) is left out and written down; everything else stays. A sentence that
runs over a page break or a column is one sentence again, a word divided at a line's end is whole, and a wider
gap between lines is a paragraph. Knows nothing of how pages were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from qwen_batch.config import CleanSettings
from qwen_batch.furniture import LineAt, Reason, furniture_of
from qwen_batch.records import CleanDocument, Document, Line, LineSpan, Page, Trimmed
from qwen_batch.script import is_cjk, language_of

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

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]")
_HYPHEN_END = re.compile(r"([^\W\d_]+)([-\u2010\u00ad])$")
_WORD_START = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
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


def pages_to_clean(document: Document, pages: Sequence[Page], settings: CleanSettings) -> CleanDocument:
    """The clean text of all pages of one document, with a span for each of its lines."""
    wanted = {"header": settings.headers, "footer": settings.footers, "page_number": settings.page_numbers}
    furniture = {at: reason for at, reason in furniture_of(pages).items() if wanted[reason]}
    trimmed = tuple(
        Trimmed(pages[at.page].number, pages[at.page].lines[at.line].text, reason)
        for at, reason in sorted(furniture.items(), key=lambda item: (item[0].page, item[0].line))
    )
    text, spans = _joined(list(_placed_lines(pages, furniture)))
    return CleanDocument(
        document=document,
        text=text,
        lines=spans,
        trimmed=trimmed,
        language=language_of(text),
        pages=len(pages),
        ocr_pages=sum(page.ocr_done for page in pages),
        ocr_confidence=_mean_confidence(pages),
        warnings=tuple(f"page {page.number}: {warning}" for page in pages for warning in page.warnings),
    )


def _mean_confidence(pages: Iterable[Page]) -> float | None:
    """The pages' OCR confidence, weighted by the characters on them."""
    read = [
        (page.ocr_confidence, sum(len(line.text) for line in page.lines))
        for page in pages
        if page.ocr_confidence is not None
    ]
    weight = sum(characters for _, characters in read)
    return sum(confidence * characters for confidence, characters in read) / weight if weight else None


def _placed_lines(pages: Sequence[Page], furniture: dict[LineAt, Reason]) -> Iterator[PlacedLine]:
    for index, page in enumerate(pages):
        kept = [line for at, line in enumerate(page.lines) if LineAt(index, at) not in furniture]
        leading = _leading(kept)
        right = max((line.box.x1 for line in kept), default=0.0)
        blank = False
        for line in kept:
            text = _CONTROL.sub("", line.text).rstrip()
            if text.strip():
                yield PlacedLine(page.number, line, text, leading, right, blank)
            blank = not text.strip()


def _leading(lines: Sequence[Line]) -> float:
    pairs = [(after.box.y1 - before.box.y1, before.box.y1 - before.box.y0) for before, after in pairwise(lines)]
    steps = [step for step, height in pairs if LEAST_STEP_HEIGHTS * height < step < MOST_STEP_HEIGHTS * height]
    return median(steps) if steps else 0.0


def _joined(lines: Sequence[PlacedLine]) -> tuple[str, tuple[LineSpan, ...]]:
    words = frozenset(word.lower() for line in lines for word in _WORDS.findall(line.text))
    parts: list[str] = []
    spans: list[LineSpan] = []
    at = 0
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        text, separator = (line.text, "") if following is None else _ending(line, following, words)
        spans.append(LineSpan(at, at + len(text), line.page, line.line.box, line.line.words))
        parts += (text, separator)
        at += len(text) + len(separator)
    return "".join(parts), tuple(spans)


def _ending(line: PlacedLine, following: PlacedLine, words: frozenset[str]) -> tuple[str, str]:
    """A line's text as it goes into the clean text, and what stands between it and the next line."""
    separator = _separator(line, following)
    divided = _HYPHEN_END.search(line.text)
    rest = _WORD_START.match(following.text)
    if separator == PARAGRAPH or divided is None or rest is None or "table" in {line.line.kind, following.line.kind}:
        return line.text, separator
    first, second = divided[1].lower(), rest[0].lower()
    if divided[2] != "\u00ad" and (not rest[0][0].islower() or f"{first}-{second}" in words):
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
    if _SENTENCE_END.search(before) or _ITEM_START.match(after):
        return False
    last = before.rsplit(maxsplit=1)[-1].lower()
    if after[0].islower() or before[-1] in ",，、-\u2010\u00ad(（" or last in OPEN_WORDS:
        return True
    full = line.placed and line.line.box.x1 >= FULL_LINE_SHARE * line.right
    return full and len(before) >= MIN_RUNNING_CHARS and not before.isupper() and not after.isupper()
