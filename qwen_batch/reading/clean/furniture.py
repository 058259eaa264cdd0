"""Finds a document's running headers and footers, beside the page numbers that `page_counting` finds.

The evidence is always more than one page: a line counts as furniture because the same line, or one whose number counts
with the page, stands at the same edge of other pages too. What does not repeat is never furniture, nor is what repeats
because whole pages do. Knows nothing of how text is joined. The idea of comparing edge lines after replacing digits is
Lin, "Header and footer extraction by page association" (SPIE 2003).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from statistics import median

from qwen_batch.reading.clean.edge_lines import EdgeLine, LineAt, Reason, Zone, edge_lines
from qwen_batch.reading.clean.page_counting import (
    MIN_COUNTING_SHARE,
    MIN_PAGES,
    OFTEN,
    OUTER_ROWS,
    constant_share,
    page_numbers_of,
    rising_share,
)
from qwen_batch.reading.clean.page_numbers import numbers_in, outer_number
from qwen_batch.records import Page

SAME_PLACE_PT = 4.0
MIN_COUNTING_SHARE_OCR = 0.6
MIN_SIMILARITY = 0.85
MIN_RUNNING_LETTERS = 12
"""A line that differs in a number only, and not as pages count, has so many letters if it is no heading."""
MIN_LEGEND_LETTERS = 40
MIN_ALMOST_CHARS = 25
MAX_REPEATED_SHARE = 0.5
"""Share of a document's lines that stand on more than one page, where pages are still pages of one text."""
MAX_FURNITURE_SHARE = 0.5
"""Share of a document's characters that running headers and footers may take."""
MAX_LEGENDS = 20
MIN_PART_CHARS = 40
MIN_PART_SHARE = 0.3
MIN_IDENTICAL_SHARE = 0.3
OCR_NEIGHBOURS = 2
"""How many pages back a line is compared, letter by letter, if OCR may have misread it."""


def furniture_of(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines to leave out, and what each of them is."""
    edges = [edge for index, page in enumerate(pages) for edge in edge_lines(index, page)]
    found: dict[LineAt, Reason] = dict.fromkeys(page_numbers_of(edges, len(pages)), "page_number")
    groups = [part for group in _groups(edges) for part in _rising_or_equal(group)]
    if _repeats_itself(pages):
        return found
    known: list[EdgeLine] = []
    for group in (*groups, *_same_numbers(edges), *_titles_with_page_numbers(edges)):
        if _is_everywhere(group, pages):
            found |= {edge.at: edge.zone for edge in group if edge.at not in found}
            known.append(group[0])
    legends = _legends(edges, found)
    for edge in edges:  # the same line broken elsewhere, or with a letter more
        if edge.at not in found and (any(_almost(edge, other) for other in known) or _part_of(edge, legends)):
            found[edge.at] = edge.zone
    _add_local(edges, [group for group in groups if _is_local(group, len(pages))], found)
    return found if _leaves_text(pages, found) else {at: why for at, why in found.items() if why == "page_number"}


def _repeats_itself(pages: Sequence[Page]) -> bool:
    """Whether whole pages are the same, as the copies of an invoice are: then no line is furniture for being twice."""
    on = Counter(text for page in pages for text in {line.text for line in page.lines})
    return sum(count for count in on.values() if count > 1) > MAX_REPEATED_SHARE * on.total()


def _leaves_text(pages: Sequence[Page], found: Mapping[LineAt, Reason]) -> bool:
    """Whether running headers and footers are the smaller part of a document, as they must be."""
    taken = sum(len(pages[at.page].lines[at.line].text) for at, why in found.items() if why != "page_number")
    return taken <= MAX_FURNITURE_SHARE * sum(len(line.text) for page in pages for line in page.lines)


def _add_local(edges: Sequence[EdgeLine], groups: Iterable[Sequence[EdgeLine]], found: dict[LineAt, Reason]) -> None:
    """Adds lines that repeat on few pages, from the outside in: what lies beyond them must be furniture too."""
    local = [edge for group in groups for edge in group if edge.at not in found]
    taken = {(edge.at.page, edge.zone, edge.row) for edge in edges if edge.at in found}
    for edge in sorted(local, key=lambda edge: edge.row):
        if all((edge.at.page, edge.zone, row) in taken for row in range(edge.row)):
            found[edge.at] = edge.zone
            taken.add((edge.at.page, edge.zone, edge.row))


def _same_numbers(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Lines of numbers alone that are equal and begin at the same left edge: an exhibit's or a form's number."""
    groups: dict[tuple[Zone, str], list[EdgeLine]] = defaultdict(list)
    for edge in edges:
        if edge.place is not None and edge.row < OUTER_ROWS and not _has_letters(edge.key) and numbers_in(edge.plain):
            groups[edge.zone, edge.plain].append(edge)
    for group in groups.values():
        usual = median(edge.left for edge in group)
        yield [edge for edge in group if abs(edge.left - usual) <= SAME_PLACE_PT]


def _titles_with_page_numbers(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Outermost lines in one place whose number rises with the pages, whatever else they say: chapters' titles."""
    groups: dict[tuple[Zone, int], list[tuple[EdgeLine, int]]] = defaultdict(list)
    for edge in edges:
        number = outer_number(edge.plain) if edge.row == 0 and edge.place is not None else None
        if number is not None and edge.place is not None:
            groups[edge.zone, round(edge.place / SAME_PLACE_PT)].append((edge, number))
    for group in groups.values():
        if rising_share([number for _, number in group]) >= MIN_COUNTING_SHARE:
            yield [edge for edge, _ in group]


def _legends(edges: Iterable[EdgeLine], found: Mapping[LineAt, Reason]) -> list[str]:
    """What the furniture of an edge says as a whole, in all its rows: the most usual ones."""
    texts: dict[tuple[int, Zone], list[str]] = defaultdict(list)
    for edge in sorted((edge for edge in edges if edge.at in found), key=lambda edge: edge.at.line):
        texts[edge.at.page, edge.zone].append(edge.key)
    legends = Counter("".join(rows) for rows in texts.values() if len(rows) > 1)
    return [legend for legend, _ in legends.most_common(MAX_LEGENDS)]


def _part_of(edge: EdgeLine, legends: Iterable[str]) -> bool:
    """Whether the line is a good part of a legend that other pages have in other rows; a name in it is not."""
    size = len(edge.key)
    return size >= MIN_PART_CHARS and any(
        size >= MIN_PART_SHARE * len(legend) and edge.key in legend for legend in legends
    )


def _groups(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Lines of one zone with the same key; what OCR read counts as the same if it is similar enough."""
    groups: dict[tuple[Zone, str], list[EdgeLine]] = defaultdict(list)
    recent: dict[Zone, list[tuple[int, str, str]]] = {"header": [], "footer": []}
    for edge in edges:
        if not _has_letters(edge.key):
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


def _has_letters(key: str) -> bool:
    return sum(map(str.isalpha, key)) > 1


def _spread(group: Sequence[EdgeLine]) -> float:
    places = [edge.place for edge in group if edge.place is not None]
    return max(places) - min(places)


def _almost(edge: EdgeLine, known: EdgeLine) -> bool:
    same_edge = edge.zone == known.zone and abs(edge.row - known.row) <= 1
    return same_edge and len(edge.key) >= MIN_ALMOST_CHARS and _similar(edge.key, known.key)


def _similar(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= MIN_SIMILARITY
        and matcher.quick_ratio() >= MIN_SIMILARITY
        and matcher.ratio() >= MIN_SIMILARITY
    )


def _rising_or_equal(group: list[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """The group, if its numbers are constant or rise with the pages; else one group for each exact text."""
    least = MIN_COUNTING_SHARE_OCR if any(edge.ocr for edge in group) else MIN_COUNTING_SHARE
    if all(constant_share(column) == 1 or rising_share(column) >= least for column in _number_columns(group)):
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


def _is_everywhere(group: Sequence[EdgeLine], pages: Sequence[Page]) -> bool:
    """Whether the line stands on so many pages, or odd or even pages, that its place need not be the same."""
    on = {edge.at.page for edge in group}
    if len(on) < MIN_PAGES:
        return False
    halves = [len({page for page in on if page % 2 == half}) for half in (0, 1)]
    odd_or_even = any(count >= max(MIN_PAGES, 2 * OFTEN * (len(pages) // 2)) for count in halves)
    return len(on) >= OFTEN * len(pages) or odd_or_even


def _is_local(group: Sequence[EdgeLine], page_count: int) -> bool:
    """Whether the line stands in one and the same place on a few pages: a chapter's header, a short document's.

    A long legend, word for word the same, may stand wherever the text of its page ends.
    """
    letters = sum(map(str.isalpha, group[0].key))
    long = letters >= MIN_RUNNING_LETTERS
    equal = len({edge.plain for edge in group}) == 1
    if any(edge.place is None for edge in group) or _spread(group) > SAME_PLACE_PT:
        return equal and letters >= MIN_LEGEND_LETTERS and len({edge.at.page for edge in group}) >= MIN_PAGES
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
