"""eml: mail as people forward it: encoded attachments, raw headers, html tables, flowed"
" text, winmail.dat, mailboxes."""

from __future__ import annotations

import base64
import quopri
import struct
from email.message import EmailMessage
from pathlib import Path

import pytest
from helpers.read import all_text, pages_of, texts, write

from qwen_batch.reading.parts.lzfu import START, rtf_from_packed

INNER = (
    "From: cy@example.org\nSubject: Größe\nMessage-ID: "
    "<2@x>\nContent-Type: text/plain; charset=utf-8\n\nShip 640 valves.\n"
)


def attached(encoding: str, body: bytes) -> bytes:
    head = "Subject: outer\nMessage-ID: <1@x>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    part = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode() + part.encode() + body + b"\n--b--\n"


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("base64", base64.encodebytes(INNER.encode())),
        ("quoted-printable", quopri.encodestring(INNER.encode())),
        ("8bit", INNER.encode()),
    ],
)
def test_an_attached_message_that_is_encoded_was_read_undecoded(tmp_path: Path, encoding: str, encoded: bytes) -> None:
    said = all_text(write(tmp_path / "a.eml", attached(encoding, encoded)))
    assert "Ship 640 valves." in said
    assert "Subject: Größe" in said


@pytest.mark.parametrize("charset", ["cp1252", "iso-8859-15", "gb18030", "koi8-r"])
def test_raw_headers_are_in_the_encoding_of_the_text(tmp_path: Path, charset: str) -> None:
    subject = {"gb18030": "合同编号", "koi8-r": "Договор аренды"}.get(charset, "Kündigung der Büroräume")
    mail = f"Subject: {subject}\nFrom: Jörg\nMessage-ID: <1@x>\nContent-Type: text/plain; charset={charset}\n\nText.\n"
    data = mail.replace("Jörg", "J").encode(charset)
    assert texts(pages_of(write(tmp_path / "a.eml", data))[0])[1] == f"Subject: {subject}"


def test_the_raw_name_of_an_attachment_is_in_the_encoding_of_the_text(tmp_path: Path) -> None:
    part = (
        'Content-Type: text/csv; name="Größe.csv"\nContent-Disposition: attachment; filename="Größe.csv"\n\na,b\n1,2\n'
    )
    mail = (
        "Subject: s\nMessage-ID: <1@x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        f"Content-Type: text/plain; charset=cp1252\n\nDie Größe.\n--b\n{part}--b--\n"
    )
    assert "Attachments: Größe.csv" in all_text(write(tmp_path / "a.eml", mail.encode("cp1252")))


def alternative(plain: str, html: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = "s", "<1@x>"
    mail.set_content(plain)
    mail.add_alternative(html, subtype="html")
    return mail


def test_the_table_that_stands_in_the_html_variant_alone_was_lost(tmp_path: Path) -> None:
    prose = "Thank you for the talk on Tuesday. The prices for the season are set out below. " * 3
    html = f"<p>{prose}</p><table><tr><th>Item</th><th>EUR</th></tr><tr><td>Bolt</td><td>7.80</td></tr></table>"
    assert "| Bolt | 7.80 |" in all_text(write(tmp_path / "a.eml", alternative(prose, html).as_bytes()))


def test_what_nobody_sees_in_the_html_variant_does_not_choose_it(tmp_path: Path) -> None:
    html = '<p>The desk costs <b>10</b> euros.</p><div style="display:none">Preheader 99</div>'
    said = all_text(write(tmp_path / "a.eml", alternative("*The desk costs* 10 euros.\n", html).as_bytes()))
    assert "*The desk costs* 10 euros." in said


@pytest.mark.parametrize(("delsp", "joined"), [("yes", "KV-2291-A"), ("no", "KV-22 91-A")])
def test_flowed_text_with_delsp_kept_the_space_that_was_to_go(tmp_path: Path, delsp: str, joined: str) -> None:
    head = f"Subject: s\nMessage-ID: <1@x>\nContent-Type: text/plain; format=flowed; delsp={delsp}\n\n"
    assert joined in all_text(write(tmp_path / "a.eml", f"{head}Number KV-22 \n91-A\n From the start\n".encode()))


def test_an_attached_mailbox_gives_all_of_its_messages(tmp_path: Path) -> None:
    box = b"".join(
        f"From a@x Mon Jan  1 00:00:00 2024\nSubject: {n}\nMessage-ID: <{n}@x>\n\nWords of {n}\n\n".encode()
        for n in ("one", "two")
    )
    mail = alternative("See the box.", "<p>See the box.</p>")
    mail.add_attachment(box, maintype="application", subtype="octet-stream", filename="in.mbox")
    said = all_text(write(tmp_path / "a.eml", mail.as_bytes()))
    assert "Words of one" in said
    assert "Words of two" in said


def tnef(*attributes: tuple[int, bytes]) -> bytes:
    found = b"\x78\x9f\x3e\x22\x01\x00"
    for number, data in attributes:
        found += struct.pack("<BII", 1 + (number in FILE_LEVEL), number, len(data)) + data + b"\0\0"
    return found


FILE_LEVEL = (0x00069002, 0x00018010, 0x0006800F, 0x00069005)


def properties(values: dict[tuple[int, int], bytes]) -> bytes:
    found = struct.pack("<I", len(values))
    for (number, kind), value in values.items():
        found += struct.pack("<HHII", kind, number, 1, len(value)) + value.ljust(-(-len(value) // 4) * 4, b"\0")
    return found


def winmail(data: bytes, body: str = "See the file.\n") -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = "s", "<1@x>"
    mail.set_content(body)
    mail.add_attachment(data, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return mail.as_bytes()


def test_the_files_in_winmail_dat_are_read_under_their_long_names(tmp_path: Path) -> None:
    long_name = properties({(0x3707, 0x001F): "Größe der Räume.txt\0".encode("utf-16-le")})
    data = tnef(
        (0x00069002, b""),
        (0x00018010, b"GRSSE~1.TXT\0"),
        (0x0006800F, b"Retention is 8 percent."),
        (0x00069005, long_name),
    )
    said = all_text(write(tmp_path / "a.eml", winmail(data)))
    assert "Retention is 8 percent." in said
    assert "Attachment: Größe der Räume.txt" in said
    assert "winmail.dat" not in said


def test_a_message_in_winmail_dat_and_one_whose_text_stands_there_alone(tmp_path: Path) -> None:
    inner = tnef((0x00069003, properties({(0x0037, 0x001E): b"Inner\0", (0x1013, 0x0102): b"<p>Inner words 12</p>"})))
    embedded = properties({(0x3701, 0x000D): bytes(16) + inner, (0x3001, 0x001E): b"Forwarded\0"})
    data = tnef(
        (0x00069003, properties({(0x1000, 0x001E): b"Outer words 7\0"})), (0x00069002, b""), (0x00069005, embedded)
    )
    said = all_text(write(tmp_path / "a.eml", winmail(data, "")))
    assert "Outer words 7" in said
    assert "Subject: Inner" in said
    assert "Inner words 12" in said


def test_a_broken_winmail_dat_costs_nothing_but_itself(tmp_path: Path) -> None:
    data = tnef((0x00069002, b""), (0x0006800F, b"Whole file."), (0x00069005, properties({(1, 0x0102): b"x"})))
    for cut in range(0, len(data), 7):
        assert "See the file." in all_text(write(tmp_path / "a.eml", winmail(data[:cut])))


def test_compressed_rtf() -> None:
    literal = b"{\\rtf1 Hi}"
    body = b"\0" + literal[:8] + b"\0" + literal[8:]
    packed = struct.pack("<IIII", len(body) + 12, len(literal), 0x75465A4C, 0) + body
    assert rtf_from_packed(packed) == literal
    whole = struct.pack(">H", 0 << 4 | 4)  # the first six bytes of what the window holds at the start
    assert rtf_from_packed(struct.pack("<IIII", 15, 6, 0x75465A4C, 0) + b"\1" + whole) == START[:6]
    assert rtf_from_packed(b"short") is None


def test_the_style_sheet_of_a_saved_page_was_not_looked_at(tmp_path: Path) -> None:
    head = "Subject: x\nMessage-ID: <1@x>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
    page = (
        "Content-Type: text/html\nContent-Location: http://example.org/a/\n\n"
        "<link rel=stylesheet href=b.css><p>Seen</p><p class=h>Unseen</p>\n--b\n"
    )
    sheet = "Content-Type: text/css\nContent-Location: http://example.org/a/b.css\n\n.h{display:none}\n--b--\n"
    said = all_text(write(tmp_path / "a.mht", (head + page + sheet).encode()))
    assert "Seen" in said
    assert "Unseen" not in said


def test_struck_text_of_the_html_variant_was_read_as_valid_from_the_plain_one(tmp_path: Path) -> None:
    message = alternative("Fee 14 15\n", "<p>Fee <s>14</s> 15</p>")
    assert "Fee ~~14~~ 15" in all_text(write(tmp_path / "a.eml", message.as_bytes()))
