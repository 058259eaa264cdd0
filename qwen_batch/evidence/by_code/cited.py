"""Numbers of an answer to a workbook: each is a cell, a computed fact or a number of the row that code computed.

Any other has the match `none`, and the row says so. In prose a number may be rounded as it is written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from qwen_batch.evidence.merge import Merged
from qwen_batch.job.facts.dates import iso_day
from qwen_batch.job.workbook.facts import Fact
from qwen_batch.job.workbook.numbers import PERCENT, decimals_of, numbers_of
from qwen_batch.job.workbook.sheets import Sheet
from qwen_batch.outcomes import Evidence
from qwen_batch.records import MatchKind
from qwen_batch.value_paths import nodes, of_each_item, top_field

CITED_VERSION = 1  # part of the fingerprint of every job of workbooks: raise it when a match changes
MAX_CITED_CELLS = 400
MAX_QUOTE_CHARS = 300
LARGE = 1000
"""From here on a whole number of prose may be a rounded one."""
_NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d[\d,]*(?:\.\d+)?(?:\s*(?:%|％|percent|million|万|亿|[kKmM](?![\w])))?")
_SCALES = {"k": 1000, "m": 1_000_000, "million": 1_000_000, "万": 10_000, "亿": 100_000_000}
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?")
FactAt = Callable[[int], Fact | None]


@dataclass(frozen=True, slots=True)
class Known:
    """A number that stands somewhere: its value without sign, its words, its cells."""

    value: Decimal
    quote: str
    cell: str | None
    page: int | None
    match: MatchKind
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """A number as an answer has it: without sign, the least difference that makes it another."""

    value: Decimal
    tolerance: Decimal


def known_numbers(sheets: Sequence[Sheet], facts: Iterable[Fact]) -> list[Known]:
    """All numbers of the cells that are shown and of the facts, by value; a cell before a fact."""
    found = [*_of_cells(sheets), *_of_facts(facts)]
    return sorted(found, key=_place)


def _place(one: Known) -> tuple[Decimal, bool, str]:
    return one.value, one.match == "computed", one.quote


def with_cited(merged: Merged, known: Sequence[Known], text: str, fact_at: FactAt, skipped: frozenset[str]) -> Merged:
    """The result with evidence for each number; `skipped` are fields that code fills. `text` is the document's own."""
    merged = replace(merged, evidence=tuple(_of_fact(one, fact_at) for one in merged.evidence))
    every = sorted([*known, *_of_result(merged, skipped)], key=_place)
    values = [one.value for one in every]
    tokens = {token.replace(",", "") for token in _TOKEN.findall(text)}
    evidence, warnings = list(merged.evidence), list(merged.warnings)
    there = {one.field for one in merged.evidence}
    unknown: set[str] = set()
    for path, said, is_prose in _numbers(merged, skipped):
        number = _said(said, is_prose=is_prose)
        if number is None:
            continue
        place = bisect_left(values, number.value - number.tolerance)
        one = every[place] if place < len(every) and values[place] <= number.value + number.tolerance else None
        if one is not None:
            if is_prose or path not in there:
                evidence.append(
                    Evidence(path, said, one.quote, one.page, one.start, one.end, (), one.match, 1.0, cell=one.cell)
                )
        elif not is_prose or _bare(said) not in tokens:
            unknown.add(top_field(path))
            evidence = [old for old in evidence if is_prose or old.field != path]
            evidence.append(Evidence(path, said, "", None, None, None, (), "none", 0.0))
            warnings.append(f"{of_each_item(path)}: {said} is neither a cell nor a computed fact")
    parts = tuple(replace(part, match="none", score=0.0) if part.field in unknown else part for part in merged.parts)
    return replace(merged, evidence=tuple(evidence), warnings=tuple(dict.fromkeys(warnings)), parts=parts)


def _of_fact(one: Evidence, fact_at: FactAt) -> Evidence:
    """Evidence that stands in a fact's line as that of a computed number with its cells."""
    fact = fact_at(one.start) if one.start is not None else None
    if fact is None:
        return one
    said = _said(one.value, is_prose=False)
    figure = next(
        (figure for figure in fact.figures if said and abs(abs(figure.value) - said.value) <= said.tolerance), None
    )
    cells = figure.cells if figure else ",".join(dict.fromkeys(figure.cells for figure in fact.figures))
    cell = cells[:MAX_CITED_CELLS] if fact.in_sheet else None
    return replace(
        one,
        quote=fact.words[:MAX_QUOTE_CHARS],
        page=fact.page,
        start=None,
        end=None,
        boxes=(),
        match="computed",
        cell=cell,
    )


def _of_cells(sheets: Sequence[Sheet]) -> Iterator[Known]:
    for sheet in sheets:
        for at in range(len(sheet.columns)):
            shown = [row for row in sheet.rows if row.row is not None]
            for row, number in zip(shown, numbers_of([row.cells[at] for row in shown]), strict=True):
                if number is None or row.row is None or at >= len(row.row.cells):
                    continue
                cell = row.row.cells[at]
                address = sheet.address(at, row.number) if sheet.in_sheet else None
                for value in (number.value, number.value * PERCENT) if number.percent else (number.value,):
                    yield Known(abs(value), cell.text, address, row.row.page, "exact", cell.start, cell.end)


def _of_facts(facts: Iterable[Fact]) -> Iterator[Known]:
    for fact in facts:
        for one in fact.figures:
            cell = one.cells[:MAX_CITED_CELLS] or None if fact.in_sheet else None
            for value in (one.value, one.value * PERCENT) if one.percent else (one.value,):
                yield Known(abs(value), fact.words[:MAX_QUOTE_CHARS], cell, fact.page, "computed")


def _of_result(merged: Merged, skipped: frozenset[str]) -> Iterator[Known]:
    """Numbers of the row that code computed: prose may state them, shares also in percent."""
    for one in merged.evidence:
        if one.match != "computed" or not _is_skipped(one.field, skipped):
            continue
        try:
            value = abs(Decimal(one.value))
        except InvalidOperation:
            continue
        for number in (value, value * PERCENT):
            yield Known(number, one.quote, one.cell, one.page, "computed", one.start, one.end)


def _numbers(merged: Merged, skipped: frozenset[str]) -> Iterator[tuple[str, str, bool]]:
    """Each number that the model wrote: its path, how it is written, whether it stands in prose."""
    for node in nodes(merged.result):
        value: Any = node.value
        if _is_skipped(node.path, skipped) or isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            yield node.path, str(value), False
        elif isinstance(value, str) and not node.path.endswith(("quote", "original")) and iso_day(value) is None:
            for found in _NUMBER.finditer(value):
                yield node.path, found[0], True


def _is_skipped(path: str, skipped: frozenset[str]) -> bool:
    return top_field(path) in skipped or of_each_item(path) in skipped


def _bare(said: str) -> str:
    found = _TOKEN.search(said)
    return found[0].replace(",", "") if found else ""


def _said(said: str, *, is_prose: bool) -> _Said | None:
    found = _TOKEN.search(said.replace("−", "-"))
    if found is None:
        return None
    try:
        value = abs(Decimal(found[0].replace(",", "")))
    except InvalidOperation:
        return None
    decimals = decimals_of(value) if "." not in found[0] else len(found[0].partition(".")[2])
    rounds = decimals > 0 or (is_prose and value >= LARGE)
    tolerance = Decimal(5).scaleb(-decimals - 1) if rounds else Decimal(0)
    unit = said[said.find(found[0]) + len(found[0]) :].strip()
    scale = _SCALES.get(unit if unit in _SCALES else unit.lower(), 1) if is_prose else 1
    if scale > 1:
        tolerance = Decimal(5).scaleb(-decimals - 1)
    if is_prose and unit in ("%", "％", "percent"):
        tolerance = Decimal(5).scaleb(-decimals - 1)
    return _Said(value * scale, tolerance * scale)
