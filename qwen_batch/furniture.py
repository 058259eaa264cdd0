"""Finds a document's page furniture: running headers, running footers and page numbers.

The evidence is always more than one page: a line counts as furniture because the same line, or one whose
number counts with the page, stands at the same edge of other pages too. What does not repeat is never
furniture, with one exception: "Page 1 of 1" that agrees with the document itself. Knows nothing of how text is
joined. The idea of comparing edge lines after replacing digits is Lin, "Header and footer extraction by
page association" (SPIE 2003).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from qwen_batch.page_numbers import number_key, numbers_in, page_label, plain_text
from qwen_batch.records import Line, Page

Zone = Literal["header", "footer"]
Reason = Literal["header", "footer", "page_number"]

EDGE_ROWS = 5
"""Rows from the top and the bottom of a page's text that are looked at: a footer may stand high on the paper."""
EDGE_LINES_WITHOUT_BOXES = 3
SAME_PLACE_PT = 4.0
OFTEN = 0.5
"""A line on this share of the pages, or of the odd or even ones, is furniture wherever it stands at the edge."""
MIN_PAGES = 3
MIN_COUNTING_SHARE = 0.8
MIN_COUNTING_SHARE_OCR = 0.6
MIN_SIMILARITY = 0.85
MIN_RUNNING_LETTERS = 12
"""A line that differs in a number only, and not as pages count, has so many letters if it is no heading."""
MIN_ALMOST_CHARS = 25
MIN_IDENTICAL_SHARE = 0.3
OCR_NEIGHBOURS = 2
"""How many pages back a line is compared, letter by letter, if OCR may have misread it."""


@dataclass(frozen=True, slots=True)
class LineAt:
    """Which line: indices, from 0, of the page and of the line on it."""

    page: int
    line: int


@dataclass(frozen=True, slots=True)
class EdgeLine:
    """A line near an edge; `row` counts from that edge.

    `place` is the distance of its middle from the top of the page in points, None without boxes; `plain` is the
    text in one spelling, `key` the same with every number as "#".
    """

    at: LineAt
    zone: Zone
    row: int
    place: float | None
    plain: str
    key: str
    ocr: bool


def furniture_of(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines to leave out, and what each of them is."""
    edges = [edge for index, page in enumerate(pages) for edge in _edge_lines(index, page)]
    found: dict[LineAt, Reason] = dict.fromkeys(_page_numbers(edges, len(pages)), "page_number")
    groups = [part for group in _groups(edges) for part in _rising_or_equal(group)]
    known: list[EdgeLine] = []
    for group in groups:
        if _is_everywhere(group, pages):
            found |= {edge.at: edge.zone for edge in group if edge.at not in found}
            known.append(group[0])
    for edge in edges:  # the same line broken elsewhere, or with a letter more
        if edge.at not in found and any(_almost(edge, other) for other in known):
            found[edge.at] = edge.zone
    local = [edge for group in groups if _is_local(group, len(pages)) for edge in group if edge.at not in found]
    taken = {(edge.at.page, edge.zone, edge.row) for edge in edges if edge.at in found}
    for edge in sorted(local, key=lambda edge: edge.row):  # only from the outside in: what lies beyond is furniture too
        if all((edge.at.page, edge.zone, row) in taken for row in range(edge.row)):
            found[edge.at] = edge.zone
            taken.add((edge.at.page, edge.zone, edge.row))
    return found


def _edge_lines(index: int, page: Page) -> Iterator[EdgeLine]:
    lines = [(at, line) for at, line in enumerate(page.lines) if line.text.strip() and line.kind == "text"]
    placed = bool(lines) and page.height > 0 and any(line.box.y1 > line.box.y0 for _, line in lines)
    rows = list(_rows(lines)) if placed else [[pair] for pair in lines]
    depth = EDGE_ROWS if placed else min(EDGE_LINES_WITHOUT_BOXES, len(rows) // 2)
    zones: tuple[tuple[Zone, list[list[tuple[int, Line]]]], ...] = (
        ("header", rows[:depth]),
        ("footer", rows[::-1][:depth]),
    )
    for zone, ordered in zones:
        for row, members in enumerate(ordered):
            for at, line in members:
                plain = plain_text(line.text)
                place = (line.box.y0 + line.box.y1) / 2 if placed else None
                yield EdgeLine(LineAt(index, at), zone, row, place, plain, number_key(plain), page.ocr_done)


def _rows(lines: Sequence[tuple[int, Line]]) -> Iterator[list[tuple[int, Line]]]:
    """Lines side by side, from the top of the page to its bottom."""
    row: list[tuple[int, Line]] = []
    for pair in sorted(lines, key=lambda pair: pair[1].box.y0 + pair[1].box.y1):
        box = pair[1].box
        if row and (box.y0 + box.y1) / 2 > row[0][1].box.y1:
            yield row
            row = []
        row.append(pair)
    if row:
        yield row


def _page_numbers(edges: Iterable[EdgeLine], page_count: int) -> set[LineAt]:
    """Lines that count with the page: on enough pages at the same edge, the number less the page is the same."""
    labels = [(edge, label) for edge in edges if (label := page_label(edge.plain))]
    agreeing: dict[tuple[Zone, bool, int], set[int]] = defaultdict(set)
    for edge, label in labels:
        agreeing[edge.zone, label.named, label.number - edge.at.page].add(edge.at.page)
    found = set()
    for edge, label in labels:
        count = len(agreeing[edge.zone, label.named, label.number - edge.at.page])
        needed = 2 if label.named else max(2, min(MIN_PAGES, page_count))
        states_itself = label.total == page_count and label.number == edge.at.page + 1
        if count >= needed or states_itself:
            found.add(edge.at)
    for zone in ("header", "footer"):  # pages left out in between: the numbers still rise, all over the document
        outer = [(edge, label) for edge, label in labels if edge.zone == zone and edge.row == 0]
        rising = sum(one.number < two.number for (_, one), (_, two) in pairwise(outer))
        pages = {edge.at.page for edge, _ in outer}
        if len(pages) >= max(MIN_PAGES, OFTEN * page_count) and rising >= MIN_COUNTING_SHARE * (len(outer) - 1):
            found |= {edge.at for edge, _ in outer}
    return found


def _groups(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Lines of one zone with the same key; what OCR read counts as the same if it is similar enough."""
    groups: dict[tuple[Zone, str], list[EdgeLine]] = defaultdict(list)
    recent: dict[Zone, list[tuple[int, str, str]]] = {"header": [], "footer": []}
    for edge in edges:
        if sum(map(str.isalpha, edge.key)) < 2:  # noqa: PLR2004 - numbers and rules alone are no running text
            continue
        key = edge.key
        if edge.ocr:
            seen = [entry for entry in recent[edge.zone] if edge.at.page - OCR_NEIGHBOURS <= entry[0] < edge.at.page]
            key = next((group for _, other, group in seen if _similar(other, edge.key)), key)
            recent[edge.zone] = [e for e in recent[edge.zone] if e[0] >= edge.at.page - OCR_NEIGHBOURS]
            recent[edge.zone].append((edge.at.page, edge.key, key))
        groups[edge.zone, key].append(edge)
    for group in groups.values():
        # What OCR misreads now and then is the same on many pages; lines that all differ are lines of a form.
        most = Counter("".join(filter(str.isalnum, edge.key)) for edge in group).most_common(1)[0][1]
        if most >= max(2, MIN_IDENTICAL_SHARE * len(group)):
            yield group


def _almost(edge: EdgeLine, known: EdgeLine) -> bool:
    same_edge = edge.zone == known.zone and abs(edge.row - known.row) <= 1
    return same_edge and len(edge.key) >= MIN_ALMOST_CHARS and _similar(edge.key, known.key)


def _similar(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= MIN_SIMILARITY and matcher.ratio() >= MIN_SIMILARITY


def _rising_or_equal(group: list[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """The group, if its numbers are constant or rise with the pages; else one group for each exact text."""
    least = MIN_COUNTING_SHARE_OCR if any(edge.ocr for edge in group) else MIN_COUNTING_SHARE
    if all(_constant_share(column) == 1 or _rising_share(column) >= least for column in _number_columns(group)):
        yield group
        return
    texts: dict[str, list[EdgeLine]] = defaultdict(list)
    for edge in group:
        texts[edge.plain].append(edge)
    yield from texts.values()


def _number_columns(group: Sequence[EdgeLine]) -> list[tuple[int, ...]]:
    """The first number of each line, the second of each, ...: of those lines that have as many as most."""
    numbers = [numbers_in(edge.plain) for edge in group]
    width = Counter(map(len, numbers)).most_common(1)[0][0]
    return list(zip(*(values for values in numbers if len(values) == width), strict=True))


def _rising_share(values: Sequence[int]) -> float:
    return sum(one < two for one, two in pairwise(values)) / max(len(values) - 1, 1)


def _constant_share(values: Sequence[int]) -> float:
    return Counter(values).most_common(1)[0][1] / len(values)


def _is_everywhere(group: Sequence[EdgeLine], pages: Sequence[Page]) -> bool:
    """Whether the line stands on so many pages, or odd or even pages, that its place need not be the same."""
    on = {edge.at.page for edge in group}
    if len(on) < MIN_PAGES:
        return False
    halves = [len({page for page in on if page % 2 == half}) for half in (0, 1)]
    odd_or_even = any(count >= max(MIN_PAGES, 2 * OFTEN * (len(pages) // 2)) for count in halves)
    return len(on) >= OFTEN * len(pages) or odd_or_even


def _is_local(group: Sequence[EdgeLine], page_count: int) -> bool:
    """Whether the line stands in one and the same place on a few pages: a chapter's header, a short document's."""
    places = [edge.place for edge in group if edge.place is not None]
    if len(places) < len(group) or max(places) - min(places) > SAME_PLACE_PT:
        return False
    long = sum(map(str.isalpha, group[0].key)) >= MIN_RUNNING_LETTERS
    equal = len({edge.plain for edge in group}) == 1
    if not long and not equal and not _counts_with_page(group):  # "Article 4", "Article 5" on top of pages are headings
        return False
    on = {edge.at.page for edge in group}
    enough = len(on) >= min(MIN_PAGES, max(page_count, 2))
    return enough or (equal and any(len(side) > 1 and on == side for side in _odd_and_even(page_count)))


def _odd_and_even(page_count: int) -> tuple[set[int], set[int]]:
    """Indices of the odd and of the even pages."""
    return set(range(0, page_count, 2)), set(range(1, page_count, 2))


def _counts_with_page(group: Sequence[EdgeLine]) -> bool:
    offsets = {tuple(number - edge.at.page for number in numbers_in(edge.plain)) for edge in group}
    return len(offsets) == 1
