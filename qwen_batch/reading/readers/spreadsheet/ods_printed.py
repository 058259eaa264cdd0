"""The heads and feet of a sheet's printed pages in OpenDocument; page numbers, days and file names are none of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import attribute, local
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.spreadsheet.xlsx_parts import PAGE_WORDS
from qwen_batch.records import Line

PLACES: dict[str, Literal["header", "footer"]] = {"header": "header", "footer": "footer"}
PLACES |= {f"{place}-{variant}": kind for place, kind in tuple(PLACES.items()) for variant in ("left", "first")}
FIELDS = frozenset(("page-number", "page-count", "sheet-name", "date", "time", "file-name", "title"))


def printed_lines(master: Element) -> Iterator[Line]:
    """What a kind of page prints above and below its sheet, each text once."""
    seen = set()
    for item in master:
        if (kind := PLACES.get(local(item))) and attribute(item, "display") != "false":
            for paragraph in item.iter("{*}p"):
                text = " ".join(_words(paragraph).split()).strip(" /-")
                if text and text.lower() not in PAGE_WORDS and text not in seen:
                    seen.add(text)
                    yield Line(text, NO_BOX, kind=kind)


def _words(element: Element) -> str:
    inside = (("" if local(item) in FIELDS else _words(item)) + (item.tail or "") for item in element)
    return (element.text or "") + "".join(inside)
