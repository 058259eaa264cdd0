"""The numbers that a workbook's questions have, by pandas and calamine alone: no code of the project takes part.

What a file hides is told by its own XML, for calamine does not say it. Hidden rows are in no number.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.workbooks.made import Slots

TOTALS = re.compile(r"(?:grand |sub)?total|sum |合计|总计", re.IGNORECASE)
_ROW = re.compile(r'<row r="(\d+)"([^>]*)>')


def sheet_frame(path: Path, sheet: str) -> Any:
    """The rows of data of a sheet that are shown, as a frame with the names of its columns."""
    import pandas as pd

    raw = pd.read_excel(path, sheet_name=sheet, header=None, engine="calamine")
    head = next(at for at in range(len(raw)) if raw.iloc[at].notna().sum() > 1)
    frame = raw.iloc[head + 1 :].set_axis(list(raw.iloc[head]), axis=1)
    hidden = _hidden_rows(path, sheet)
    kept = [at for at in frame.index if at not in hidden and not TOTALS.match(str(frame.loc[at].iloc[0]))]
    return frame.loc[kept].dropna(how="all")


def recomputed(path: Path, sheet: str, slots: Slots) -> float | dict[str, float]:
    """The number that the slots ask for, or one for each value of the column that they go by."""
    frame = sheet_frame(path, sheet)
    for column, sign, value in slots.where:
        kept = [at for at, cell in frame[column].items() if _holds(cell, sign, value)]
        frame = frame.loc[kept]
    if slots.group_by is None:
        return _reduced(frame[slots.column], slots.function)
    key, _, period = slots.group_by.partition(" by ")
    by = frame[key]
    if period:
        by = by.map(lambda day: day.isoformat()[: 7 if period == "month" else 4])
    return {str(name): _reduced(part[slots.column], slots.function) for name, part in frame.groupby(by)}


def _reduced(cells: Any, function: str) -> float:
    if function == "count":
        return float(cells.notna().sum())
    if function == "distinct":
        return float(cells.nunique())
    numbers = cells.dropna().astype(float)
    return float({"sum": numbers.sum, "average": numbers.mean, "min": numbers.min, "max": numbers.max}[function]())


def _holds(cell: Any, sign: str, value: str) -> bool:
    if sign in ("=", "!="):
        same = float(cell) == float(value) if isinstance(cell, int | float) else str(cell).startswith(value)
        return same is (sign == "=")
    number, bound = (cell, float(value)) if isinstance(cell, int | float) else (cell.isoformat()[:10], value)
    return {">": number > bound, ">=": number >= bound, "<": number < bound, "<=": number <= bound}[sign]


def _hidden_rows(path: Path, sheet: str) -> set[int]:
    """The rows of a sheet that are hidden, counted from 0."""
    with zipfile.ZipFile(path) as package:
        names = re.findall(r'<sheet name="([^"]*)"', package.read("xl/workbook.xml").decode())
        xml = package.read(f"xl/worksheets/sheet{names.index(sheet) + 1}.xml").decode()
    return {int(number) - 1 for number, about in _ROW.findall(xml) if 'hidden="1"' in about}
