"""The text of Word's paragraphs, run by run: what is shown, what is not, which notes and boxes hang on it.

Inserted text of tracked changes stays and deleted text goes, as if all changes were accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from string import hexdigits

from qwen_batch.reading.parts.inline.field_codes import field_code_to_text
from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.inline.symbols import symbol, symbols_to_text
from qwen_batch.reading.parts.marks import Run, runs_to_text
from qwen_batch.reading.parts.ooxml import attribute, child, children, descendants, local, relation_id, value_of
from qwen_batch.reading.parts.writer import EXPLICIT_BREAK, RENDERED_BREAK
from qwen_batch.reading.parts.xml import Element
from qwen_batch.reading.readers.docx.characters import Characters, Look
from qwen_batch.reading.readers.docx.fields import Fields
from qwen_batch.reading.readers.docx.ground import lies_behind, on_colour
from qwen_batch.reading.readers.docx.notes import NOTE_KINDS, NoteMark, Notes, is_deleted_mark
from qwen_batch.records import HiddenKind, HiddenText

DROPPED = frozenset(
    (
        *("moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "customXmlPr"),
        *("smartTagPr", "rt", "rubyPr", "oMathParaPr", "proofErr", "tblPr", "tblGrid", "trPr", "tcPr", "tblPrEx"),
    )
)
"""Properties, codes behind fields, and what a tracked change has moved away."""
CONTAINERS = frozenset(("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))
"""Elements around others that mean nothing here, such as content controls."""
MAX_CODE_DIGITS = 6
PICTURE_KINDS = frozenset(("drawing", "pict", "object"))
OBJECT = "an embedded file ({name}) on this page was not read: only its picture is shown"
PIECES = {
    "lastRenderedPageBreak": RENDERED_BREAK,
    "tab": "\t",
    "ptab": "\t",
    "cr": "\n",
    "noBreakHyphen": "-",
}


@dataclass(slots=True)
class ParagraphText:
    """What stands in a paragraph. `boxes` are the contents of text boxes, `graphics` ids of charts and diagrams.

    `pictures` are ids too, all of them of relations. `hidden` is what nobody sees.
    """

    text: str = ""
    notes: list[NoteMark] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    graphics: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    hidden: list[HiddenText] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def append(self, other: ParagraphText) -> None:
        """Adds what stands in a paragraph that goes on in the same line."""
        apart = " " if self.text[-1:].isalnum() and other.text[:1].isalnum() else ""
        self.text += apart + other.text
        for name in ("notes", "boxes", "drawn", "graphics", "pictures", "hidden", "warnings"):
            getattr(self, name).extend(getattr(other, name))


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a container; `found` is what stands in it if it is a paragraph."""

    element: Element
    found: ParagraphText | None


def shown_children(element: Element) -> Iterator[Element]:
    """The children, with those of mere containers in their place and without what is not shown."""
    for item in children(element):
        if local(item) in CONTAINERS:
            yield from shown_children(item)
        elif local(item) not in DROPPED and local(item) != "del":
            yield item


def words_in(element: Element) -> str:
    """All letters below an element, deleted ones too, for what is hidden as a whole."""
    return " ".join(item.text for item in element.iter("{*}t", "{*}delText") if item.text).strip()


class Story:
    """Reads the paragraphs of one part of a file in order, each once: notes and fields are counted on the way."""

    def __init__(self, characters: Characters, notes: Notes, part: Element | None) -> None:
        self._characters = characters
        self._notes = notes
        self._fields = Fields(part)
        self._plain = part is not None and local(part) == "body" and not lies_behind(part)

    def blocks(self, container: Element) -> Iterator[Block]:
        """The blocks of a body, a cell or a box; paragraphs whose ends are deleted are one."""
        open_block: Block | None = None
        for element in shown_children(container):
            if local(element) != "p":
                if open_block is not None:
                    yield open_block
                    open_block = None
                yield Block(element, None)
                continue
            found = self.paragraph(element)
            if open_block is not None and open_block.found is not None:
                open_block.found.append(found)
                found = open_block.found
            open_block = Block(element, found)
            if not is_deleted_mark(element):
                yield open_block
                open_block = None
        if open_block is not None:
            yield open_block

    def paragraph(self, paragraph: Element) -> ParagraphText:
        """All of a paragraph's runs, with marks such as `[^2]` where its footnotes are referred to."""
        style = value_of(paragraph, "pPr", "pStyle")
        plain = self._plain and not on_colour(paragraph)
        reading = _Reading(self._characters, self._notes, self._fields, style, on_white=plain)
        reading.inline(paragraph)
        self._fields.end_paragraph()
        return reading.done()


class _Reading:
    """One paragraph while it is read: its runs, and readings of ruby text that wait until their bases are whole."""

    def __init__(
        self, characters: Characters, notes: Notes, fields: Fields, style: str | None, *, on_white: bool
    ) -> None:
        self._on_white = on_white
        self._characters = characters
        self._notes = notes
        self._fields = fields
        self._style = style
        self._found = ParagraphText()
        self._runs: list[Run] = []
        self._ruby = ""
        self._hidden: list[tuple[HiddenKind, str]] = []
        self._deleted: list[str] = []

    def done(self) -> ParagraphText:
        self._add("", Look(), ends=True)
        self._found.text = runs_to_text(self._runs)
        for kind, pieces in groupby(self._hidden, key=lambda piece: piece[0]):
            if hidden := "".join(text for _, text in pieces).strip():
                self._found.hidden.append(HiddenText(kind, hidden))
        self._found.hidden.extend(HiddenText("deleted", words) for words in self._deleted if words)
        return self._found

    def inline(self, element: Element) -> None:
        """All runs below an element."""
        for item in children(element):
            name = local(item)
            if name == "del":
                self._deleted.append(words_in(item))
            elif name in DROPPED or name in {"p", "tbl"}:
                continue
            elif name == "r":
                self._run(item)
            elif name == "oMath":
                if self._fields.shown:
                    self._add(formula_to_text(item), Look())
            elif name == "fldSimple" and next(item.iter("{*}t"), None) is None:
                self._add(field_code_to_text(attribute(item, "instr") or ""), Look())
            else:
                self.inline(item)

    def _run(self, run: Element) -> None:
        look = self._characters.look(child(run, "rPr"), self._style)
        for item in children(run):
            name = local(item)
            if name == "fldChar":
                text = self._fields.mark(item)
                self._add(text, look)
            elif name == "ruby":
                self._ruby_text(item)
            elif name in CONTAINERS:
                self.inline(item)
            elif name == "instrText":
                self._fields.code(item.text or "")
            elif not self._fields.shown or name in DROPPED or name == "del":
                continue
            elif look.hidden or (name == "t" and (look.tiny or (look.white and self._on_white))):
                kind: HiddenKind = "run" if look.hidden else "tiny" if look.tiny else "white"
                self._hidden.append((kind, (item.text or "") if name == "t" else ""))
            elif name in NOTE_KINDS:
                mark = self._notes.refer(item)
                self._found.notes.append(mark)
                self._add(mark.label, Look(struck=look.struck))
            elif name in PICTURE_KINDS:
                self._picture(item)
            else:
                self._add(_piece(item, name, look), look)

    def _add(self, text: str, look: Look, *, ends: bool = False) -> None:
        if self._ruby and (text or ends):
            self._runs.append(Run(f"({self._ruby})"))
            self._ruby = ""
        if text:
            self._fields.answer()
            self._runs.append(Run(text, look.height, look.struck))

    def _ruby_text(self, ruby: Element) -> None:
        """The base in its place; the readings of bases that follow each other behind the last one."""
        waiting, self._ruby = self._ruby, ""
        base, reading = child(ruby, "rubyBase"), child(ruby, "rt")
        if base is not None:
            self.inline(base)
        self._ruby = waiting + (
            "".join(item.text or "" for item in descendants(reading, "t")) if reading is not None else ""
        )

    def _picture(self, item: Element) -> None:
        found = self._found
        about = next(descendants(item, "docPr"), None)
        if about is not None and (attribute(about, "hidden") or "0").lower() in {"1", "true", "on"}:
            found.hidden.append(HiddenText("shape", words_in(item)))
            return
        found.boxes.extend(descendants(item, "txbxContent"))
        found.drawn.extend(filter(None, (attribute(path, "string") for path in descendants(item, "textpath"))))
        found.graphics.extend(filter(None, map(relation_id, descendants(item, "chart"))))
        found.graphics.extend(filter(None, (relation_id(ids, "dm") for ids in descendants(item, "relIds"))))
        found.pictures.extend(filter(None, (relation_id(blip, "embed") for blip in descendants(item, "blip"))))
        found.pictures.extend(filter(None, map(relation_id, descendants(item, "imagedata"))))
        for embedded in descendants(item, "OLEObject"):
            found.warnings.append(OBJECT.format(name=attribute(embedded, "ProgID") or "unknown"))


def _piece(item: Element, name: str, look: Look) -> str:
    if name == "t":
        return symbols_to_text((item.text or "").replace("\n", " "), look.font)
    if name == "br":
        return EXPLICIT_BREAK if attribute(item, "type") == "page" else "\n"
    if name == "sym":
        code = attribute(item, "char") or ""
        return symbol(int(code, 16), attribute(item, "font")) if _is_hex(code) else ""
    return PIECES.get(name, "")


def _is_hex(text: str) -> bool:
    return bool(text) and len(text) <= MAX_CODE_DIGITS and all(sign in hexdigits for sign in text)
