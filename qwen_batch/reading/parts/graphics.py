"""The text of charts and diagrams in Office files: they are parts of their own, beside the page that shows them."""

from __future__ import annotations

from collections.abc import Iterator

from qwen_batch.reading.parts.ooxml import Package, child, descendants, local
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element

MAX_CHART_POINTS = 2000


def graphic_to_writer(package: Package, part: str, relation: str, writer: PageWriter) -> None:
    """Writes a chart as its title and the table behind it, a diagram as the text of its shapes."""
    target = next((item.target for item in package.relations(part) if item.id == relation), None)
    root = package.tree(target) if target else None
    if root is None:
        return
    if local(root) == "chartSpace":
        _chart(root, writer)
    else:
        for point in descendants(root, "pt"):
            writer.paragraph(" ".join(drawn_paragraphs(point)))


def drawn_paragraphs(element: Element) -> Iterator[str]:
    """The paragraphs of DrawingML text below an element, without empty ones."""
    for paragraph in descendants(element, "p"):
        if text := drawn_text(paragraph).strip():
            yield text


def drawn_text(paragraph: Element) -> str:
    """One paragraph of DrawingML text; a line break in it stays."""
    parts = []
    for item in paragraph:
        if local(item) == "br":
            parts.append("\n")
        elif local(item) in {"r", "fld"}:
            text = child(item, "t")
            parts.append((text.text or "") if text is not None else "")
        elif local(item) not in {"pPr", "endParaRPr"}:
            parts.extend(text.text or "" for text in descendants(item, "t"))  # a formula
    return "".join(parts)


def _chart(root: Element, writer: PageWriter) -> None:
    for title in descendants(root, "title"):
        writer.paragraph(" ".join(drawn_paragraphs(title)))
    series = list(descendants(root, "ser"))
    if not series:
        return
    columns = [_points(child(series[0], "cat") if child(series[0], "cat") is not None else child(series[0], "xVal"))]
    names = [""]
    for item in series:
        names.append(" ".join(_points(child(item, "tx"))))
        values = child(item, "val")
        columns.append(_points(values if values is not None else child(item, "yVal")))
    height = max(map(len, columns))
    writer.table([names, *[[column[row] if row < len(column) else "" for column in columns] for row in range(height)]])


def _points(data: Element | None) -> list[str]:
    """The values that a chart keeps of the cells it was made from."""
    if data is None:
        return []
    return [value.text or "" for value in descendants(data, "v")][:MAX_CHART_POINTS]
