"""Reads Word files (docx, docm, dotx): text in order as Markdown, pages as Word last showed them.

Opens the file and puts headers and footers on the pages; the body is walked in `body`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import bytes_as_file
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, opened_package
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers._office import OfficeFormat, PicturedPages, with_pictures
from qwen_batch.reading.readers.docx.body import BodyWalk, Sources
from qwen_batch.reading.readers.docx.characters import Characters
from qwen_batch.reading.readers.docx.embedded import embedded_to_writer, is_package
from qwen_batch.reading.readers.docx.furniture import Furniture
from qwen_batch.reading.readers.docx.lists import Numbering, Styles
from qwen_batch.reading.readers.docx.notes import NoteKind, Notes
from qwen_batch.reading.readers.docx.text import Story

if TYPE_CHECKING:
    from qwen_batch.reading.parts.xml import Element

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTE_PARTS: dict[str, NoteKind] = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}
EMBEDDED_PICTURES = "pictures of a file within the text were not read: open the document in Word and save it anew"
MAX_EMBEDDED = 3
"""Word files within Word files are read so many deep."""


def document_to_pictured(path: Path, settings: ReadSettings) -> PicturedPages:
    """All pages; one, where no program has noted its page breaks in the file."""
    with opened_package(path, settings) as package:
        writer = PageWriter(settings)
        word = _WordFile(package, settings, 0)
        word.write(writer)
        furniture = Furniture(package, word.part, word.sections, word.story)
        pages = furniture.on_pages(writer.pages(), writer.drafts)
        return with_pictures(pages, writer.drafts, package, settings, one_page=False)


class _WordFile:
    """An opened Word file; `depth` is in how many others it is embedded."""

    def __init__(self, package: Package, settings: ReadSettings, depth: int) -> None:
        self.part = package.main_part()
        root = package.tree(self.part)
        self._body = child(root, "body")
        if self._body is None:
            raise Unreadable("damaged", f"{DAMAGED} (it has no text part)")
        self._package = package
        self._settings = settings
        self._depth = depth
        self.sections = list(descendants(self._body, "sectPr"))
        relations = package.relations(self.part)
        related = {relation.kind: relation.target for relation in relations}
        self._pictures = any(relation.kind == "image" for relation in relations)
        # Pictures of an embedded file are in that file: nobody finds them behind the pages
        known = [relation for relation in relations if relation.kind != "image" or not depth]
        self._targets = {relation.id: relation.target for relation in known}
        wanted = {"styles", "numbering", "settings", *NOTE_PARTS}
        self._trees = {kind: package.tree(target) for kind, target in related.items() if kind in wanted}
        self._characters = Characters(self._trees.get("styles"))
        notes: dict[NoteKind, dict[str, Element]] = {
            NOTE_PARTS[kind]: {attribute(note, "id") or "": note for note in tree}
            for kind, tree in self._trees.items()
            if kind in NOTE_PARTS and tree is not None
        }
        self._notes = Notes(notes, self._trees.get("settings"), self.sections)

    def story(self, root: Element) -> Story:
        """What reads a part of the file with a text of its own, such as a header or a note."""
        return Story(self._characters, Notes({}), root)

    def write(self, writer: PageWriter) -> None:
        """Writes the body."""
        if self._depth and self._pictures:
            writer.warn(EMBEDDED_PICTURES)
        styles = Styles(self._trees.get("styles"))
        sources = Sources(
            self._package,
            self.part,
            self._targets,
            styles,
            Numbering(self._trees.get("numbering"), styles),
            self._notes,
            Story(self._characters, self._notes, self._body),
            self.story,
            self._embedded,
        )
        BodyWalk(writer, sources, self.sections).blocks(self._body)

    def _embedded(self, part: str, writer: PageWriter) -> None:
        data = self._package.data(part) if part else None
        if data is None or not is_package(data) or self._depth >= MAX_EMBEDDED:
            embedded_to_writer(part, data, writer)
            return
        with bytes_as_file(data) as file, opened_package(file, self._settings) as package:
            section = writer.section
            _WordFile(package, self._settings, self._depth + 1).write(writer)
            writer.section = section


_WORD = OfficeFormat("docx", MIME, document_to_pictured)
READER: Reader = Reader(
    "docx",
    (MIME,),
    _WORD.sniff,
    _WORD.read,
    _WORD.render,
    packages=("lxml", "pillow"),
    bytes_per_token={".docx": 3},
)
