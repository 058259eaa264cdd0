"""Reads Word files (docx, docm, dotx): text in order as Markdown, pages as Word last showed them.

Opens the file and puts headers and footers on the pages; the body is walked in `body`.
"""

from __future__ import annotations

from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, opened_package
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.zip import DAMAGED
from qwen_batch.reading.readers._office import OfficeFormat, PicturedPages, with_pictures
from qwen_batch.reading.readers.docx.body import BodyWalk, Sources
from qwen_batch.reading.readers.docx.furniture import Furniture
from qwen_batch.reading.readers.docx.lists import Numbering, Styles

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTE_PARTS = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}


def document_to_pictured(path: Path, settings: ReadSettings) -> PicturedPages:
    """All pages; one, where no program has noted its page breaks in the file."""
    with opened_package(path, settings) as package:
        part = package.main_part()
        root = package.tree(part)
        body = child(root, "body")
        if root is None or body is None:
            raise Unreadable("damaged", f"{DAMAGED} (it has no text part)")
        sections = list(descendants(body, "sectPr"))
        writer = PageWriter(settings)
        sources = _sources(package, part)
        BodyWalk(writer, sources, sections).blocks(body)
        pages = Furniture(package, part, sections).on_pages(writer.pages(), writer.drafts)
        return with_pictures(pages, writer.drafts, package, settings, one_page=False)


def _sources(package: Package, part: str) -> Sources:
    relations = package.relations(part)
    related = {relation.kind: relation.target for relation in relations}
    targets = {relation.id: relation.target for relation in relations}
    wanted = {"styles", "numbering", *NOTE_PARTS}
    trees = {kind: package.tree(target) for kind, target in related.items() if kind in wanted}
    notes = {
        NOTE_PARTS[kind]: {attribute(note, "id") or "": note for note in root}
        for kind, root in trees.items()
        if kind in NOTE_PARTS and root is not None
    }
    return Sources(package, part, targets, Styles(trees.get("styles")), Numbering(trees.get("numbering")), notes)


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
