"""Which annotations stand in layers that are switched off: pdfium draws them all the same, so pdfminer is asked.

Annotations in layers are rare, and only documents that have some pay for it (PDF 1.7, 8.11 and 12.5.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

MAX_DEPTH = 20


def annotations_in_hidden_layers(path: Path, number: int) -> frozenset[int]:
    """The places, from 0, of such annotations among those of a page; none in a file that pdfminer cannot read."""
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser
    from pdfminer.pdftypes import resolve1

    try:
        with path.open("rb") as file:
            document = PDFDocument(PDFParser(file))
            page = next(page for at, page in enumerate(PDFPage.create_pages(document), start=1) if at == number)
            layers = _Layers(resolve1(document.catalog.get("OCProperties")) or {}, resolve1)
            annotations = [resolve1(item) for item in resolve1(page.annots) or ()]
            return frozenset(
                at for at, item in enumerate(annotations) if isinstance(item, dict) and not layers.shows(item.get("OC"))
            )
    except Exception:  # noqa: BLE001 - whatever it stumbles over, the page is read as if all layers were shown
        return frozenset()


class _Layers:
    """The state of a document's layers in its default configuration."""

    def __init__(self, properties: Mapping[str, Any], resolve: Any) -> None:
        self._resolve = resolve
        default = resolve(properties.get("D")) or {}
        self._base_off = _name(resolve(default.get("BaseState"))) == "OFF"
        self._off, self._on = ({_id(item) for item in resolve(default.get(key)) or ()} for key in ("OFF", "ON"))

    def shows(self, layer: Any, depth: int = 0) -> bool:
        """Whether what belongs to a layer, or to layers that are named together, is shown."""
        content = self._resolve(layer)
        if not isinstance(content, dict) or depth > MAX_DEPTH:
            return True
        if _name(content.get("Type")) != "OCMD":
            return not (_id(layer) in self._off or (self._base_off and _id(layer) not in self._on))
        named = self._resolve(content.get("OCGs")) or []
        states = [self.shows(item, depth + 1) for item in (named if isinstance(named, list) else [content["OCGs"]])]
        rule = _name(content.get("P")) or "AnyOn"
        wanted = [state == rule.endswith("On") for state in states]
        return not states or (all(wanted) if rule.startswith("All") else any(wanted))


def _id(item: Any) -> int | None:
    return getattr(item, "objid", None)


def _name(item: Any) -> str:
    return str(getattr(item, "name", item) or "")
