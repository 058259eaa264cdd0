"""Finds page numbers: lines at the edges whose numbers count with the pages of a document.

The evidence is always more than one page, with one exception: "Page 1 of 1" that agrees with the document itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from qwen_batch.reading.clean.edge_lines import EdgeLine, LineAt, Zone, mostly_outer
from qwen_batch.reading.clean.page_numbers import PageLabel, page_label

OUTER_ROWS = 2
"""Rows from an edge in which a number alone may be the document's own."""
OFTEN = 0.5
"""A line on this share of the pages, or of the odd or even ones, is furniture wherever it stands at the edge."""
MIN_PAGES = 3
MIN_COUNTING_SHARE = 0.8
MIN_GOING_ON_SHARE = 0.5
"""Share of steps by one a page, where unnumbered pages or sheets stand in between."""
MIN_FACING_PT = 72.0
"""How far apart the outer sides of facing pages are, at least."""


def page_numbers_of(edges: Iterable[EdgeLine], page_count: int) -> set[LineAt]:
    """Lines that count with the page: on enough pages at the same edge, the number less the page is the same."""
    labels = [(edge, label) for edge in edges if (label := page_label(edge.plain))]
    agreeing: dict[tuple[Zone, bool, int], list[EdgeLine]] = defaultdict(list)
    for edge, label in labels:
        agreeing[edge.zone, label.named, label.number - edge.at.page].append(edge)
    found = set()
    for edge, label in labels:
        alike = agreeing[edge.zone, label.named, label.number - edge.at.page]
        count = len({one.at.page for one in alike}) if label.named or mostly_outer(alike) else 0
        own = label.number == edge.at.page + 1
        all_but_the_first = own and page_count == MIN_PAGES
        needed = 2 if label.named or all_but_the_first else max(2, min(MIN_PAGES, page_count))
        states_itself = own and label.total == page_count
        if count >= needed or states_itself:
            found.add(edge.at)
    for zone in ("header", "footer"):  # unnumbered pages in between: the numbers go on, all over the document
        by_page: dict[int, tuple[EdgeLine, PageLabel]] = {}
        for edge, label in sorted(labels, key=lambda pair: pair[0].row):
            if edge.zone == zone and edge.row < OUTER_ROWS and not edge.plain.endswith((".", ")")):  # as items do
                by_page.setdefault(edge.at.page, (edge, label))
        outer = [by_page[page] for page in sorted(by_page)]
        if len(outer) >= max(MIN_PAGES, OFTEN * page_count) and _goes_on(outer):
            found |= {edge.at for edge, _ in outer}
    return found


def _goes_on(numbers: Sequence[tuple[EdgeLine, PageLabel]]) -> bool:
    """Whether numbers rise as pages do: named so, or by one a page more often than not, or on facing pages' sides."""
    values = [label.number for _, label in numbers]
    if rising_share(values) < MIN_COUNTING_SHARE:
        return False
    named = all(label.named for _, label in numbers)
    steps = counting_share([edge.at.page for edge, _ in numbers], values)
    return named or steps >= MIN_GOING_ON_SHARE or are_facing([(label.number, edge.left) for edge, label in numbers])


def counting_share(pages: Sequence[int], values: Sequence[int]) -> float:
    """The share of steps, from one line to the next, that are as large as the steps of their pages."""
    steps = [two - one for one, two in pairwise(values)]
    turned = [two - one for one, two in pairwise(pages)]
    return sum(one == two for one, two in zip(steps, turned, strict=True)) / max(len(steps), 1)


def are_facing(numbers: Sequence[tuple[int, float]]) -> bool:
    """Whether odd and even numbers stand apart, on the outer sides of facing pages; each with its left edge."""
    sides = [[left for number, left in numbers if number % 2 == half] for half in (0, 1)]
    if not all(sides):
        return False
    (one, two) = sorted(sides, key=max)
    return max(one) + MIN_FACING_PT <= min(two)


def rising_share(values: Sequence[int]) -> float:
    """The share of steps that go up."""
    return sum(one < two for one, two in pairwise(values)) / max(len(values) - 1, 1)


def constant_share(values: Sequence[int]) -> float:
    """The share of the most usual value."""
    return Counter(values).most_common(1)[0][1] / len(values)
