"""Turns the pages of a document into one clean text with a way back to pages and boxes.

Strings the parts together: reading order, then what is no part of the text (line numbers, watermarks, page furniture,
captions if so set), which is left out and written down with its reason, then joining, and behind it what only left out
lines say. Everything else stays. Knows nothing of how pages were read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from qwen_batch.cjk import is_cjk
from qwen_batch.config import CleanSettings
from qwen_batch.reading.clean.captions import captions_of
from qwen_batch.reading.clean.edge_lines import LineAt, Reason
from qwen_batch.reading.clean.facts import TELLING, facts_of, with_facts
from qwen_batch.reading.clean.furniture import furniture_of
from qwen_batch.reading.clean.joining import joined
from qwen_batch.reading.clean.lone_page import lone_furniture
from qwen_batch.reading.clean.marginalia import page_without_line_numbers, watermarks_of
from qwen_batch.reading.clean.reading_order import page_in_reading_order
from qwen_batch.reading.language.script import language_of
from qwen_batch.records import CleanDocument, Document, Page, PageText, Trimmed

_WORD_START = re.compile(r"[^\W\d_]+")


def pages_to_clean(document: Document, pages: Sequence[Page], settings: CleanSettings) -> CleanDocument:
    """The clean text of all pages of one document, with a span for each of its lines."""
    ordered = [page_in_reading_order(page) for page in pages] if settings.reading_order else pages
    numbered = [page_without_line_numbers(page) for page in ordered] if settings.line_numbers else []
    unnumbered = [item.page for item in numbered] or ordered
    furniture = _furniture(unnumbered, settings)
    text = joined(_without(unnumbered, furniture))
    if not text.text:  # a document of nothing but such lines stays as it is
        furniture = {at: reason for at, reason in furniture.items() if reason not in TELLING}
        text = joined(_without(unnumbered, furniture))
    facts = facts_of(unnumbered, furniture, text.text)
    if facts.staying:
        furniture = {at: reason for at, reason in furniture.items() if at not in facts.staying}
        text = joined(_without(unnumbered, furniture))
    shown = with_facts(text, facts.shown)
    return CleanDocument(
        document=document,
        text=shown.text,
        lines=shown.lines,
        trimmed=_trimmed(unnumbered, furniture, [line for item in numbered for line in item.trimmed]),
        language=language_of(text.text),
        pages=len(pages),
        ocr_pages=sum(page.ocr_done for page in pages),
        ocr_confidence=_mean_confidence(pages),
        warnings=tuple(f"page {page.number}: {warning}" for page in pages for warning in _warnings(page)),
        facts_at=len(text.text) if facts.shown else None,
        behind=tuple(one for page in pages for one in page.behind),
    )


def _warnings(page: Page) -> tuple[str, ...]:
    """What the page warns of, and how much of it nobody sees; never the words."""
    counts = Counter(piece.kind for piece in page.hidden)
    hidden = tuple(f"{count} hidden ({kind}), not shown to the model" for kind, count in sorted(counts.items()))
    return (*page.warnings, *hidden)


def _without(pages: Sequence[Page], furniture: Container[LineAt]) -> tuple[Page, ...]:
    return tuple(
        replace(page, lines=tuple(line for at, line in enumerate(page.lines) if LineAt(index, at) not in furniture))
        for index, page in enumerate(pages)
    )


def _trimmed(
    pages: Sequence[Page], furniture: Mapping[LineAt, Reason], numbers: Sequence[Trimmed]
) -> tuple[Trimmed, ...]:
    """What was left out, in the order of pages: the numbers of lines, then lines."""
    lines = [
        Trimmed(pages[at.page].number, pages[at.page].lines[at.line].text, reason)
        for at, reason in sorted(furniture.items(), key=lambda item: (item[0].page, item[0].line))
    ]
    return tuple(sorted([*numbers, *lines], key=lambda line: line.page))


def _furniture(pages: Sequence[Page], settings: CleanSettings) -> dict[LineAt, Reason]:
    """The lines to leave out by the settings; where two rules find a line, the one with more evidence names it."""
    wanted: dict[Reason, bool] = {
        "header": settings.headers,
        "footer": settings.footers,
        "page_number": settings.page_numbers,
        "watermark": settings.watermarks,
    }
    found = lone_furniture(pages) | furniture_of(pages) | watermarks_of(pages) | _declared(pages)
    furniture = {at: reason for at, reason in found.items() if wanted[reason]}
    return captions_of(pages) | furniture if settings.captions else furniture


def _declared(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines that the file itself calls a header or a footer."""
    return {
        LineAt(index, at): line.kind
        for index, page in enumerate(pages)
        for at, line in enumerate(page.lines)
        if line.kind == "header" or line.kind == "footer"  # noqa: PLR1714 - mypy narrows these
    }


def page_texts(clean: CleanDocument, pages: Sequence[Page]) -> tuple[PageText, ...]:
    """The clean text cut at its page breaks, and the raw text, one entry for each of `pages`.

    A line belongs to the page in its span; a word that a page break divided goes with the page on which it starts. The
    facts of heads and feet, which stand behind the text, belong to no page's.
    """
    parts: dict[int, list[str]] = {page.number: [] for page in pages}
    taken = 0
    lines = [line for line in clean.lines if clean.facts_at is None or line.start < clean.facts_at]
    for index, span in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        end = span.end if following is None else following.start
        if following is not None and following.page != span.page:
            end = _word_end(clean.text, span.end) if following.start == span.end else span.end
        parts[span.page].append(clean.text[max(span.start, taken) : end])
        taken = end
    return tuple(
        PageText(page.number, "".join(parts[page.number]).strip(), "\n".join(line.text for line in page.lines))
        for page in pages
    )


def _word_end(text: str, at: int) -> int:
    """Where the word that has begun before `at` ends; Chinese and Japanese have no such words."""
    rest = _WORD_START.match(text, at)
    return rest.end() if rest and not is_cjk(text[at]) else at


def _mean_confidence(pages: Iterable[Page]) -> float | None:
    """The pages' OCR confidence, weighted by the characters on them."""
    read = [
        (page.ocr_confidence, sum(len(line.text) for line in page.lines))
        for page in pages
        if page.ocr_confidence is not None
    ]
    weight = sum(characters for _, characters in read)
    return sum(confidence * characters for confidence, characters in read) / weight if weight else None
