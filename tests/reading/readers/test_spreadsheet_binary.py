"""spreadsheet: binary workbooks (xlsb, xls) read as they are shown. The files are made here, record by record."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from helpers.read import failure_of, of_kind, pages_of, texts, write

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def record(number: int, body: bytes = b"") -> bytes:
    """A record of xlsb: numbers from 128 on and sizes take two bytes."""
    head = bytes((number,)) if number < 128 else bytes((number & 0x7F | 0x80, number >> 7))
    return head + bytes((len(body) & 0x7F | 0x80, len(body) >> 7)) + body


def cell(column: int, style: int) -> bytes:
    return struct.pack("<II", column, style)


def relations(*targets: tuple[str, str]) -> str:
    items = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{items}</Relationships>'


def xlsb(path: Path, sheet: bytes) -> Path:
    plain, struck = struct.pack("<HHHH", 220, 0, 400, 0), struct.pack("<HHHH", 220, 8, 400, 0)
    raised = struct.pack("<HHHH", 220, 0, 400, 1)
    styles = [
        *(record(43, font) for font in (plain, struck, raised)),
        record(44, struct.pack("<H", 164) + wide("0.00%")),
        record(617),
        *(record(47, struct.pack("<HHH", 0, *look)) for look in ((0, 0), (164, 0), (14, 0), (0, 1))),
        record(618),
    ]
    rich = b"\x01" + wide("10 Pa 4") + struct.pack("<IHH", 1, 6, 2)
    book = [
        record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("Plan")),
        record(156, struct.pack("<II", 1, 2) + wide("r4") + wide("Old")),
    ]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
        'PartName="/w.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        "_rels/.rels": relations(("officeDocument", "w.bin")),
        "_rels/w.bin.rels": relations(
            ("worksheet", "s.bin"), ("styles", "t.bin"), ("sharedStrings", "n.bin"), ("worksheet", "h.bin")
        ),
        "w.bin": b"".join(book),
        "t.bin": b"".join(styles),
        "n.bin": record(19, b"\0" + wide("Rate")) + record(19, rich),
        "s.bin": sheet,
        "_rels/s.bin.rels": relations(("comments", "c.bin")),
        "c.bin": record(632, wide("Ann"))
        + record(635, struct.pack("<IIIII", 0, 0, 0, 27, 27) + bytes(16))
        + record(637, b"\0" + wide("ask Vera")),
        "h.bin": record(0, struct.pack("<I", 0) + bytes(13)) + record(6, cell(0, 0) + wide("margin")),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def row(number: int, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHB", number, 0, 300, 0) + bytes((0x10 if hidden else 0,)) + bytes(5))


def test_xlsb_cells_show_their_formats(tmp_path: Path) -> None:
    sheet = (
        record(60, struct.pack("<IIII", 5, 5, 0, 0) + b"\x01\0")
        + row(0)
        + record(7, cell(0, 0) + struct.pack("<I", 0))
        + record(5, cell(1, 1) + struct.pack("<d", 0.0425))
        + record(2, cell(2, 2) + struct.pack("<I", 45429 << 2 | 2))
        + record(9, cell(3, 3) + struct.pack("<d", 640) + b"\0\0")
        + record(7, cell(4, 0) + struct.pack("<I", 1))
        + record(6, cell(5, 0) + wide("gone"))
        + record(3, cell(6, 0) + b"\x07")
        + record(4, cell(7, 0) + b"\x01")
        + row(1, hidden=True)
        + record(6, cell(0, 0) + wide("old"))
    )
    shown, hidden = pages_of(xlsb(tmp_path / "a", sheet))
    assert of_kind(shown, "table")[0] == "| Rate | 4.25% | 2024-05-17 | ~~640~~ | 10 Pa ^4 | #DIV/0! | TRUE |"
    assert [(piece.kind, piece.text) for piece in shown.hidden] == [("row", "old"), ("column", "gone")]
    assert "[Comment on AB1 by Ann: ask Vera]" in texts(shown)
    assert texts(hidden) == ["# Old (hidden sheet)"]
    assert [piece.text for piece in hidden.hidden] == ["margin"]


def test_white_letters_of_xlsb_were_read(tmp_path: Path) -> None:
    path = xlsb(tmp_path / "a", row(0) + record(6, cell(0, 0) + wide("desk")) + record(6, cell(1, 4) + wide("margin")))
    white = struct.pack("<HHHHBBBB", 220, 0, 400, 0, 0, 0, 0, 0) + b"\x05\0\0\0\xff\xff\xff\xff"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    looks = ((0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 1, 0))
    fonts = record(43, struct.pack("<HHHH", 220, 0, 400, 0)) + record(43, white)
    styles = b"".join(record(47, struct.pack("<HHHH", 0, *look)) for look in looks)
    parts["t.bin"] = fonts + record(45, bytes(20)) + record(617) + styles + record(618)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    page = pages_of(path)[0]
    assert of_kind(page, "table")[0] == "| desk |"
    assert [(piece.kind, piece.text) for piece in page.hidden] == [("white", "margin")]


def test_xlsb_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    assert failure_of(xlsb(tmp_path / "a", row(0) + record(6, cell(0, 0) + wide("old"))[:-4])).code == "damaged"


def biff(number: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def short(text: str) -> bytes:
    """A string of xls with a length of two bytes, a byte a character."""
    return struct.pack("<HB", len(text), 0) + text.encode("latin-1")


def compound(stream: bytes) -> bytes:
    """A compound file with one stream, "Workbook": header, table of sectors, directory, content."""
    sectors = max(-(-len(stream) // 512), 8)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * 432
    directory = b""
    for name, kind, child, start, size in (
        ("Root Entry", 5, 1, 0xFFFFFFFE, 0),
        ("Workbook", 2, 0xFFFFFFFF, 2, sectors * 512),
    ):
        raw = name.encode("utf-16-le")
        directory += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        directory += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + fat + directory.ljust(512, b"\0") + stream.ljust(sectors * 512, b"\0")


def xls(sheet: bytes) -> bytes:
    def font(*, struck: bool) -> bytes:
        return biff(
            0x31, struct.pack("<HHHHHBBBB", 220, 8 if struck else 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\0Arial"
        )

    def look(font_index: int, number: int) -> bytes:
        return biff(0xE0, struct.pack("<HHH", font_index, number, 1) + bytes(14))

    start = biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6)) + biff(0x42, struct.pack("<H", 1200))
    start += font(struck=False) * 4 + font(struck=True)
    start += biff(0x41E, struct.pack("<H", 164) + short("00000")) + biff(0x41E, struct.pack("<H", 165) + short("0%"))
    start += look(0, 0) * 15 + look(0, 164) + look(0, 165) + look(5, 0) + look(0, 14)
    place = len(start) + 4 + 8 + len("Plan") + 4
    names = biff(0x85, struct.pack("<IBB", place, 0, 0) + b"\x04\0Plan") + biff(0x0A)
    body = biff(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 1997, 0, 6)) + sheet + biff(0x0A)
    return compound(start + names + body)


def number(row: int, column: int, style: int, value: float) -> bytes:
    return biff(0x203, struct.pack("<HHHd", row, column, style, value))


def test_xls_cells_show_their_formats(tmp_path: Path) -> None:
    box = biff(
        0x5D, struct.pack("<HHHHH", 0x15, 18, 0x0B, 1, 0) + bytes(12) + struct.pack("<HHHHHH", 0x12, 8, 1, 0, 0, 0)
    )
    picture = biff(0x5D, struct.pack("<HHHHH", 0x15, 18, 0x08, 2, 0) + bytes(12))
    words = biff(0x1B6, struct.pack("<HH6xHHI", 0, 0, 6, 16, 0)) + biff(0x3C, b"\0agreed") + biff(0x3C, bytes(16))
    sheet = (
        biff(0x14, short("&LOrder KV-2291&RPage &P"))
        + biff(0x7D, struct.pack("<HHHHHH", 5, 5, 2000, 15, 1, 0))
        + biff(0x208, struct.pack("<HHHHHHHH", 1, 0, 6, 0, 0, 0, 0x20, 0xF))
        + number(0, 0, 15, 4109)
        + number(0, 1, 16, 0.0425)
        + number(0, 2, 17, 640)
        + number(0, 3, 18, 45429)
        + number(0, 5, 0, 7)
        + number(1, 0, 0, 9)
        + (box + words)
        + picture
    )
    (page,) = pages_of(write(tmp_path / "a", xls(sheet)))
    assert of_kind(page, "table")[0] == "| 04109 | 4% (0.0425) | ~~640~~ | 2024-05-17 |"
    assert [(piece.kind, piece.text) for piece in page.hidden] == [("row", "9"), ("column", "7")]
    assert "[x] agreed" in texts(page)
    assert of_kind(page, "header") == ["Order KV-2291"]
    assert page.warnings == (
        "1 pictures on this sheet were not read: save the workbook as .xlsx or PDF if they matter",
    )


def test_xls_that_xlrd_does_not_read_has_its_stored_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    path = write(tmp_path / "a", xls(number(0, 0, 16, 0.0425)))
    monkeypatch.setattr("xlrd.open_workbook", fail)
    (page,) = pages_of(path)
    assert texts(page)[:2] == ["# Plan", "| 0.0425 |"]
    assert page.warnings[0].startswith("number formats could not be read")


def test_xls_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a", xls(number(0, 0, 0, 1))[:1600])).code == "damaged"


def formula(row_: int, tokens: bytes, result: bytes) -> bytes:
    return biff(0x06, struct.pack("<HHH", row_, 1, 0) + result + struct.pack("<HIH", 0, 0, len(tokens)) + tokens)


@pytest.mark.parametrize(
    ("tokens", "others", "said"),
    [
        (b"\x1e\x02\x00", b"", True),  # the number 2
        (b"\x17\x00\x00", b"", False),  # an empty text
        (b"\x1e\x02\x00", formula(2, b"\x1e\x05\x00", struct.pack("<d", 5)), False),  # another one has its value
    ],
)
def test_formulas_of_xls_without_a_value_were_blank(tmp_path: Path, tokens: bytes, others: bytes, said: bool) -> None:
    empty = b"\x03" + bytes(5) + b"\xff\xff"
    sheet = biff(0x203, struct.pack("<HHHd", 0, 0, 0, 7)) + formula(1, tokens, empty) + others
    page = pages_of(write(tmp_path / "a.xls", xls(sheet)))[0]
    assert any("formula" in warning for warning in page.warnings) is said
