"""Objects within a text: charts as the tables behind them, formulas as text.

Dates and percentages read as the chart shows them, gaps as gaps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.odf.styles import words_of

EPOCH = dt.date(1899, 12, 30)
MAX_DAYS = 200_000


def object_to_writer(item: Element, package: Package | None, writer: PageWriter) -> bool:
    """Writes a chart's values or a formula; False for what is to be read as its picture."""
    inner = next((one for one in item if local(one) in {"document", "math"}), None)
    if inner is None:
        part = (attribute(item, "href") or "").removeprefix("./")
        inner = package.tree(f"{part}/content.xml") if package is not None and part else None
    if inner is None:
        return False
    math = inner if local(inner) == "math" else next(descendants(inner, "math"), None)
    if math is not None:
        writer.paragraph(formula_to_text(math))
        return True
    chart = next((one for one in inner.iter("{*}chart") if child(one, "plot-area") is not None), None)
    if chart is None:
        return False
    titles = [words_of(one) for one in chart if local(one) in {"title", "subtitle"}]
    writer.paragraph(" ".join(["Chart:", *titles]) if titles else "Chart")
    for table in descendants(chart, "table"):
        writer.table(_rows(inner, chart, table))
    return True


def _rows(root: Element, chart: Element, table: Element) -> list[list[str]]:
    """The cells of a chart's own table; `root` is the chart's document."""
    holder = child(root, "automatic-styles")
    styles = {attribute(item, "name"): item for item in (holder if holder is not None else ())}
    axes = {attribute(item, "dimension"): _kind(item, styles) for item in descendants(chart, "axis")}
    series = [_kind(item, styles) for item in descendants(chart, "series")]
    kinds = [axes.get("x", ""), *(axes.get("y") or kind for kind in series)]
    rows = list(descendants(table, "table-row"))
    return [[_cell(cell, _at(kinds, at) or axes.get("y", "")) for at, cell in enumerate(_cells(row))] for row in rows]


def _at(kinds: Sequence[str], at: int) -> str:
    return kinds[at] if at < len(kinds) else ""


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if local(cell) == "table-cell"]


def _kind(element: Element, styles: dict[str | None, Element]) -> str:
    """What an axis or a series counts in: the name of its number style's element."""
    style = styles.get(attribute(element, "style-name"))
    data_style = styles.get(attribute(style, "data-style-name")) if style is not None else None
    return "" if data_style is None else local(data_style)


def _cell(cell: Element, kind: str) -> str:
    text, value = words_of(cell), attribute(cell, "value")
    if value is None or attribute(cell, "value-type") not in {"float", "percentage"}:
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
