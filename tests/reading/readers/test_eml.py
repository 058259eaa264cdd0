"""eml: the message first, then what is attached to it; nothing attached costs the message."""

from __future__ import annotations

import io
from email.message import EmailMessage
from pathlib import Path

import pytest
from docx import Document
from helpers.places import SHARED_DATA
from helpers.read import SETTINGS, all_text, failure_of, pages_of, texts, write
from PIL import Image

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import Unreadable, reader_for, sniff_mime
from qwen_batch.reading.readers import eml as eml_module


def message(subject: str = "Offer", body: str = "Dear Ann,\nsee below.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Bob <bob@example.org>", "ann@example.org", subject
    mail["Date"], mail["Message-ID"] = "Fri, 16 Dec 2022 17:04:16 -0500", "<1@example.org>"
    mail.set_content(body)
    return mail


def saved(mail: EmailMessage, tmp_path: Path, name: str = "a.eml") -> Path:
    return write(tmp_path / name, mail.as_bytes())


def attach(mail: EmailMessage, data: bytes, name: str) -> None:
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)


def png(width: int, height: int, colour: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def docx(text: str) -> bytes:
    document, file = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(file)
    return file.getvalue()


def test_headers_then_text(tmp_path: Path) -> None:
    mail = message("Prüfung der Größe — 合同")
    mail["Cc"] = "cid@example.org"
    (page,) = pages_of(saved(mail, tmp_path, "lying.pdf"))
    assert texts(page) == [
        "From: Bob <bob@example.org>",
        "To: ann@example.org",
        "Cc: cid@example.org",
        "Date: Fri, 16 Dec 2022 17:04:16 -0500",
        "Subject: Prüfung der Größe — 合同",
        "Dear Ann,",
        "see below.",
    ]


def test_html_is_read_where_the_plain_text_is_a_stub(tmp_path: Path) -> None:
    mail = message(body="Please view as HTML.")
    mail.add_alternative("<html><h1>Offer</h1><p>" + "The desk costs 10 euros. " * 9 + "</p></html>", subtype="html")
    assert texts(pages_of(saved(mail, tmp_path))[0])[4] == "# Offer"


def test_plain_text_is_read_where_it_says_the_same(tmp_path: Path) -> None:
    mail = message(body="The desk costs 10 euros.")
    mail.add_alternative("<html><h1>The desk costs 10 euros.</h1></html>", subtype="html")
    assert texts(pages_of(saved(mail, tmp_path))[0])[4:] == ["The desk costs 10 euros."]


def test_attachments_of_every_kind_are_pages(tmp_path: Path) -> None:
    mail = message()
    attach(mail, docx("From the Word file"), "terms.pdf")  # told by its content
    attach(mail, b"A;B\n1;2\n3;4\n", "list.csv")
    attach(mail, png(850, 1100), "scan.png")
    pages = pages_of(saved(mail, tmp_path))
    assert [page.number for page in pages] == [1, 2, 3, 4]
    assert texts(pages[0])[-1] == "Attachments: terms.pdf, list.csv, scan.png"
    assert texts(pages[1]) == ["Attachment: terms.pdf", "From the Word file"]
    assert texts(pages[2]) == ["Attachment: list.csv", "| A | B |", "| --- | --- |", "| 1 | 2 |", "| 3 | 4 |"]
    assert pages[3].needs_ocr == "image"


def test_page_of_an_attachment_is_rendered(tmp_path: Path) -> None:
    mail = message()
    frames, file = [Image.new("L", (850, 1100), shade) for shade in (0, 255)], io.BytesIO()
    frames[0].save(file, "TIFF", save_all=True, append_images=frames[1:], dpi=(100, 100))
    attach(mail, png(850, 1100, 128), "one.png")
    attach(mail, file.getvalue(), "two.tif")
    path = saved(mail, tmp_path)
    pages_of(path)
    shades = [reader_for("message/rfc822").render(path, page, 100, SETTINGS).getpixel((5, 5)) for page in (2, 3, 4)]
    assert shades == [128, 0, 255]
    with pytest.raises(Unreadable, match="no page images"):
        reader_for("message/rfc822").render(path, 1, 100, SETTINGS)


def test_rendering_works_in_a_process_that_has_not_read_the_message(tmp_path: Path) -> None:
    mail = message()
    attach(mail, png(850, 1100, 128), "one.png")
    path = saved(mail, tmp_path)
    eml_module._kept_reading.cache_clear()
    assert reader_for("message/rfc822").render(path, 2, 100, SETTINGS).getpixel((5, 5)) == 128


def test_attachment_that_cannot_be_read_is_a_warning(tmp_path: Path) -> None:
    mail = message()
    attach(mail, b"%PDF-1.4\n1 0 obj\n<< /Type", "broken.pdf")
    attach(mail, b"", "empty.txt")
    attach(mail, b"PK\x05\x06" + b"\0" * 18, "archive.zip")
    (page,) = pages_of(saved(mail, tmp_path))
    assert [warning.split("'")[1] for warning in page.warnings] == ["broken.pdf", "empty.txt", "archive.zip"]
    assert "Dear Ann," in texts(page)


def test_forwarded_message_brings_its_attachments(tmp_path: Path) -> None:
    inner = message("Inner")
    attach(inner, docx("deep inside"), "inner.docx")
    mail = message("Outer")
    mail.add_attachment(inner)
    pages = pages_of(saved(mail, tmp_path))
    assert texts(pages[1])[0] == "Attachment: Inner"
    assert "Subject: Inner" in texts(pages[1])
    assert "deep inside" in texts(pages[2])


def test_messages_nested_without_end_are_cut_off_with_a_warning(tmp_path: Path) -> None:
    mail = message("innermost")
    for _ in range(eml_module.MAX_DEPTH + 2):
        outer = message("outer")
        outer.add_attachment(mail)
        mail = outer
    pages = pages_of(saved(mail, tmp_path))
    assert len(pages) == eml_module.MAX_DEPTH + 1
    assert "nested too deeply" in pages[-1].warnings[0]


def test_too_many_attachments_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eml_module, "MAX_ATTACHMENTS", 2)
    mail = message()
    for number in range(4):
        attach(mail, f"text {number}".encode(), f"{number}.txt")
    pages = pages_of(saved(mail, tmp_path))
    assert len(pages) == 3
    assert "after the first 2" in pages[0].warnings[0]


def test_pages_of_attachments_count(tmp_path: Path) -> None:
    mail = message()
    attach(mail, b"one\ftwo\fthree", "a.txt")
    assert failure_of(saved(mail, tmp_path), ReadSettings(max_pages=3)).code == "too_many_pages"


def test_small_picture_in_the_text_is_a_logo(tmp_path: Path) -> None:
    mail = message()
    mail.add_alternative(
        '<html><p>Dear Ann, see below.<img src="cid:logo"><img src="cid:scan"></p></html>', subtype="html"
    )
    html = mail.get_payload()[1]
    html.add_related(png(100, 40), "image", "png", cid="<logo>")
    html.add_related(png(850, 1100), "image", "png", cid="<scan>")
    assert [page.needs_ocr for page in pages_of(saved(mail, tmp_path))] == [None, "image"]


def test_text_with_lines_like_headers_is_no_message(tmp_path: Path) -> None:
    memo = b"To: all staff\nFrom: the board\nSubject: parking\nAmount: 5\n\nPlease park behind the house.\n"
    assert sniff_mime(write(tmp_path / "memo.eml", memo)) == "text/plain"


def test_malformed_headers_and_charsets_do_not_end_the_reading(tmp_path: Path) -> None:
    data = (
        b'MIME-Version: 1.0\nFrom: "unclosed <a@b\nTo: =?utf-9?q?x?=, <>\nSubject: =?utf-8?b?w7Zk?= \xff raw\n'
        b'Content-Type: text/plain; charset="no-such"\n\nGr\xf6\xdfe\n'
    )
    lines = texts(pages_of(write(tmp_path / "a.eml", data))[0])
    assert lines[-1] == "Größe"
    assert any(line.startswith("Subject: ") for line in lines)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real documents at {SHARED_DATA}")
def test_real_messages_in_every_encoding() -> None:
    folder = SHARED_DATA / "unstructured" / "eml"
    for path in sorted(folder.iterdir()):
        assert sniff_mime(path) == "message/rfc822"
        assert "Subject: " in all_text(path)
    for mark in ("", "-utf-16", "-utf-16-be", "-utf-16-le", "-b64"):
        assert "- Roses are red" in all_text(folder / f"fake-email{mark}.eml")
    assert "Hey this is a fake attachment!" in all_text(folder / "fake-email-attachment.eml")
