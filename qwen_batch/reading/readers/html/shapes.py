"""Makes tables of elements that style sheets or roles lay out as tables, so that their cells stay in rows."""

from __future__ import annotations

from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.html.css import Styles

BY_DISPLAY = {"table": "table", "inline-table": "table", "table-row": "tr", "table-cell": "td"}
BY_DISPLAY |= dict.fromkeys(("table-row-group", "table-header-group", "table-footer-group"), "tbody")
BY_ROLE = {"table": "table", "grid": "table", "rowgroup": "tbody", "row": "tr"}
BY_ROLE |= dict.fromkeys(("cell", "gridcell", "columnheader", "rowheader"), "td")
INSIDE = {"tbody": frozenset(("table",)), "tr": frozenset(("table", "tbody")), "td": frozenset(("tr",))}
PLAIN = frozenset(("div", "span", "section", "ul", "ol", "li", "dl", "dt", "dd", "p", "a", "label", "article", "form"))


def shape_tables(root: Element, styles: Styles) -> None:
    """Renames such elements; a row stands in a table, a cell in a row."""
    for element in root.iter(*PLAIN):
        shape = BY_DISPLAY.get(styles.of(element).get("display", "")) or BY_ROLE.get(element.get("role") or "")
        if shape is not None and (shape == "table" or element.getparent().tag in INSIDE[shape]):
            element.tag = shape
