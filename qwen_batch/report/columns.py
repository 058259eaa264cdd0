"""A field over all documents: how its values are spread, which stand out, and where two places contradict each other.

Knows values and citations; which documents there are it is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from statistics import median

from qwen_batch.report.content import ACCEPTED, Answer, Citation, Fact, Shown, Value, ValueKind
from qwen_batch.value_paths import of_each_item

MIN_COMPARED = 8
"""Of so few numbers none stands out."""
MAX_DISTANCE = 3.5
"""Modified z-score from which on a number stands out (Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers)."""
MAD_TO_DEVIATION = 1.4826
MIN_ALIKE = 85
"""Similarity, of 100, from which on a rare spelling is taken for a frequent one."""
FREQUENT = 3
MOST_BARS = 12
MANY_SINGLES = 5
"""So many values, each of which stands once, are no distribution."""
BINS = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """What one document says in a column."""

    shown: Shown
    answer: Answer
    value: Value
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """The value as text."""
        return str(self.value.value)

    @property
    def citation(self) -> Citation | None:
        """The first place that says it."""
        return next((one for one in self.citations if one.status == ACCEPTED), None)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many documents have a value, or one in a range; `rest` are all values that have no bar of their own."""

    label: str
    count: int
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Outlier:
    """A value that stands out, and why."""

    cell: Cell
    why: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of two that contradict each other: what it says, where, and in which document."""

    shown: Shown
    text: str
    citation: Citation | None
    value_id: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two places that say different things of one field."""

    why: str
    sides: tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a job over all documents; `empty` of them say nothing there."""

    number: int
    job: str
    path: str
    kind: ValueKind
    cells: tuple[Cell, ...]
    empty: int
    bars: tuple[Bar, ...]
    different: int
    outliers: tuple[Outlier, ...]
    conflicts: tuple[Conflict, ...]


def documents_to_columns(documents: Sequence[Shown]) -> tuple[Column, ...]:
    """The columns of all jobs, in the order of their fields."""
    cells: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for shown in documents:
        for answer in shown.answers:
            for fact in answer.facts():
                for value in fact.values:
                    cells[answer.job, of_each_item(value.path)].append(_cell(shown, answer, fact, value))
    across = _across_jobs(cell for ones in cells.values() for cell in ones)
    keys = sorted(cells, key=lambda key: key[0])  # stable: the fields of a job stay in their order
    return tuple(_column(number, *key, cells[key], across) for number, key in enumerate(keys, start=1))


def _cell(shown: Shown, answer: Answer, fact: Fact, value: Value) -> Cell:
    return Cell(shown, answer, value, tuple(one for one in fact.citations if one.number in value.citations))


def _column(number: int, job: str, path: str, cells: Sequence[Cell], across: Sequence[Conflict]) -> Column:
    said = [cell for cell in cells if cell.value.value not in (None, "")]
    own = {cell.value.id for cell in cells}
    conflicts = [*_within(cells), *_between_copies(said)]
    conflicts += [one for one in across if {side.value_id for side in one.sides} & own]
    return Column(
        number=number,
        job=job,
        path=path,
        kind=cells[0].value.kind,
        cells=tuple(said),
        empty=len(cells) - len(said),
        bars=tuple(_bars(said)),
        different=len({cell.text for cell in said}),
        outliers=tuple(_outliers(said)),
        conflicts=tuple(conflicts),
    )


def number_of(cell: Cell) -> float | None:
    """A value on a line: a number as it is, a day as its number since year 1; None for others."""
    value = cell.value.value
    if cell.value.kind in {"integer", "number"} and isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and len(value) >= len("2000-01-01"):
        try:
            return float(date.fromisoformat(value[:10]).toordinal())
        except ValueError:
            return None
    return None


def _numbers(cells: Sequence[Cell]) -> list[float] | None:
    """The values on a line; None if one of them is no number and no day."""
    found = [number for cell in cells if (number := number_of(cell)) is not None]
    return found if found and len(found) == len(cells) else None


def _bars(cells: Sequence[Cell]) -> Iterator[Bar]:
    numbers = _numbers(cells)
    if numbers and len(set(numbers)) > MANY_SINGLES:
        yield from _bins(numbers, is_date=cells[0].value.kind not in {"integer", "number"})
        return
    counted = Counter(cell.text for cell in cells)
    if len(counted) > MANY_SINGLES and len(counted) == len(cells):
        return
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    yield from (Bar(label, count) for label, count in ranked[:MOST_BARS])
    if rest := ranked[MOST_BARS:]:
        yield Bar(f"{len(rest)} others", sum(count for _, count in rest), rest=True)


def _bins(numbers: Sequence[float], *, is_date: bool) -> Iterator[Bar]:
    low, high = min(numbers), max(numbers)
    edges = [low + (high - low) * at / BINS for at in range(BINS + 1)]
    for at, (first, last) in enumerate(pairwise(edges)):
        is_last = at == BINS - 1
        count = sum(1 for one in numbers if first <= one and (one < last or is_last))
        yield Bar(f"{_written(first, is_date=is_date)} to {_written(last, is_date=is_date)}", count)


def _written(number: float, *, is_date: bool) -> str:
    return date.fromordinal(round(number)).isoformat() if is_date else f"{number:,.6g}"


def _outliers(cells: Sequence[Cell]) -> Iterator[Outlier]:
    if numbers := _numbers(cells):
        yield from _far_away(cells, numbers)
    elif cells and cells[0].value.kind == "text":
        yield from _rare_spellings(cells)


def _far_away(cells: Sequence[Cell], numbers: Sequence[float]) -> Iterator[Outlier]:
    middle = median(numbers)
    spread = MAD_TO_DEVIATION * median(abs(one - middle) for one in numbers)
    if len(numbers) < MIN_COMPARED or not spread:
        return
    is_date = cells[0].value.kind not in {"integer", "number"}
    for cell, number in zip(cells, numbers, strict=True):
        if (distance := abs(number - middle) / spread) > MAX_DISTANCE:
            side = "below" if number < middle else "above"
            yield Outlier(cell, f"{distance:.1f} deviations {side} the median, {_written(middle, is_date=is_date)}")


def _rare_spellings(cells: Sequence[Cell]) -> Iterator[Outlier]:
    from rapidfuzz.fuzz import ratio

    counted = Counter(cell.text for cell in cells)
    frequent = [text for text, count in counted.items() if count >= FREQUENT]
    for cell in cells:
        if counted[cell.text] > 1:
            continue
        near = next((one for one in frequent if ratio(one.casefold(), cell.text.casefold()) >= MIN_ALIKE), None)
        if near is not None:
            yield Outlier(cell, f"almost “{near}”, which {counted[near]} values say")


def _within(cells: Iterable[Cell]) -> Iterator[Conflict]:
    """Evidence of one value that says something else: kept as rejected or in conflict, or simply different."""
    for cell in cells:
        best = cell.citation
        for one in cell.citations:
            differs = best is not None and one.field == best.field and one.value != best.value
            if one.status != ACCEPTED or differs:
                first = Side(cell.shown, best.value if best else _nothing(cell), best, cell.value.id)
                why = "two places in one document" if one.status == ACCEPTED else f"evidence is kept as {one.status}"
                yield Conflict(why, (first, Side(cell.shown, one.value, one, cell.value.id)))


def _nothing(cell: Cell) -> str:
    return "no value" if cell.value.value is None else cell.text


def _between_copies(cells: Iterable[Cell]) -> Iterator[Conflict]:
    by_content: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        by_content[cell.shown.doc_id, cell.value.path].append(cell)
    for ones in by_content.values():
        for one, other in combinations(ones, 2):
            if one.shown.key != other.shown.key and one.text != other.text:
                yield Conflict("two copies of one document", (_side(one), _side(other)))


def _across_jobs(cells: Iterable[Cell]) -> list[Conflict]:
    """Two jobs that have a field of the same name and say different things of one document."""
    by_field: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.value.value not in (None, "") and "[" not in cell.value.path:
            by_field[cell.shown.key, cell.value.path].append(cell)
    return [
        Conflict(f"the jobs {one.answer.job} and {other.answer.job}", (_side(one), _side(other)))
        for ones in by_field.values()
        for one, other in combinations(ones, 2)
        if one.answer.job != other.answer.job and one.text != other.text
    ]


def _side(cell: Cell) -> Side:
    return Side(cell.shown, cell.text, cell.citation, cell.value.id)
