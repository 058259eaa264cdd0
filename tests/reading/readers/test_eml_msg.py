"""eml: Outlook's own message files, with their attachments and the messages in them."""

from __future__ import annotations

import struct
from pathlib import Path

from helpers.archives import written
from helpers.compound import Tree, compound
from helpers.read import all_text, failure_of, pages_of, texts

from qwen_batch.reading.parts.reader import sniff_mime

TEXT, BINARY, NUMBER, TIME = 0x001F, 0x0102, 0x0003, 0x0040


def storage(header_bytes: int, values: dict[tuple[int, int], bytes], **inner: Tree) -> dict[str, bytes | Tree]:
    """A storage of properties ([MS-OXMSG] 2.4): those of fixed size in one stream, each other in one of its own."""
    segments, streams = b"", {}
    for (number, kind), value in values.items():
        fixed = kind in {NUMBER, TIME}
        segments += struct.pack("<HHI", kind, number, 6) + (value if fixed else struct.pack("<I", len(value))).ljust(
            8, b"\0"
        )
        if not fixed:
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = value
    return {"__properties_version1.0": bytes(header_bytes) + segments, **streams, **inner}


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


MESSAGE = {
    (0x0037, TEXT): wide("Größe der Räume"),
    (0x0C1A, TEXT): wide("Jörg Müller"),
    (0x5D01, TEXT): wide("j@example.org"),
    (0x0E04, TEXT): wide("Ada; Bo"),
    (0x0039, TIME): struct.pack("<Q", 133_591_572_000_000_000),
}


def test_headers_and_the_html_text_with_its_table(tmp_path: Path) -> None:
    html = b"<p>Prices</p><table><tr><td>Item</td><td>EUR</td></tr><tr><td>Bolt</td><td>7.80</td></tr></table>"
    values = MESSAGE | {(0x1000, TEXT): wide("Prices"), (0x1013, BINARY): html}
    path = written(tmp_path / "a.msg", compound(storage(32, values)))
    assert sniff_mime(path) == "application/vnd.ms-outlook"
    said = texts(pages_of(path)[0])
    assert said[:2] == ["From: Jörg Müller <j@example.org>", "To: Ada; Bo"]
    assert said[3:] == ["Subject: Größe der Räume", "Prices", "| Item | EUR |", "| --- | --- |", "| Bolt | 7.80 |"]
    assert said[2].startswith("Date: Thu, 02 May 2024")


def test_attachments_and_a_message_in_the_message(tmp_path: Path) -> None:
    file = storage(
        8, {(0x3701, BINARY): b"a;b\n1;2\n3;4\n" * 500, (0x3707, TEXT): wide("list.csv"), (0x3705, NUMBER): b"\1\0\0\0"}
    )
    inner = storage(24, {(0x0037, TEXT): wide("Inner"), (0x1000, TEXT): wide("Ship 640 valves")})
    holder = storage(8, {(0x3705, NUMBER): b"\5\0\0\0", (0x3707, TEXT): wide("Fwd")}, **{"__substg1.0_3701000D": inner})
    message = storage(
        32,
        MESSAGE | {(0x1000, TEXT): wide("See below")},
        **{"__attach_version1.0_#00000000": file, "__attach_version1.0_#00000001": holder},
    )
    said = all_text(written(tmp_path / "a.msg", compound(message)))
    assert "Attachments: list.csv, Fwd" in said
    assert "| 3 | 4 |" in said
    assert "Subject: Inner" in said
    assert "Ship 640 valves" in said


def test_a_text_that_is_compressed_rtf_alone(tmp_path: Path) -> None:
    rtf = b"{\\rtf1\\ansi Terms of 30 days}"
    packed = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    said = all_text(written(tmp_path / "a.msg", compound(storage(32, MESSAGE | {(0x1009, BINARY): packed}))))
    assert "Terms of 30 days" in said


def test_a_message_file_that_is_cut_off_has_a_warning_and_one_without_properties_is_damaged(tmp_path: Path) -> None:
    data = compound(storage(32, MESSAGE | {(0x1000, TEXT): wide("x" * 9000)}))
    (page,) = pages_of(written(tmp_path / "a.msg", data[:3000]))
    assert "cut off or damaged" in page.warnings[0]
    broken = compound({"__properties_version1.0": b"", "__attach_version1.0_#0": {"x": b"y"}})
    assert failure_of(written(tmp_path / "b.msg", broken)).code == "damaged"
