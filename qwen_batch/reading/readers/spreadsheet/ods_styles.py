"""What the styles of an OpenDocument file say that changes what is read: raised, struck out, hidden."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.reading.parts.marks import Height
from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.xml import Element


@dataclass(frozen=True, slots=True)
class Look:
    """What a style says of characters, cells and sheets; None where it leaves it to its parent."""

    height: Height | None = None
    struck: bool | None = None
    hidden: bool = False
    parent: str = ""


def looks_of(root: Element) -> dict[str, Look]:
    """The styles of a part by their names."""
    looks = {}
    for kind in ("automatic-styles", "styles"):
        listed = child(root, kind)
        for style in listed if listed is not None else ():
            if local(style) != "style":
                continue
            text, table = child(style, "text-properties"), child(style, "table-properties")
            position = (attribute(text, "text-position") or "").split() if text is not None else []
            line = (
                attribute(text, "text-line-through-style") or attribute(text, "text-line-through-type")
                if text is not None
                else None
            )
            looks[attribute(style, "name") or ""] = Look(
                _height(position[0]) if position else None,
                None if line is None else line != "none",
                table is not None and attribute(table, "display") == "false",
                attribute(style, "parent-style-name") or "",
            )
    return looks


def _height(position: str) -> Height:
    if position in {"super", "sub"}:
        return "raised" if position == "super" else "lowered"
    share = position.rstrip("%")
    value = float(share) if share.lstrip("-").replace(".", "", 1).isdigit() else 0
    return "raised" if value > 0 else "lowered" if value < 0 else "level"
