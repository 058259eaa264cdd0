"""The table behind a chart, from the values that the chart keeps of the cells it was made from.

Each value has its place, so that one that is missing shifts no other (ECMA-376 part 1, 21.2). Charts of the newer kinds
(waterfall, treemap: `cx`) keep theirs in another shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from qwen_batch.reading.parts.number_format import number_format
from qwen_batch.reading.parts.ooxml import attribute, child, descendants, local, value_of
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element

MAX_CHART_POINTS = 2000
TOO_MANY = f"a chart has more than {MAX_CHART_POINTS} points: only these were read"
NO_VALUES = "a chart without stored values was not read: open the file in Office and save it"
DATE = "yyyy-mm-dd"
CATEGORIES, VALUES = ("cat", "xVal"), ("val", "yVal")
EXTENSIONS = "extLst"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of points: what each place is called and its value, both by place from 0."""

    name: str
    labels: dict[int, str] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    sizes: dict[int, str] = field(default_factory=dict)


def chart_to_writer(root: Element, writer: PageWriter) -> None:
    """Writes a chart's values as a table; series with labels of their own are tables of their own."""
    newer = any(True for _ in descendants(root, "chartData"))
    series = list(_newer(root) if newer else _series(root, writer))
    if any(max(one.values, default=0) >= MAX_CHART_POINTS for one in series):
        writer.warn(TOO_MANY)
    if series and not any(one.values for one in series):
        writer.warn(NO_VALUES)
    while series:
        same = [one for one in series if one.labels == series[0].labels or not one.labels]
        series = [one for one in series if one not in same]
        _table(same, writer)


def _table(series: list[Series], writer: PageWriter) -> None:
    labels = series[0].labels
    columns: list[tuple[str, dict[int, str]]] = [("", labels)]
    for one in series:
        columns.append((one.name, one.values))
        if one.sizes:
            columns.append((f"{one.name} (size)", one.sizes))
    places = sorted({place for _, column in columns for place in column if place < MAX_CHART_POINTS})
    rows = [[column.get(place, "") for _, column in columns] for place in places]
    writer.table([[name for name, _ in columns], *rows])


def _series(root: Element, writer: PageWriter) -> Iterator[Series]:
    date1904 = value_of(root, "date1904") in {"1", "true"}
    days = _axis_format(root, "dateAx")
    found = list(_shown(root))
    for number, item in enumerate(found, start=1):
        labels = next((part for name in CATEGORIES if (part := child(item, name)) is not None), None)
        values = next((part for name in VALUES if (part := child(item, name)) is not None), None)
        name = " ".join(_points(child(item, "tx"), date1904=date1904).values())
        yield Series(
            name or f"Series {number}",
            _points(labels, date1904=date1904, instead=days),
            _points(values, date1904=date1904, instead=_axis_format(root, "valAx")),
            _points(child(item, "bubbleSize"), date1904=date1904),
        )
    for item in _filtered(root):
        writer.hide("shape", " ".join(value.text or "" for value in descendants(item, "v")))


def _shown(element: Element) -> Iterator[Element]:
    """The series that the chart shows; those that are filtered out stand in its extensions."""
    for item in element:
        if local(item) == "ser":
            yield item
        elif local(item) not in {EXTENSIONS, "Fallback"}:
            yield from _shown(item)


def _filtered(root: Element) -> Iterator[Element]:
    for extension in descendants(root, EXTENSIONS):
        yield from descendants(extension, "ser")


def _axis_format(root: Element, axis: str) -> str:
    """The format of an axis by its own word, "" where it takes that of the cells; a date axis has one anyway."""
    found = next(descendants(root, axis), None)
    if found is None:
        return ""
    format_ = child(found, "numFmt")
    own = format_ is not None and (attribute(format_, "sourceLinked") or "0") not in {"1", "true"}
    code = attribute(format_, "formatCode") or "" if format_ is not None else ""
    if axis == "dateAx":
        return code if code.lower() not in {"", "general"} else DATE
    return code if own else ""


def _points(data: Element | None, *, date1904: bool, instead: str = "") -> dict[int, str]:
    """The values by their place; `instead` is the format of values whose cells have none."""
    if data is None:
        return {}
    levels = [item for item in descendants(data, "lvl") if local(item) == "lvl"]
    if levels:
        return _levels(levels)
    points = [item for item in descendants(data, "pt") if attribute(item, "idx")]
    if not points:  # a name or a value without a cell
        return dict(enumerate(value.text or "" for value in descendants(data, "v")))
    code = next((item.text or "" for item in descendants(data, "formatCode")), "")
    if code.lower() in {"", "general"}:
        code = instead
    numbers = any(True for name in ("numCache", "numLit") for _ in descendants(data, name))
    found = {}
    for item in points:
        place, value = attribute(item, "idx") or "", next(descendants(item, "v"), None)
        if not place.isdigit() or value is None:
            continue
        text = (value.text or "").strip()
        own = attribute(item, "formatCode") or code
        found[int(place)] = number_format(own, date1904=date1904).shown(text) or text if numbers else text
    return found


def _levels(levels: list[Element]) -> dict[int, str]:
    """Labels of several levels, the innermost first in the file: an outer one stands for all places up to the next."""
    by_level = [
        {
            int(place): "".join(item.itertext()).strip()
            for item in level
            if (place := attribute(item, "idx") or "").isdigit()
        }
        for level in levels
    ]
    labels: dict[int, str] = {}
    outer = [""] * len(by_level)
    for at in sorted({key for level in by_level for key in level}):
        for index, level in enumerate(by_level):
            outer[index] = level.get(at, outer[index] if index else "")
        labels[at] = " ".join(filter(None, reversed(outer)))
    return labels


def _newer(root: Element) -> Iterator[Series]:
    """The series of a chart of the newer kinds, each by the number of its data."""
    names = {}
    for item in descendants(root, "series"):
        title = child(item, "tx", "txData", "v")
        names[value_of(item, "dataId") or ""] = (title.text or "") if title is not None else ""
    for number, data in enumerate(descendants(root, "data"), start=1):
        labels: dict[int, str] = {}
        values: dict[int, str] = {}
        for dimension in data:
            levels = [item for item in dimension if local(item) == "lvl"]
            if local(dimension) == "strDim":
                labels = _levels(levels)
            elif local(dimension) == "numDim" and levels:
                shown = number_format(attribute(levels[0], "formatCode") or "")
                values = {place: shown.shown(text) for place, text in _levels(levels[:1]).items()}
        yield Series(names.get(attribute(data, "id") or "", "") or f"Series {number}", labels, values)
