"""Finds furniture on pages that have no other page to compare with: documents of one or two pages.

Position and form decide together, and both must be plain: a page number, a publisher's stamp or a running title with
its page number, at the very edge of the text and clearly apart from it. Titles, headings, dates, letterheads and
addresses are none of these and stay. In longer documents, where repetition is the evidence, it finds publishers'
legends alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from qwen_batch.reading.clean.edge_lines import LineAt, Reason, Zone, rows_of
from qwen_batch.reading.clean.marginalia import is_sideways, is_stamp
from qwen_batch.reading.clean.page_numbers import (
    counting_places,
    outer_number,
    page_label,
    plain_text,
    without_named_number,
)
from qwen_batch.records import Line, Page

MAX_PAGES = 2
"""Longer documents have evidence of their own: of these only publishers' legends go."""
EDGE_ROWS = 3
MIN_GAP_LEADINGS = 1.55
"""How far furniture stands from the text, in usual distances of two lines."""
MIN_PROSE_ROWS = 12
"""Rows of running text that show a page of a book, an article or a report."""
MIN_PROSE_ROWS_AT_MARGIN = 6
"""The same beside a row that stands in the margin of the paper."""
MARGIN_SHARE = 0.08
MIN_PROSE_LETTERS = 25
MAX_TITLE_CHARS = 90
MIN_TITLE_NUMBER_FIRST = 20
"""A number before a title on top of a page is a section's if it is lower."""
SAME_EDGE_PT = 4.0
SAME_EDGE_OCR_SHARE = 0.02
"""On scans, as a share of the page's width."""
CORNER_SHARE = 0.06
"""The outermost part of the paper's height, where a number beside all text is a page number."""
YEARS = range(1900, 2100)

_PUBLISHED = re.compile(
    r"\bdoi\s*:?\s*10\.\d|\bdoi\.org/10|\bissn\b|©|\(c\) (?:copyright )?\d{4}|\bcopyright (?:©|\d{4})"
    r"|\ball rights reserved\b|\bvol(?:ume|\.)\s*\d+\W+(?:no|nr|issue|number)\b|\bopen access\b.*\bavailable online\b"
    r"|\b\d+\s*\((?:19|20)\d\d\)[\s,:]*\d+\s*[–-]\s*\d+|.{3,60}\bet al\.?(?:\s*/.{0,60})?$"
)
"""What publishers put on top of pages and below them; a list of references may have the same in its text."""
Row = list[tuple[int, Line]]


def lone_furniture(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines to leave out for where they stand and what they say alone, and what each of them is.

    Of a longer document these are publishers' legends, which its first or last page may have alone.
    """
    alone = len(pages) <= MAX_PAGES
    return {LineAt(index, at): reason for index, page in enumerate(pages) for at, reason in _on_page(page, alone=alone)}


def is_published(plain: str) -> bool:
    """Whether a plain text is what publishers put on top of pages and below them."""
    return _PUBLISHED.search(plain) is not None


def _on_page(page: Page, *, alone: bool) -> Iterator[tuple[int, Reason]]:
    lines = [(at, line) for at, line in enumerate(page.lines) if line.text.strip() and line.box.y1 > line.box.y0]
    if alone:
        corner = (at for at, line in lines if page_label(line.text) and _in_corner(line, page, lines))
        yield from ((at, "page_number") for at in corner)
    elif not any(is_published(plain_text(line.text)) for _, line in lines):
        return
    rows = list(rows_of([pair for pair in lines if not is_sideways(pair[1])]))
    leading = _leading(rows)
    prose = [row for row in rows if sum(map(str.isalpha, row[0][1].text)) >= MIN_PROSE_LETTERS]
    edges: tuple[tuple[Zone, list[Row]], ...] = (("header", rows), ("footer", rows[::-1]))
    for zone, ordered in edges:
        pairs = list(pairwise(ordered))[:EDGE_ROWS]
        gaps = [abs(_base(following) - _base(row)) >= MIN_GAP_LEADINGS * leading for row, following in pairs]
        numbers = sum(_bare_number(row) for row, _ in pairs)
        for index, (row, _) in enumerate(pairs):
            apart = any(gaps[index:])  # a footer of two rows has its gap above the upper one
            if numbers > 1 and _bare_number(row):  # figures one below the other are no page number
                apart = False
            reason = _reason(row, zone, prose, page, apart=apart)
            if reason is not None and (alone or is_published(_plain(row))):
                yield from ((at, reason) for at, _ in row)
            elif gaps[index]:
                break


def _plain(row: Row) -> str:
    return plain_text(" ".join(line.text for _, line in sorted(row, key=lambda pair: pair[1].box.x0)))


def _bare_number(row: Row) -> bool:
    label = page_label(_plain(row))
    return label is not None and not label.named


def _leading(rows: Sequence[Row]) -> float:
    return median([_base(two) - _base(one) for one, two in pairwise(rows)] or [0.0])


def _base(row: Row) -> float:
    return max(line.box.y1 for _, line in row)


def _reason(row: Row, zone: Zone, prose: Sequence[Row], page: Page, *, apart: bool) -> Reason | None:
    """What the row at an edge is; `prose` is the page's running text, `apart` whether the row stands clear of it."""
    plain = _plain(row)
    label = page_label(plain)
    enough = MIN_PROSE_ROWS_AT_MARGIN if _in_margin(row, page) else MIN_PROSE_ROWS
    running = apart and len(prose) >= enough
    if label is not None:
        return "page_number" if running or (apart and label.named) else None
    if is_stamp(plain) or (apart and is_published(plain)):
        return zone
    if not running or not _is_title_with_number(plain):
        return None
    edge_pt = page.width * SAME_EDGE_OCR_SHARE if page.ocr_done else SAME_EDGE_PT
    named = _in_margin(row, page) and without_named_number(plain).strip() != plain
    return (
        zone
        if named or any(page_label(line.text) for _, line in row) or _reaches_edge(row, prose, plain, edge_pt)
        else None
    )


def _in_margin(row: Row, page: Page) -> bool:
    """Whether a row stands in the top or the bottom margin of the paper."""
    return _base(row) <= MARGIN_SHARE * page.height or min(line.box.y0 for _, line in row) >= (
        (1 - MARGIN_SHARE) * page.height
    )


def _in_corner(number: Line, page: Page, lines: Iterable[tuple[int, Line]]) -> bool:
    """Whether a number stands at the edge of the paper, right or left of everything else."""
    others = [line.box for _, line in lines if line is not number]
    beside = not others or number.box.x0 >= max(box.x1 for box in others) or number.box.x1 <= min(b.x0 for b in others)
    middle = (number.box.y0 + number.box.y1) / 2
    return beside and not CORNER_SHARE * page.height < middle < (1 - CORNER_SHARE) * page.height


def _is_title_with_number(plain: str) -> bool:
    number = outer_number(plain)
    if number is None or number in YEARS or len(plain) > MAX_TITLE_CHARS or not any(counting_places(plain)):
        return False
    return not plain[0].isdigit() or number >= MIN_TITLE_NUMBER_FIRST


def _reaches_edge(row: Row, prose: Sequence[Row], plain: str, edge_pt: float) -> bool:
    """Whether the number stands where the running text begins or ends."""
    if plain[0].isdigit():
        return min(line.box.x0 for _, line in row) <= min(line.box.x0 for r in prose for _, line in r) + edge_pt
    return max(line.box.x1 for _, line in row) >= max(line.box.x1 for r in prose for _, line in r) - edge_pt
