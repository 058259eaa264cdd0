"""Puts the lines of a page into reading order: columns one after the other, raised fragments beside their line.

Works on boxes alone, so it serves a text layer as well as OCR. The order that the file gives is usually the author's
own and is kept unless it is plainly wrong: columns of running text are read across, line by line. Side notes, tables,
forms and signatures side by side are no columns of running text and stay as they are. The page is cut as in the
recursive X-Y cut (Nagy, Seth and Viswanathan, "A prototype document image analysis system for technical journals",
Computer 25(7), 1992), with the gutters taken from the left edges that many lines share.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from qwen_batch.geometry import outline
from qwen_batch.reading.clean.side_labels import labels_beside_lines
from qwen_batch.reading.parts.top_down import top_down
from qwen_batch.records import Box, Line, Page

MAX_LINES = 1000
"""A page of more lines is a drawing or broken, and stays as it is."""
MIN_COLUMN_LINES = 5
"""Lines of running text that make a column."""
MIN_COLUMN_LETTERS = 18
"""Letters of a line of running text, at least: narrow columns have some 25."""
MIN_FULL_SHARE = 0.6
"""A line of running text fills so much of its column, and so much of a column's letters stand in such lines."""
EDGE_SLACK_PT = 12.0
"""How far the left edges of a column's lines may lie apart: first lines are indented."""
GUTTER_PT = 3.0
"""How far a line may reach into the gutter."""
MIN_CROSSING_LETTERS = 12
"""Letters of a line that stands across the columns; what has fewer belongs to the column of its middle."""
MAX_CROSSING_SHARE = 0.4
MIN_BESIDE_SHARE = 0.5
MAX_RIGHT_TO_LEFT_SHARE = 0.3
MAX_LINES_A_VISIT = 3
"""Lines that stay in one column before the next one, on average, where columns are read across line by line."""
MAX_FRAGMENT_CHARS = 4
"""Characters of a raised or lowered fragment, such as the "th" of 5th."""
MIN_LINE_CHARS = 4
MAX_TIMES_USUAL = 4.0
"""A line that is so many times as high as others is turned, or is a mark across the page."""

_ITEM = re.compile(r"(\d{1,3})[.)]\s")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is moved as a whole: a line, or all lines of a table."""

    lines: tuple[Line, ...]
    box: Box
    letters: int

    @property
    def middle(self) -> float:
        """The vertical middle in points."""
        return (self.box.y0 + self.box.y1) / 2


def page_in_reading_order(page: Page) -> Page:
    """The same page with its lines in reading order; unchanged unless the given order is plainly wrong."""
    lines = page.lines
    if not 1 < len(lines) <= MAX_LINES or any(line.box.y1 <= line.box.y0 for line in lines):
        return page
    if _lies_on_its_side(lines) or (page.rotation and not page.ocr_done):
        return page  # its reader has put them in order, along the direction of the text
    units = _fragments_beside_lines(list(_units(labels_beside_lines(lines))))
    units = _columns_in_order(_upwards_never(units) if not page.ocr_done else units)
    ordered = tuple(line for unit in units for line in unit.lines)
    return (
        page if all(map(operator.is_, ordered, lines)) and len(ordered) == len(lines) else replace(page, lines=ordered)
    )


def _lies_on_its_side(lines: Sequence[Line]) -> bool:
    """Whether most lines of several letters are higher than wide: their reader has put them in order."""
    several = [line.box for line in lines if len(line.text) >= MIN_LINE_CHARS]
    return 2 * sum(box.y1 - box.y0 > box.x1 - box.x0 for box in several) > len(several)


def _upwards_never(units: list[Unit]) -> list[Unit]:
    """Units that the file gives after what stands below them, such as a title at the end, moved before it.

    What is much higher than a line, as a turned mark at the edge, stays where it is.
    """
    usual = median(unit.box.y1 - unit.box.y0 for unit in units)
    lines = [
        unit for unit in units if unit.lines[0].kind == "table" or unit.box.y1 - unit.box.y0 <= MAX_TIMES_USUAL * usual
    ]
    order = iter(_foot_last([lines[at] for at in top_down([unit.box for unit in lines])]))
    kept = set(map(id, lines))
    return [next(order) if id(unit) in kept else unit for unit in units]


def _foot_last(units: list[Unit]) -> list[Unit]:
    """A foot that stands below all others at the end."""
    lowest = max(units, key=lambda unit: unit.box.y0)
    others = [unit for unit in units if unit is not lowest]
    below = all(unit.box.y1 <= lowest.box.y0 for unit in others)
    return [*others, lowest] if below else units


def _units(lines: Sequence[Line]) -> Iterator[Unit]:
    group: list[Line] = []
    for line in lines:
        if group and line.kind != "table":
            yield _unit(group)
            group = []
        if line.kind == "table":
            group.append(line)
        else:
            yield _unit([line])
    if group:
        yield _unit(group)


def _unit(lines: Sequence[Line]) -> Unit:
    letters = sum(sum(map(str.isalpha, line.text)) for line in lines)
    box = lines[0].box if len(lines) == 1 else outline([line.box for line in lines])
    return Unit(tuple(lines), box, letters)


def _fragments_beside_lines(units: list[Unit]) -> list[Unit]:
    """Moves what the file gives long after its line, as a raised "th" at the end of the page, back to that line."""
    placed: list[Unit] = []
    for unit in units:
        before = placed[-1] if placed else None
        out_of_place = before is not None and unit.box.y1 < before.box.y0 - (before.box.y1 - before.box.y0)
        if out_of_place and len(unit.lines[0].text) <= MAX_FRAGMENT_CHARS and unit.lines[0].kind == "text":
            hosts = [at for at, host in enumerate(placed) if _holds(host.box, unit.box)]
            placed.insert(hosts[-1] + 1 if hosts else len(placed), unit)
        else:
            placed.append(unit)
    return placed


def _holds(line: Box, fragment: Box) -> bool:
    """Whether a fragment stands inside a line, perhaps raised or lowered by half its height."""
    raised = (fragment.y1 - fragment.y0) / 2
    inside = line.x0 <= fragment.x0 and fragment.x1 <= line.x1
    smaller = fragment.y1 - fragment.y0 < line.y1 - line.y0
    return inside and smaller and line.y0 - raised <= fragment.y0 and fragment.y1 <= line.y1 + raised


def _columns_in_order(units: list[Unit]) -> list[Unit]:
    gutters = _gutters(units)
    if not gutters:
        return units
    bands = list(_bands(units, gutters))
    if not any(_read_across(band, gutters) for band in bands):
        return units
    return [unit for band in bands for unit in _band_in_order(band, gutters)]


def _gutters(units: Sequence[Unit]) -> list[float]:
    """Left edges, in points, of the second and following columns of running text."""
    prose = [unit for unit in units if unit.letters >= MIN_COLUMN_LETTERS and unit.lines[0].kind == "text"]
    found: list[float] = []
    for edge in sorted({round(unit.box.x0) for unit in prose}):
        if found and edge < found[-1] + EDGE_SLACK_PT:
            continue
        right = [unit for unit in prose if abs(unit.box.x0 - edge) <= EDGE_SLACK_PT]
        gutter = min((unit.box.x0 for unit in right), default=0.0)
        left = [unit for unit in prose if unit.box.x1 <= gutter + GUTTER_PT]
        sides = _is_column(right) and _is_column(_same_left_edge(left)) and _side_by_side(left, right)
        crossing = sum(_crosses(unit, gutter) for unit in prose)
        if sides and crossing <= MAX_CROSSING_SHARE * len(prose):
            found.append(gutter)
    return [] if found and _right_to_left(prose) else found


def _right_to_left(units: Sequence[Unit]) -> bool:
    """Whether the page is in Hebrew or Arabic letters, whose columns go the other way."""
    letters = [letter for unit in units for letter in unit.lines[0].text if letter.isalpha()]
    return sum("\u0590" <= letter <= "\u08ff" for letter in letters) > MAX_RIGHT_TO_LEFT_SHARE * len(letters)


def _same_left_edge(units: Sequence[Unit]) -> list[Unit]:
    """Those units that start at the left edge that most share."""
    starts = [[other for other in units if abs(other.box.x0 - unit.box.x0) <= EDGE_SLACK_PT] for unit in units]
    return max(starts, key=len, default=[])


def _is_column(units: Sequence[Unit]) -> bool:
    """Whether lines are running text: enough of them, and most letters in lines that fill the column."""
    if len(units) < MIN_COLUMN_LINES:
        return False
    around = outline([unit.box for unit in units])
    full = [unit for unit in units if unit.box.x1 - unit.box.x0 >= MIN_FULL_SHARE * (around.x1 - around.x0)]
    letters = sum(unit.letters for unit in units)
    return len(full) >= MIN_COLUMN_LINES and sum(unit.letters for unit in full) >= MIN_FULL_SHARE * letters


def _side_by_side(left: Sequence[Unit], right: Sequence[Unit]) -> bool:
    """Whether two columns stand beside each other for most of the shorter one's height."""
    one, two = outline([unit.box for unit in left]), outline([unit.box for unit in right])
    shared = min(one.y1, two.y1) - max(one.y0, two.y0)
    return shared >= MIN_BESIDE_SHARE * min(one.y1 - one.y0, two.y1 - two.y0)


def _crosses(unit: Unit, gutter: float) -> bool:
    across = unit.box.x0 < gutter - GUTTER_PT and unit.box.x1 > gutter + GUTTER_PT
    return across and (unit.letters >= MIN_CROSSING_LETTERS or unit.lines[0].kind == "table")


def _bands(units: Sequence[Unit], gutters: Sequence[float]) -> Iterator[list[Unit]]:
    """The page from top to bottom, cut where a title or a table stands across the columns."""
    crossing = sorted(
        (u for u in units if any(_crosses(u, gutter) for gutter in gutters)), key=lambda unit: unit.middle
    )
    rest = [unit for unit in units if unit not in crossing]
    above = float("-inf")
    for separator in crossing:
        yield [unit for unit in rest if above <= unit.middle < separator.middle]
        yield [separator]
        above = separator.middle
    yield [unit for unit in rest if unit.middle >= above]


def _column(unit: Unit, gutters: Sequence[float]) -> int:
    middle = (unit.box.x0 + unit.box.x1) / 2
    return sum(middle >= gutter - GUTTER_PT for gutter in gutters)


def _read_across(band: Sequence[Unit], gutters: Sequence[float]) -> bool:
    """Whether the given order goes back and forth between columns, or from right to left; once back is for labels.

    Where it does so block by block, as over a grid of boxes, only numbered items can tell that it is wrong.
    """
    columns = [_column(unit, gutters) for unit in band if unit.letters >= MIN_COLUMN_LETTERS]
    blocks = [column for column, _ in groupby(columns)]
    switches = len(blocks) - 1
    if switches > 0 and len(set(blocks)) == len(blocks) and blocks != sorted(blocks):
        return True  # each column in one go, but a right one before one left of it
    if switches <= 2 * len(gutters):
        return False
    given, down = _numbers_back(band), _numbers_back(_down_columns(band, gutters))
    return down < given or (down == given and len(columns) < MAX_LINES_A_VISIT * (switches + 1))


def _numbers_back(units: Sequence[Unit]) -> int:
    """How often the number of an item is lower than the one before."""
    numbers = [int(match[1]) for unit in units if (match := _ITEM.match(unit.lines[0].text))]
    return sum(two < one for one, two in pairwise(numbers))


def _down_columns(band: Sequence[Unit], gutters: Sequence[float]) -> list[Unit]:
    return sorted(band, key=lambda unit: (_column(unit, gutters), unit.box.y1))


def _band_in_order(band: Sequence[Unit], gutters: Sequence[float]) -> list[Unit]:
    return _down_columns(band, gutters) if _read_across(band, gutters) else list(band)
