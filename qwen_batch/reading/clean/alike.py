"""Which edge lines of several pages are the same line: equal but for page numbers, or as alike as OCR leaves them.

A number that changes is a page number if it stands where one may and steps with the page. Any other number that
changes, an order's, a total, a date, makes two lines of it. Knows nothing of how often a line must stand on pages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from statistics import median

from qwen_batch.reading.clean.edge_lines import EdgeLine, Zone
from qwen_batch.reading.clean.page_counting import (
    MIN_COUNTING_SHARE,
    OUTER_ROWS,
    are_facing,
    constant_share,
    counting_share,
    rising_share,
)
from qwen_batch.reading.clean.page_numbers import counting_places, numbers_in, outer_number

SAME_PLACE_PT = 4.0
SAME_PLACE_OCR_SHARE = 0.04
"""How far places on scans may lie apart, as a share of the page's height: sheets lie crooked and are cut."""
MIN_COUNTING_SHARE_OCR = 0.6
MIN_SIMILARITY = 0.85
MIN_IDENTICAL_SHARE = 0.3
OCR_NEIGHBOURS = 2
"""How many pages back a line is compared, letter by letter, if OCR may have misread it."""
_OTHER_SIDE_PT = 1000.0


def groups_of(edges: Sequence[EdgeLine]) -> list[list[EdgeLine]]:
    """Lines of one zone that say the same, each group in the order of pages."""
    return [part for group in _by_key(edges) for part in _same_or_counting(group)]


def _by_key(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Lines of one zone with the same key; what OCR read counts as the same if it is similar enough."""
    groups: dict[tuple[Zone, str], list[EdgeLine]] = defaultdict(list)
    recent: dict[Zone, list[tuple[int, str, str]]] = {"header": [], "footer": []}
    for edge in edges:
        if not has_letters(edge.key):
            continue
        key = edge.key
        if edge.ocr:
            seen = [entry for entry in recent[edge.zone] if edge.at.page - OCR_NEIGHBOURS <= entry[0] < edge.at.page]
            key = next((group for _, other, group in seen if similar(other, edge.key)), key)
            recent[edge.zone] = [e for e in recent[edge.zone] if e[0] >= edge.at.page - OCR_NEIGHBOURS]
            recent[edge.zone].append((edge.at.page, edge.key, key))
        groups[edge.zone, key].append(edge)
    for group in groups.values():
        # What OCR misreads now and then is the same on many pages; lines that all differ are lines of a form.
        most = Counter("".join(filter(str.isalnum, edge.key)) for edge in group).most_common(1)[0][1]
        if most >= max(2, MIN_IDENTICAL_SHARE * len(group)):
            yield group


def has_letters(key: str) -> bool:
    """Whether there is more than a letter in it."""
    return sum(map(str.isalpha, key)) > 1


def similar(one: str, other: str, least: float = MIN_SIMILARITY) -> bool:
    """Whether two texts may be the same, one of them misread or with a letter more."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least and matcher.ratio() >= least


def _same_or_counting(group: list[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """The group, if its numbers are constant or page numbers; else one group for each exact text."""
    least = MIN_COUNTING_SHARE_OCR if any(edge.ocr for edge in group) else MIN_COUNTING_SHARE
    numbers = [numbers_in(edge.plain) for edge in group]
    width = Counter(map(len, numbers)).most_common(1)[0][0]
    full = [(edge, values) for edge, values in zip(group, numbers, strict=True) if len(values) == width]
    pages = [edge.at.page for edge, _ in full]
    places = [counting_places(edge.plain) for edge, _ in full]
    for column in range(width):
        values = [line[column] for _, line in full]
        stands = sum(place[column] for place in places) >= least * len(full)
        if constant_share(values) < 1 and not (stands and counting_share(pages, values) >= least):
            break
    else:
        yield group
        return
    texts: dict[str, list[EdgeLine]] = defaultdict(list)
    for edge in group:
        texts[edge.plain].append(edge)
    yield from texts.values()


def same_numbers(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Lines of numbers alone that are equal and begin at the same left edge: an exhibit's or a form's number."""
    groups: dict[tuple[Zone, str], list[EdgeLine]] = defaultdict(list)
    for edge in edges:
        if edge.place is not None and edge.row < OUTER_ROWS and not has_letters(edge.key) and numbers_in(edge.plain):
            groups[edge.zone, edge.plain].append(edge)
    for group in groups.values():
        usual = median(edge.left for edge in group)
        yield [edge for edge in group if abs(edge.left - usual) <= same_place_pt(group)]


def titles_with_page_numbers(edges: Iterable[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """Outermost lines in one place whose number counts the pages, whatever else they say: chapters' titles.

    Where pages are missing the number need but rise, if it stands left on even pages and right on odd ones.
    """
    numbered: dict[Zone, list[tuple[EdgeLine, int]]] = {"header": [], "footer": []}
    for edge in edges:
        number = outer_number(edge.plain) if edge.row == 0 and edge.place is not None else None
        if number is not None and any(counting_places(edge.plain, least_words=1)):
            numbered[edge.zone].append((edge, number))
    for lines in numbered.values():
        for group in _in_one_place(lines):
            by_page = sorted(group, key=lambda pair: pair[0].at.page)
            pages, values = [edge.at.page for edge, _ in by_page], [number for _, number in by_page]
            least = MIN_COUNTING_SHARE_OCR if any(edge.ocr for edge, _ in group) else MIN_COUNTING_SHARE
            facing = are_facing([(value, 0.0 if e.plain[0].isdigit() else _OTHER_SIDE_PT) for e, value in by_page])
            if len({edge.key for edge, _ in group}) == 1:  # `groups_of` has seen it
                continue
            if counting_share(pages, values) >= least or (facing and rising_share(values) >= MIN_COUNTING_SHARE):
                yield [edge for edge, _ in by_page]


def _in_one_place(lines: Sequence[tuple[EdgeLine, int]]) -> Iterator[list[tuple[EdgeLine, int]]]:
    """The lines parted where a gap lies between their places."""
    group: list[tuple[EdgeLine, int]] = []
    for pair in sorted(lines, key=lambda pair: pair[0].place or 0.0):
        if group and (pair[0].place or 0.0) - (group[-1][0].place or 0.0) > same_place_pt([pair[0], group[-1][0]]):
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def same_place_pt(group: Iterable[EdgeLine]) -> float:
    """How far the places of one line on several pages may lie apart."""
    edges = list(group)
    if any(edge.ocr for edge in edges):
        return max(SAME_PLACE_PT, SAME_PLACE_OCR_SHARE * max(edge.paper for edge in edges))
    return SAME_PLACE_PT
