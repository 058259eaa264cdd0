"""epub: chapters in the order of the spine, pictures as pages, and what is protected says so."""

from __future__ import annotations

import io
from pathlib import Path

from helpers.archives import written, zip_bytes
from helpers.read import failure_of, pages_of, texts
from PIL import Image

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import reader_for

CONTAINER = b'<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'


def book(path: Path, chapters: dict[str, str], spine: list[str], **parts: bytes) -> Path:
    items = "".join(f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters)
    order = "".join(f'<itemref idref="{name}"/>' for name in spine)
    package = f"<package><manifest>{items}</manifest><spine>{order}</spine></package>"
    entries = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package.encode(),
    }
    entries |= {
        f"OEBPS/{name}.xhtml": f"<html><head/><body>{text}</body></html>".encode() for name, text in chapters.items()
    }
    return written(path, zip_bytes(entries | parts))


def test_chapters_stand_in_the_order_of_the_spine(tmp_path: Path) -> None:
    path = book(tmp_path / "a.epub", {"b": "<h1>Two</h1><p>x&#160;y</p>", "a": "<h1>One</h1>"}, ["a", "b"])
    assert [texts(page) for page in pages_of(path)] == [["# One"], ["# Two", "x y"]]


def test_a_book_without_a_spine_is_read_whole_with_a_warning(tmp_path: Path) -> None:
    first, second = pages_of(book(tmp_path / "a.epub", {"b": "two", "a": "one"}, []))
    assert (texts(first), texts(second)) == (["one"], ["two"])
    assert "does not say" in first.warnings[0]


def test_a_chapter_that_is_missing_is_a_warning(tmp_path: Path) -> None:
    path = book(tmp_path / "a.epub", {"a": "one", "b": "two"}, ["a", "b"])
    data = path.read_bytes().replace(b"OEBPS/b.xhtml", b"OEBPS/c.xhtml")
    assert "missing" in pages_of(written(path, data))[1].warnings[0]


def test_a_chapter_that_is_a_picture_is_recognised(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (900, 1200), 255).save(file, "PNG")
    text = '<img src="../img/page%201.png" alt=""/>'
    path = book(tmp_path / "a.epub", {"a": text}, ["a"], **{"img/page 1.png": file.getvalue()})
    (page,) = pages_of(path)
    assert page.needs_ocr == "image"
    assert reader_for("application/epub+zip").render(path, 1, 96, ReadSettings()).mode == "L"


def test_a_protected_book_is_encrypted_and_hidden_fonts_are_not(tmp_path: Path) -> None:
    for part, code in (("OEBPS/a.xhtml", "encrypted"), ("OEBPS/font.otf", "")):
        sealed = (
            f'<encryption><EncryptedData><CipherData><CipherReference URI="{part}"/></CipherData>'
            f"</EncryptedData></encryption>"
        )
        path = book(tmp_path / "a.epub", {"a": "one"}, ["a"], **{"META-INF/encryption.xml": sealed.encode()})
        if code:
            assert failure_of(path).code == code
        else:
            assert texts(pages_of(path)[0]) == ["one"]


def test_a_path_out_of_the_book_leads_nowhere(tmp_path: Path) -> None:
    path = book(tmp_path / "a.epub", {"a": "one"}, ["a"])
    data = path.read_bytes().replace(b"OEBPS/book.opf", b"../../etc/pass")
    assert failure_of(written(path, data)).code == "damaged"


def test_the_style_sheet_of_a_book_was_not_looked_at(tmp_path: Path) -> None:
    chapter = '<link rel="stylesheet" href="book.css"/><p>Fee <b class="k">14</b> 15<i class="h">no</i></p>'
    sheet = b".h{display:none} .k{text-decoration:line-through}"
    (page,) = pages_of(book(tmp_path / "a.epub", {"a": chapter}, ["a"], **{"OEBPS/book.css": sheet}))
    assert texts(page) == ["Fee ~~14~~ 15"]
    assert [(item.kind, item.text) for item in page.hidden] == [("html", "no")]
