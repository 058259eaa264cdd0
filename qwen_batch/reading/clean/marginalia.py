"""Finds what lies over or beside the text of pages: watermarks, stamps up the margin, and line numbers.

Repetition decides for watermarks: the same words, large and across other lines or running up the page, in the same
place of most pages. Line numbers prove themselves: they count the lines of a page of running text. Knows nothing of
headers and footers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from qwen_batch.geometry import overlap
from qwen_batch.reading.clean.edge_lines import LineAt, Reason
from qwen_batch.reading.clean.page_numbers import plain_text
from qwen_batch.records import Line, Page, Trimmed

SAME_PLACE_PT = 8.0
MIN_PAGES_SHARE = 0.5
"""A watermark is on this share of the pages, and on two at least."""
LARGE_HEIGHTS = 1.8
"""A watermark is so many times as high as most lines of its page."""
LONE_HEIGHTS = 2.5
"""The same for one of WATERMARK_WORDS on a single page."""
SIDEWAYS_HEIGHTS = 4.0
"""A line that is so many times as high as wide stands sideways."""
MIN_SIDEWAYS_CHARS = 4
WATERMARK_WORDS = frozenset({
    "draft", "copy", "void", "sample", "specimen", "confidential", "original", "duplicate", "preview", "cancelled",
    "uncontrolled copy", "certified copy", "file copy", "not for distribution", "do not copy", "superseded",
    "草稿", "样本", "副本", "机密", "保密",
})  # fmt: skip
NUMBERING_STEPS = (1, 5)
MIN_NUMBERED = {1: 10, 5: 4}
"""Numbers on a page, at least, that count every line or every fifth."""
MIN_COUNTING_SHARE = 0.9
MIN_PROSE_SHARE = 0.6
MIN_PROSE_LETTERS = 20
MAX_FIGURED_SHARE = 0.7
"""Where more lines end in figures, they are rows of a list with amounts, and so are their numbers' own."""
MIN_GOING_ON_SHARE = 0.3
"""Share of the numbered lines that begin in lower case, inside of a sentence, as items of a list seldom do."""

_STAMP = re.compile(
    r"\bdownloaded (?:from|by|on)\b|\bdigiti[sz]ed by\b|^arxiv:\s*\d{4}\.\d+|\bauthorized licensed use\b"
    r"|^accepted manuscript$|^(?:this )?page (?:is )?(?:intentionally )?left blank$"
)
_NUMBER = re.compile(r"\d{1,4}")
_NUMBERED = re.compile(r"(\d{1,4})\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """A page without its line numbers, and these."""

    page: Page
    trimmed: tuple[Trimmed, ...]


def is_sideways(line: Line) -> bool:
    """Whether a line of several letters is much higher than wide: it runs up or down the page."""
    wide, high = line.box.x1 - line.box.x0, line.box.y1 - line.box.y0
    return len(line.text.strip()) >= MIN_SIDEWAYS_CHARS and high > SIDEWAYS_HEIGHTS * wide


def is_stamp(plain: str) -> bool:
    """Whether a plain text says where a copy came from, as libraries stamp it on pages."""
    return _STAMP.search(plain) is not None


def watermarks_of(pages: Sequence[Page]) -> dict[LineAt, Reason]:
    """The lines that lie in the same place across most pages; stamps up the margin, and plain ones, of any page."""
    groups: dict[tuple[str, int, int], list[LineAt]] = defaultdict(list)
    found: dict[LineAt, Reason] = {}
    for index, page in enumerate(pages):
        placed = [(at, line) for at, line in enumerate(page.lines) if line.box.y1 > line.box.y0 and line.kind == "text"]
        usual = median([line.box.y1 - line.box.y0 for _, line in placed] or [0.0])
        for at, line in placed:
            high = line.box.y1 - line.box.y0
            if not is_sideways(line) and not (high > LARGE_HEIGHTS * usual and _across_others(line, page.lines)):
                continue
            groups[line.text, round(line.box.x0 / SAME_PLACE_PT), round(line.box.y0 / SAME_PLACE_PT)].append(
                LineAt(index, at)
            )
            plain = plain_text(line.text)
            if (plain in WATERMARK_WORDS and high > LONE_HEIGHTS * usual) or is_stamp(plain):
                found[LineAt(index, at)] = "watermark"
    needed = max(2, MIN_PAGES_SHARE * len(pages))
    repeated = [group for group in groups.values() if len({where.page for where in group}) >= needed]
    return found | {where: "watermark" for group in repeated for where in group}


def _across_others(line: Line, lines: Sequence[Line]) -> bool:
    return sum(overlap(line.box, other.box) for other in lines) > 2  # noqa: PLR2004 - itself and two more


def page_without_line_numbers(page: Page) -> Unnumbered:
    """Takes out the numbers that count the lines of a page, be they lines of their own or the beginnings of lines."""
    lines = [line for line in page.lines if line.text.strip() and line.kind == "text"]
    said = [line.text.rstrip() for line in lines if not _NUMBER.fullmatch(line.text.strip())]
    if sum(text[-1:].isdigit() for text in said) > MAX_FIGURED_SHARE * len(said):
        return Unnumbered(page, ())
    own = [line for line in lines if _NUMBER.fullmatch(line.text.strip()) and line.box.y1 > line.box.y0]
    body = [line for line in lines if sum(map(str.isalpha, line.text)) >= MIN_PROSE_LETTERS]
    margin = [line for line in own if all(line.box.x1 <= text.box.x0 for text in body)]
    others = len(lines) - len(own)
    if body and len(body) >= MIN_PROSE_SHARE * others and _count_lines(margin, others):
        taken = {id(line) for line in margin}
        kept = tuple(line for line in page.lines if id(line) not in taken)
        return Unnumbered(replace(page, lines=kept), _trimmed(page, [line.text for line in margin]))
    begun = [(line, match) for line in lines if (match := _NUMBERED.match(line.text))]
    going_on = sum(line.text[match.end()].islower() for line, match in begun)
    numbers = [replace(line, text=match[1]) for line, match in begun]
    if going_on < MIN_GOING_ON_SHARE * len(begun) or not _count_lines(numbers, len(lines)):
        return Unnumbered(page, ())
    cut = {id(line): line.text[match.end() :] for line, match in begun}
    kept = tuple(replace(line, text=cut.get(id(line), line.text)) for line in page.lines)
    return Unnumbered(replace(page, lines=kept), _trimmed(page, [line.text for line in numbers]))


def _trimmed(page: Page, texts: Sequence[str]) -> tuple[Trimmed, ...]:
    return tuple(Trimmed(page.number, text, "line_number") for text in texts)


def _count_lines(numbers: Sequence[Line], lines: int) -> bool:
    """Whether numbers, from top to bottom, rise by 1 or by 5 and are enough for a page of so many lines."""
    values = [int(line.text) for line in sorted(numbers, key=lambda line: line.box.y0 + line.box.y1)]
    for step in NUMBERING_STEPS:
        counting = sum(two - one == step for one, two in pairwise(values))
        enough = len(values) >= max(MIN_NUMBERED[step], MIN_PROSE_SHARE * lines / step)
        if enough and counting >= MIN_COUNTING_SHARE * (len(values) - 1):
            return True
    return False
