"""Reads OpenDocument texts and presentations (odt, odp, their templates and flat XML forms).

Opens the file and puts headers and footers on the pages; the text is walked in `body`, the slides in `slides`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.markdown import NO_BOX
from qwen_batch.reading.parts.ooxml import Package, attribute, child, local, opened_package
from qwen_batch.reading.parts.reader import Reader, Unreadable
from qwen_batch.reading.parts.writer import PageDraft, PageWriter
from qwen_batch.reading.parts.xml import Element, xml_to_tree
from qwen_batch.reading.parts.zip import DAMAGED, zip_kind
from qwen_batch.reading.readers._office import OfficeFormat, PicturedPages, with_pictures
from qwen_batch.reading.readers.odf.body import BodyWalk, walk_of
from qwen_batch.reading.readers.odf.slides import slides_to_writer
from qwen_batch.reading.readers.odf.styles import master_pages, styles_of
from qwen_batch.reading.readers.odf.text import all_text, take_out_deletions
from qwen_batch.records import HiddenText, Line, Page

if TYPE_CHECKING:
    from PIL.Image import Image

TEXT = "application/vnd.oasis.opendocument.text"
SLIDES = "application/vnd.oasis.opendocument.presentation"
KINDS = {f"{mime}{variant}": mime for mime in (TEXT, SLIDES) for variant in ("", "-template", "-master", "-web")}
CONTENT, STYLES, MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
FURTHER = 3
"""A page that is neither the first nor on the left."""
DEFAULT_MASTER = "Standard"

_FLAT = re.compile(rb"<office:document\b[^>]*office:mimetype=\"([^\"]+)\"", re.DOTALL)


def sniff(head: bytes, path: Path) -> str | None:
    """The MIME type that the package, or a flat file, states."""
    kind = zip_kind(head, path)
    if kind is None and (flat := _FLAT.search(head)):
        kind = flat[1].decode("ascii", "replace")
    return KINDS.get(kind or "")


def to_pages(path: Path, settings: ReadSettings) -> PicturedPages:
    """All pages. Raises Unreadable: "encrypted", "damaged", "too_large"."""
    with path.open("rb") as file:
        is_flat = file.read(2) != b"PK"
    if is_flat:
        root = _flat_root(path)
        return PicturedPages(*_flat(*_pages(root, root, None, settings)))
    with opened_package(path, settings) as package:
        if b"encryption-data" in (package.data(MANIFEST) or b""):
            raise Unreadable("encrypted", "The document is protected with a password: save it without one.")
        content = package.tree(CONTENT)
        if content is None:
            raise Unreadable("damaged", f"{DAMAGED} (it has no {CONTENT})")
        pages, drafts = _pages(content, package.tree(STYLES), package, settings)
        return with_pictures(pages, drafts, package, settings, one_page=False)


def _flat_root(path: Path) -> Element:
    try:
        return xml_to_tree(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise Unreadable("damaged", f"{DAMAGED} ({error})") from None


def _flat(pages: Sequence[Page], drafts: Sequence[PageDraft]) -> tuple[tuple[Page, ...], tuple[None, ...]]:
    warning = "a picture on this page was not read: save the document as .odt or PDF if its text matters"
    done = (
        replace(page, warnings=(*page.warnings, warning)) if draft.pictures or draft.furniture_pictures else page
        for page, draft in zip(pages, drafts, strict=True)
    )
    return tuple(done), (None,) * len(pages)


def _pages(
    content: Element, shared: Element | None, package: Package | None, settings: ReadSettings
) -> tuple[tuple[Page, ...], list[PageDraft]]:
    take_out_deletions(content)
    if shared is not None and shared is not content:
        take_out_deletions(shared)
    styles = styles_of(content, shared)
    writer = PageWriter(settings)
    walk = walk_of(writer, package, content, styles)
    body = child(content, "body")
    text, slides = child(body, "text"), child(body, "presentation")
    if text is not None:
        walk.blocks(text)
        return _with_furniture(writer, shared, walk, settings), writer.drafts
    if slides is None:
        raise Unreadable("damaged", f"{DAMAGED} (it has no text)")
    slides_to_writer(slides, walk, shared)
    return writer.pages(), writer.drafts


def _with_furniture(
    writer: PageWriter, shared: Element | None, walk: BodyWalk, settings: ReadSettings
) -> tuple[Page, ...]:
    """The pages with the headers and footers of their kinds of page; what nobody sees in these is hidden once."""
    by_name, masters = master_pages(shared), walk.masters
    done: list[Page] = []
    hidden: set[HiddenText] = set()
    pictures: set[str] = set()
    master, section = None, -1
    for page, draft in zip(writer.pages(), writer.drafts, strict=True):
        begun = draft.section != section
        section = draft.section
        name = masters[min(section, len(masters) - 1)] or DEFAULT_MASTER
        master = by_name.get(name) if begun else _next_master(master, by_name)
        header, footer = (_lines(master, place, page.number, walk, settings) for place in ("header", "footer"))
        if len(writer.drafts) == 1:  # the file may not say where its pages end
            further = _next_master(master, by_name)
            for one in [master] if further is master else [master, further]:
                header.lines += _lines(one, "header", FURTHER, walk, settings).lines
                footer.lines += _lines(one, "footer", FURTHER, walk, settings).lines
        new = [item for item in (*header.hidden, *footer.hidden) if item not in hidden]
        hidden.update(new)
        draft.furniture_pictures += [one for one in (*header.pictures, *footer.pictures) if one not in pictures]
        pictures.update(draft.furniture_pictures)
        lines = (*_furniture(header, "header"), *page.lines, *_furniture(footer, "footer"))
        done.append(replace(page, lines=lines, hidden=(*page.hidden, *new)))
    return tuple(done)


def _next_master(master: Element | None, by_name: Mapping[str | None, Element]) -> Element | None:
    """The kind of page that follows a page of some kind."""
    following = attribute(master, "next-style-name") if master is not None else None
    return by_name.get(following, master) if following else master


def _lines(master: Element | None, place: str, number: int, walk: BodyWalk, settings: ReadSettings) -> PageDraft:
    wanted = [f"{place}-first"] if number == 1 else []
    wanted += [f"{place}-left"] if number % 2 == 0 else []
    element = next((one for name in (*wanted, place) if (one := child(master, name)) is not None), None)
    if element is None or attribute(element, "display") == "false":
        return PageDraft(0)
    aside = PageWriter(settings)
    inside = BodyWalk(aside, walk.package, walk.styles, walk.controls)
    for block in element:
        if local(block) == "table":
            aside.paragraph(all_text(block, walk.styles, walk.controls).text)
        else:
            inside.blocks([block])
    return aside.drafts[0]


def _furniture(draft: PageDraft, kind: Literal["header", "footer"]) -> list[Line]:
    return [Line(text, NO_BOX, kind=kind) for text in dict.fromkeys(line.text for line in draft.lines) if text]


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image:
    """The image of a page that is a picture."""
    return _TEXT.render(path, page_number, dpi, settings)


_TEXT = OfficeFormat(TEXT, TEXT, to_pages)
READER: Reader = Reader(
    "odf",
    (TEXT, SLIDES),
    sniff,
    _TEXT.read,
    render,
    sniff_order=10,
    packages=("lxml", "pillow"),
    bytes_per_token={".odt": 3, ".odp": 50, ".fodt": 3, ".fodp": 3},
)
