"""delimited: told apart from prose by its content; rows as Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.places import SHARED_DATA
from helpers.read import all_text, of_kind, pages_of, texts, write

from qwen_batch.reading.parts.reader import sniff_mime

ROWS = [["Name", "City", "Amount"], ["Ann", "Bonn", "1"], ["Bob", "Köln", "2"], ["Cid", "Ulm", "3"]]
MARKDOWN = [
    "| Name | City | Amount |",
    "| --- | --- | --- |",
    "| Ann | Bonn | 1 |",
    "| Bob | Köln | 2 |",
    "| Cid | Ulm | 3 |",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a", "a.pdf"])
def test_rows_in_any_shape(tmp_path: Path, delimiter: str, encoding: str, name: str) -> None:
    data = "\r\n".join(delimiter.join(row) for row in ROWS).encode(encoding)
    (page,) = pages_of(write(tmp_path / name, data))
    assert of_kind(page, "table") == MARKDOWN == texts(page)


def test_quotes_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    data = b'Item,Remark,Price\n"Desk, oak","two\nlines",10\n"The ""best""",,20\n'
    assert of_kind(pages_of(write(tmp_path / "a.csv", data))[0], "table")[2:] == [
        "| Desk, oak | two lines | 10 |",
        '| The "best" |  | 20 |',
    ]


def test_a_quotation_mark_that_is_never_closed_loses_no_row(tmp_path: Path) -> None:
    data = b'Size,Name\n5",screen\n' + b"1,row\n" * 400 + b"2,last\n"
    assert len(of_kind(pages_of(write(tmp_path / "a.csv", data))[0], "table")) == 404


def test_excel_says_its_separator_in_the_first_line(tmp_path: Path) -> None:
    assert texts(pages_of(write(tmp_path / "a.csv", b"sep=;\nA;B\n1;2\n"))[0]) == [
        "| A | B |",
        "| --- | --- |",
        "| 1 | 2 |",
    ]


def test_title_above_the_header_row_is_no_header(tmp_path: Path) -> None:
    lines = texts(pages_of(write(tmp_path / "a.csv", b"Sales 2024,,\nA,B,C\n1,2,3\n"))[0])
    assert lines[:3] == ["Sales 2024", "| A | B | C |", "| --- | --- | --- |"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "letter.txt",
            "Dear Ann,\n\nthank you, and Bob, for the offer.\nWe accept it, gladly, today.\n\nYours,\nCid\n",
        ),
        (
            "letter.csv",
            "Dear Ann\nthank you for the offer.\nWe accept it, gladly.\nIt was good, cheap, and quick.\nYours\n",
        ),
        ("poem.txt", "The wind, it blows\nThe rain, it falls\nThe snow, it lies\nThe sun, it shines\n"),
        ("table.txt", "| A | B |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n"),
        ("rows.jsonl", '{"a":1,"b":2,"c":3}\n{"a":4,"b":5,"c":6}\n{"a":7,"b":8,"c":9}\n'),
        ("list.txt", "one;\ntwo;\nthree;\nfour;\n"),
        ("one.csv", "Industry\nTravel\nSales\n"),
    ],
)
def test_prose_stays_text_whatever_it_is_called(tmp_path: Path, name: str, text: str) -> None:
    path = write(tmp_path / name, text.encode())
    assert sniff_mime(path) == "text/plain"
    assert texts(pages_of(path)[0]) == [line for line in text.splitlines() if line]


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real documents at {SHARED_DATA}")
def test_real_tables_in_every_delimiter() -> None:
    folder = SHARED_DATA / "docling" / "csv" / "sources"
    for name in ("comma", "semicolon", "tab", "pipe"):
        text = all_text(folder / f"csv-{name}.csv")
        assert "| Index | Customer Id | First Name |" in text
        assert "| Sheryl | Baxter | Rasmussen Group |" in text
