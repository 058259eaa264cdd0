"""Finds a document's running headers and footers, beside the page numbers that `page_counting` finds.

The evidence is always more than one page: a line counts as furniture because the same line, or one whose number counts
with the page, stands at the same edge of other pages too. What does not repeat is never furniture, nor is what repeats
because whole pages do. Knows nothing of how text is joined. The idea of comparing edge lines after replacing digits is
Lin, "Header and footer extraction by page association" (SPIE 2003).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from qwen_batch.reading.clean.alike import (
    MIN_SIMILARITY,
    SAME_PLACE_PT,
    groups_of,
    same_numbers,
    same_place_pt,
    similar,
    titles_with_page_numbers,
)
from qwen_batch.reading.clean.edge_lines import EdgeLine, LineAt, Reason, Zone, edge_lines, mostly_outer
from qwen_batch.reading.clean.page_counting import MIN_PAGES, OFTEN, page_numbers_of
from qwen_batch.reading.clean.page_numbers import numbers_in
from qwen_batch.records import Page

MIN_RUNNING_LETTERS = 12
"""A line that differs in a number only, and not as pages count, has so many letters if it is no heading."""
MIN_LEGEND_LETTERS = 40
MIN_ALMOST_CHARS = 25
MIN_ALMOST_SIMILARITY = 0.95
"""Of a line that OCR did not read: a letter may be more, no word another."""
MAX_REPEATED_SHARE = 0.5
"""Share of a document's lines that stand on more than one page, where pages are still pages of one text."""
MAX_FURNITURE_SHARE = 0.5
"""Share of a document's characters that running headers and footers may take."""
MAX_LEGENDS = 20
MIN_PART_CHARS = 40
MIN_PART_SHARE = 0.3
MAX_PAGES_APART = 2
"""From one page with a chapter's header to the next: each page, or each right one."""
MIN_USUAL_SHARE = 0.6
"""Share of a line's pages that have it in one place, where others show it in their body."""
MIN_INSIDE_PT = 24.0
"""How much further inside of the page a line of the body stands than the header that repeats it: two lines."""
MIN_INSIDE_ELSEWHERE_PT = 10.0
"""The same where it begins at another left edge."""
MIN_ELSEWHERE_PT = 36.0


def furniture_of(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines to leave out, and what each of them is."""
    edges = [edge for index, page in enumerate(pages) for edge in edge_lines(index, page)]
    found: dict[LineAt, Reason] = dict.fromkeys(page_numbers_of(edges, len(pages)), "page_number")
    if _repeats_itself(pages):
        return found
    groups = [group for group in groups_of(edges) if mostly_outer(group)]
    body = {at for group in groups for at in _in_body(group, pages)}
    edges = [edge for edge in edges if edge.at not in body]
    groups = [left for group in groups if (left := [edge for edge in group if edge.at not in body])]
    known: list[EdgeLine] = []
    for group in (*groups, *same_numbers(edges), *titles_with_page_numbers(edges)):
        if _is_everywhere(group, pages):
            found |= {edge.at: edge.zone for edge in group if edge.at not in found}
            known.append(group[0])
    legends = _legends(edges, found)
    for edge in edges:  # the same line broken elsewhere, or with a letter more
        if edge.at not in found and (any(_almost(edge, other) for other in known) or _part_of(edge, legends)):
            found[edge.at] = edge.zone
    runs = (run for group in groups for run in _runs(group))
    _add_local(edges, [run for run in runs if _is_local(run, len(pages))], found)
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


def _spread(group: Sequence[EdgeLine]) -> float:
    places = [edge.place for edge in group if edge.place is not None]
    return max(places) - min(places)


def _almost(edge: EdgeLine, known: EdgeLine) -> bool:
    same_edge = edge.zone == known.zone and abs(edge.row - known.row) <= 1
    least = MIN_SIMILARITY if edge.ocr else MIN_ALMOST_SIMILARITY
    return same_edge and len(edge.key) >= MIN_ALMOST_CHARS and similar(edge.key, known.key, least)


def _is_everywhere(group: Sequence[EdgeLine], pages: Sequence[Page]) -> bool:
    """Whether the line stands on so many pages, or odd or even pages, that its place need not be the same."""
    on = {edge.at.page for edge in group}
    if len(on) < MIN_PAGES:
        return False
    halves = [len({page for page in on if page % 2 == half}) for half in (0, 1)]
    odd_or_even = any(count >= max(MIN_PAGES, 2 * OFTEN * (len(pages) // 2)) for count in halves)
    return len(on) >= OFTEN * len(pages) or odd_or_even


def _is_local(group: Sequence[EdgeLine], page_count: int) -> bool:
    """Whether the line stands in one and the same place on a few pages in a row: a chapter's, a short document's.

    A long legend, word for word the same, may stand wherever the text of its page ends.
    """
    letters = sum(map(str.isalpha, group[0].key))
    long = letters >= MIN_RUNNING_LETTERS
    equal = len({edge.plain for edge in group}) == 1
    on = {edge.at.page for edge in group}
    if any(edge.place is None for edge in group) or _spread(group) > same_place_pt(group):
        return equal and letters >= MIN_LEGEND_LETTERS and len(on) >= MIN_PAGES
    if not long and not equal and not _counts_with_page(group):  # "Article 4", "Article 5" on top of pages are headings
        return False
    enough = len(on) >= min(MIN_PAGES, max(page_count, 2))
    return enough or (equal and any(len(side) > 1 and on == side for side in _odd_and_even(page_count)))


def _runs(group: Sequence[EdgeLine]) -> Iterator[list[EdgeLine]]:
    """The parts of a group on pages that follow each other, or on every other page; a legend may be anywhere."""
    if sum(map(str.isalpha, group[0].key)) >= MIN_LEGEND_LETTERS:
        yield list(group)
        return
    run: list[EdgeLine] = []
    for edge in sorted(group, key=lambda edge: edge.at.page):
        if run and edge.at.page - run[-1].at.page > MAX_PAGES_APART:
            yield run
            run = []
        run.append(edge)
    yield run


def _odd_and_even(page_count: int) -> tuple[set[int], set[int]]:
    """Indices of the odd and of the even pages."""
    return set(range(0, page_count, 2)), set(range(1, page_count, 2))


def _counts_with_page(group: Sequence[EdgeLine]) -> bool:
    offsets = {tuple(number - edge.at.page for number in numbers_in(edge.plain)) for edge in group}
    return len(offsets) == 1


def _in_body(group: Sequence[EdgeLine], pages: Sequence[Page]) -> set[LineAt]:
    """The lines of a group that stand further inside of their page than nearly all others do: what these repeat.

    A letter's own date and addressee equal the heads of its further pages, an agreement's own title its running head.
    """
    legend = sum(map(str.isalpha, group[0].key)) >= MIN_LEGEND_LETTERS
    if legend or any(edge.place is None for edge in group):
        return set()
    usual = median(edge.place or 0.0 for edge in group)
    at_usual = sum(abs((edge.place or 0.0) - usual) <= same_place_pt(group) for edge in group)
    if at_usual < max(2, MIN_USUAL_SHARE * len(group)):
        return set()
    height = median(pages[edge.at.page].height for edge in group)
    left = median(edge.left for edge in group)
    inwards = 1 if group[0].zone == "header" else -1
    body = set()
    for edge in group:
        elsewhere = abs(edge.left - left) > MIN_ELSEWHERE_PT
        least = max(same_place_pt(group), MIN_INSIDE_ELSEWHERE_PT if elsewhere else MIN_INSIDE_PT)
        same_paper = abs(pages[edge.at.page].height - height) <= SAME_PLACE_PT
        if same_paper and inwards * ((edge.place or 0.0) - usual) > least:
            body.add(edge.at)
    return body
