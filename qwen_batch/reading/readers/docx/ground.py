"""What the text of a Word file stands on: white, a colour, or what nobody can tell, as in boxes and styled tables."""

from __future__ import annotations

from qwen_batch.reading.parts.ooxml import attribute, child, local, value_of
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.docx.characters import is_shaded

PLAIN_TABLES = (None, "TableGrid", "TableNormal")


def lies_behind(body: Element) -> bool:
    """Whether something may lie behind the text: a coloured page, or a drawing."""
    root = body.getparent()
    if root is not None and child(root, "background") is not None:
        return True
    return any((attribute(item, "behindDoc") or "0").lower() in {"1", "true"} for item in body.iter("{*}anchor"))


def on_colour(paragraph: Element) -> bool:
    """Whether a paragraph stands on a colour of its own or of its cell, or may do so: in a box, in a styled table."""
    if is_shaded(child(paragraph, "pPr")):
        return True
    for around in paragraph.iterancestors():
        name = local(around)
        if name == "txbxContent" or (name in {"tc", "tbl"} and is_shaded(child(around, f"{name}Pr"))):
            return True
        if name == "tbl" and value_of(around, "tblPr", "tblStyle") not in PLAIN_TABLES:
            return True
    return False
