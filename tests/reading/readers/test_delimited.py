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


def table_of(path: Path, text: str) -> list[str]:
    return of_kind(pages_of(write(path, text.encode()))[0], "table")


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("2024-01-01;1,5;2,25\n" * 5, "| 2024-01-01 | 1,5 | 2,25 |"),
        ("Posten;Betrag\nStrom;1.250,00\nGas;80,5\nWasser;7,1\n", "| Strom | 1.250,00 |"),
        ("a\tb\n1,5\t2,5\n3,5\t4,5\n", "| 1,5 | 2,5 |"),
        ("n,list,x\n1,a;b,7\n2,c;d,8\n3,e;f,9\n", "| 1 | a;b | 7 |"),
    ],
)
def test_decimal_commas_and_lists_in_cells_are_not_cut(tmp_path: Path, text: str, row: str) -> None:
    assert row in table_of(tmp_path / "a.csv", text)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('no, item, price\n2, "Bolt, small", 12.00\n3, Nut, 1.00\n', "| 2 | Bolt, small | 12.00 |"),
        ('no,item,price\n2,"Panel 24\\" wide, grey",55\n3,"Lamp",20\n', '| 2 | Panel 24" wide, grey | 55 |'),
        ('no,path,price\n2,"C:\\temp\\",55\n3,"D:\\x",20\n', "| 2 | C:\\temp\\ | 55 |"),
        ("no,item,price\n2,Bolt\\, small,12\n3,Nut,1\n", "| 2 | Bolt, small | 12 |"),
        ("no,item,price\n2,'Bolt, small',12\n3,'Nut, big',1\n", "| 2 | Bolt, small | 12 |"),
        ('no,said,price\n2,"he said, ""no"", twice",12\n3,x,1\n', '| 2 | he said, "no", twice | 12 |'),
    ],
)
def test_quotes_of_other_programs_shift_no_cell(tmp_path: Path, text: str, row: str) -> None:
    assert row in table_of(tmp_path / "a.csv", text)


def test_titles_above_and_a_cell_too_many_keep_the_table(tmp_path: Path) -> None:
    lines = texts(pages_of(write(tmp_path / "a.csv", b"Export\nNo 7\nA;B;C\n1;2,5;3\n1;2,5;3;more\n1;2,5;3\n"))[0])
    assert lines[:2] == ["Export", "No 7"]
    assert lines[4:6] == ["| 1 | 2,5 | 3 |  |", "| 1 | 2,5 | 3 | more |"]


def test_a_cell_of_hundreds_of_lines_stays_one(tmp_path: Path) -> None:
    body = "\n".join(f"log line {line}, ok" for line in range(300))
    rows = table_of(tmp_path / "a.csv", f'id,subject,body,status\n1,x,"a, b",open\n2,y,"{body}",closed\n3,z,c,open\n')
    assert len(rows) == 5
    assert rows[3].startswith("| 2 | y | log line 0, ok log line 1")
    assert rows[3].endswith("log line 299, ok | closed |")


def test_an_unclosed_quotation_costs_its_own_line_alone(tmp_path: Path) -> None:
    text = 'a,b\n"x, y",1\n"12 in,2\n' + '"p, q",3\n' * 300
    (page,) = pages_of(write(tmp_path / "a.csv", text.encode()))
    rows = of_kind(page, "table")
    assert len(rows) == 304
    assert rows[2] == "| x, y | 1 |"
    assert rows[3] == '| "12 in | 2 |'
    assert rows[-1] == "| p, q | 3 |"
    assert page.warnings == (
        "1 rows begin a quotation that does not end in them: their quotation marks were read as they stand",
    )


def test_one_column_of_decimal_commas_was_cut_in_two(tmp_path: Path) -> None:
    assert all_text(write(tmp_path / "a.csv", b"Rate\n4,25\n3,5\n12,75\n")).split() == [
        "Rate",
        "4,25",
        "3,5",
        "12,75",
    ]
