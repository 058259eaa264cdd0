"""The text of one Word paragraph, run by run: what is shown, where pages break, which notes and boxes hang on it.

Inserted text of tracked changes stays and deleted text goes, as if all changes were accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from qwen_batch.reading.parts.ooxml import attribute, child, children, descendants, is_on, local, relation_id
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, RENDERED_BREAK
from qwen_batch.reading.parts.xml import Element

NoteKind = Literal["footnote", "endnote", "comment"]
DROPPED = frozenset(
    (
        *("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "customXmlPr"),
        *("smartTagPr", "rt", "rubyPr", "oMathParaPr", "proofErr", "tblPr", "tblGrid", "trPr", "tcPr", "tblPrEx"),
    )
)
"""Properties, codes behind fields, and what a tracked change has taken out."""
CONTAINERS = frozenset(("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))
"""Elements around others that mean nothing here, such as content controls."""
NOTE_KINDS: dict[str, NoteKind] = {
    "footnoteReference": "footnote",
    "endnoteReference": "endnote",
    "commentReference": "comment",
}
SYMBOLS = {"F0A8": "☐", "F06F": "☐", "F071": "☐", "F0FE": "☒", "F078": "☒", "F052": "☑", "F0FC": "✓", "F0B7": "•"}
"""Characters of the symbol fonts that forms use as their boxes."""
PICTURE_KINDS = frozenset(("drawing", "pict", "object"))


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A reference to a footnote, an endnote or a comment by its id."""

    kind: NoteKind
    id: str


@dataclass(slots=True)
class ParagraphText:
    """What stands in a paragraph. `boxes` are the contents of text boxes, `graphics` ids of charts and diagrams.

    `pictures` are ids too, all of them of relations.
    """

    text: str = ""
    notes: list[NoteMark] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    graphics: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    hidden: bool = False


def shown_children(element: Element) -> Iterator[Element]:
    """The children, with those of mere containers in their place and without what is not shown."""
    for item in children(element):
        if local(item) in CONTAINERS:
            yield from shown_children(item)
        elif local(item) not in DROPPED:
            yield item


def paragraph_text(paragraph: Element) -> ParagraphText:
    """All of a paragraph's runs, with marks such as `[^2]` where its footnotes are referred to."""
    found = ParagraphText()
    parts = list(_inline(paragraph, found))
    found.text = "".join(parts)
    return found


def _inline(element: Element, found: ParagraphText) -> Iterator[str]:
    for item in shown_children(element):
        if local(item) == "r":
            yield from _run(item, found)
        elif local(item) not in {"p", "tbl"}:
            yield item.text or "" if local(item) == "t" else ""  # a formula holds its text without runs
            yield from _inline(item, found)


def _run(run: Element, found: ParagraphText) -> Iterator[str]:
    if is_on(child(run, "rPr"), "vanish"):
        found.hidden = found.hidden or any(item.text for item in run if local(item) == "t")
        return
    for item in shown_children(run):
        name = local(item)
        if name in NOTE_KINDS:
            mark = NoteMark(NOTE_KINDS[name], attribute(item, "id") or "")
            found.notes.append(mark)
            yield note_label(mark)
        elif name in PICTURE_KINDS:
            found.boxes.extend(descendants(item, "txbxContent"))
            found.graphics.extend(filter(None, map(relation_id, descendants(item, "chart"))))
            found.graphics.extend(filter(None, (relation_id(ids, "dm") for ids in descendants(item, "relIds"))))
            found.pictures.extend(filter(None, (relation_id(blip, "embed") for blip in descendants(item, "blip"))))
            found.pictures.extend(filter(None, map(relation_id, descendants(item, "imagedata"))))
        else:
            yield _piece(item, name)


def _piece(item: Element, name: str) -> str:
    if name == "t":
        return (item.text or "").replace("\n", " ")
    if name == "br":
        return EXPLICIT_BREAK if attribute(item, "type") == "page" else "\n"
    if name == "sym":
        return SYMBOLS.get((attribute(item, "char") or "").upper(), "")
    if name == "fldChar":
        return _check_box(item)
    return {
        "lastRenderedPageBreak": RENDERED_BREAK,
        "tab": "\t",
        "ptab": "\t",
        "cr": "\n",
        "noBreakHyphen": "-",
        "ruby": "",
    }.get(name, "")


def _check_box(field_mark: Element) -> str:
    box = child(field_mark, "ffData", "checkBox")
    if box is None:
        return ""
    return "☒ " if is_on(box, "checked" if child(box, "checked") is not None else "default") else "☐ "


def note_label(mark: NoteMark) -> str:
    """What stands in the text for a note; comments leave no mark."""
    return {"footnote": f"[^{mark.id}]", "endnote": f"[^e{mark.id}]", "comment": ""}[mark.kind]
