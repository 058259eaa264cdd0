"""The values of a chart as the rows of a table: dates and percentages as the chart shows them, gaps as gaps."""

from __future__ import annotations

import datetime as dt

from qwen_batch.reading.parts.ooxml import attribute, child, descendants, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.styles import words_of

EPOCH = dt.date(1899, 12, 30)
MAX_DAYS = 200_000


def chart_rows(root: Element, table: Element) -> list[list[str]]:
    """The cells of a chart's own table; `root` is the chart's document."""
    kinds = {axis: _kind_of_axis(root, axis) for axis in ("x", "y")}
    rows = list(descendants(table, "table-row"))
    return [[_cell(cell, kinds["x" if at == 0 else "y"]) for at, cell in enumerate(_cells(row))] for row in rows]


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if local(cell) == "table-cell"]


def _kind_of_axis(root: Element, axis: str) -> str:
    """What an axis counts in: the name of its number style's element."""
    found = next((item for item in descendants(root, "axis") if attribute(item, "dimension") == axis), None)
    if found is None:
        return ""
    holder = child(root, "automatic-styles")
    found_styles = holder if holder is not None else ()
    styles = {attribute(item, "name"): item for item in found_styles}
    style = styles.get(attribute(found, "style-name"))
    data_style = styles.get(attribute(style, "data-style-name")) if style is not None else None
    return "" if data_style is None else local(data_style)


def _cell(cell: Element, kind: str) -> str:
    text, value = words_of(cell), attribute(cell, "value")
    if value is None or attribute(cell, "value-type") != "float":
        return text
    try:
        number = float(value)
    except ValueError:
        return text
    if number != number:  # noqa: PLR0124 - a gap is not a number
        return ""
    if kind == "date-style" and 0 < number < MAX_DAYS:
        return (EPOCH + dt.timedelta(days=int(number))).isoformat()
    return f"{number * 100:.10g}%" if kind == "percentage-style" else text
