from __future__ import annotations

from collections.abc import Sequence

import pytest

from qwen_batch.asking.rows.numbered import numbered_items
from qwen_batch.asking.rows.tables import document_tables
from qwen_batch.records import Box, CleanDocument, Document, LineSpan, Word

HEAD, RULE = "| Item | Price |", "| --- | --- |"
COLUMNS = (50.0, 150.0, 330.0, 420.0)


def clean(*pages: Sequence[str], places: Sequence[str] = ()) -> CleanDocument:
    """A text of pages of lines, the pages a blank line apart."""
    text, spans = "", []
    for number, lines in enumerate(pages, 1):
        text += "\n\n" if text else ""
        for line in lines:
            place = places[len(spans)] if places else ""
            text += "\n" if text and not text.endswith("\n") else ""
            spans.append(LineSpan(len(text), len(text) + len(line), number, Box(0, 0, 0, 0), (), place))
            text += line
    return CleanDocument(Document("d", "/d", "text/plain", 1), text, tuple(spans), (), "en", len(pages), 0, None)


def cells(document: CleanDocument) -> list[list[tuple[str, ...]]]:
    return [[tuple(cell.text for cell in row.cells) for row in table.rows] for table in document_tables(document)]


def test_each_cell_says_where_it_stands() -> None:
    document = clean(["Prices", HEAD, RULE, "| ink | 1.50 |", r"| a \| b |  |"])
    (table,) = document_tables(document)
    assert table.head == ("Item", "Price")
    assert cells(document) == [[("ink", "1.50"), ("a | b", "")]]
    assert [document.text[cell.start : cell.end] for row in table.rows for cell in row.cells] == [
        "ink",
        "1.50",
        r"a \| b",
        "",
    ]


def test_a_table_that_goes_on_with_its_head_is_one() -> None:
    document = clean([HEAD, RULE, "| ink | 1 |"], [HEAD, RULE, "| pen | 2 |"])
    assert cells(document) == [[("ink", "1"), ("pen", "2")]]
    assert document_tables(document)[0].heads == 2


def test_a_table_that_goes_on_without_its_head_loses_no_row() -> None:
    document = clean([HEAD, RULE, "| ink | 1 |"], ["| pen | 2 |", RULE, "| cap | 3 |"])
    assert cells(document) == [[("ink", "1"), ("pen", "2"), ("cap", "3")]]


def test_another_table_is_another() -> None:
    document = clean([HEAD, RULE, "| ink | 1 |"], ["| Name | Town |", RULE, "| Ann | Ulm |"])
    assert cells(document) == [[("ink", "1")], [("Ann", "Ulm")]]


def test_bars_without_a_rule_are_no_table() -> None:
    assert cells(clean(["| just | some |", "| bars | here |"])) == []


def test_rows_of_a_sheet_know_their_cells() -> None:
    document = clean([HEAD, RULE, "| ink | 1 |"], places=["Q1!3:B,D", "", "Q1!4:B,D"])
    assert document_tables(document)[0].rows[0].addresses == ("Q1!B4", "Q1!D4")
    document = clean([HEAD, RULE, "| ink | 1 |"], places=["1:A,B", "", "2:A,B"])
    assert document_tables(document)[0].rows[0].addresses == ("A2", "B2")


def gapped(*rows: Sequence[str], right: float = 9.0) -> CleanDocument:
    """Lines of words without rules, one cell a column; a blank cell has no word."""
    text, spans = "", []
    for number, row in enumerate(rows):
        words, start = [], len(text)
        for x, cell in zip(COLUMNS, row, strict=False):
            at = x
            for word in cell.split():
                words.append(Word(word, Box(at, 20.0 * number, at + 5 * len(word), 20.0 * number + 10), 0.9))
                at += 5 * len(word) + 3
        text += " ".join(word.text for word in words)
        box = Box(COLUMNS[0], 20.0 * number, COLUMNS[-1] + right, 20.0 * number + 10)
        spans.append(LineSpan(start, len(text), 1, box, tuple(words)))
        text += "\n"
    return CleanDocument(Document("d", "/d", "application/pdf", 1), text, tuple(spans), (), "en", 1, 1, 0.9)


def test_a_table_without_rules_is_cut_where_all_rows_leave_a_gap() -> None:
    rows = [("K-1", "steel bolt 3 mm", "box", "12.50"), ("K-2", "nut", "", "0.10"), ("K-3", "oak handle", "pc", "9")]
    document = gapped(("No", "What it is", "Unit", "Price"), *rows, rows[0], rows[1])
    (table,) = document_tables(document)
    assert table.head == ("No", "What it is", "Unit", "Price")
    assert cells(document) == [[*rows, rows[0], rows[1]]]
    assert [document.text[cell.start : cell.end] for cell in table.rows[0].cells] == list(rows[0])


def test_a_broken_cell_of_a_table_without_rules_is_one_again() -> None:
    rows = [("K-1", "steel bolt", "box", "12"), ("", "with washer", "", ""), ("K-2", "nut", "m", "1")]
    document = gapped(("No", "What", "Unit", "Price"), *rows, ("K-3", "cap", "m", "2"), ("K-4", "pin", "m", "3"))
    assert cells(document)[0][0] == ("K-1", "steel bolt with washer", "box", "12")
    assert len(cells(document)[0]) == 4


def test_prose_is_no_table() -> None:
    line = ("We hereby", "agree that the parties", "shall pay", "in time")
    assert document_tables(gapped(line, line, line, line, line, line)) == ()


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("1. ink\n2. pen\n3. cap", 3),
        ("Items\n1) ink\ntext\n2) pen\n3) cap\n4) pin\n\n1. other\n2. list", 4),
        ("第1条 甲\n第2条 乙\n第3条 丙", 3),
        ("1. ink\n2. pen", 0),
        ("3. ink\n4. pen\n7. cap", 0),
        ("no numbers", 0),
    ],
)
def test_the_longest_numbering_from_one_counts(text: str, items: int) -> None:
    assert numbered_items(text) == items


def test_a_row_that_a_broken_cell_cut_into_lines_is_one_row() -> None:
    rows = [(f"K-{number}", "steel bolt", "box", f"{number}.50") for number in range(5)]
    whole = gapped(("No", "What", "Unit", "Price"), *rows)
    halves = []
    for line in whole.lines:
        for words in (line.words[:-2], line.words[-2:]):
            start = whole.text.index(words[0].text, line.start)
            end = whole.text.index(words[-1].text, start) + len(words[-1].text)
            box = Box(words[0].box.x0, line.box.y0, words[-1].box.x1, line.box.y1)
            halves.append(LineSpan(start, end, 1, box, words))
    halves.sort(key=lambda line: (line.box.x0 > COLUMNS[1], line.start))
    cut = CleanDocument(whole.document, whole.text, tuple(halves), (), "en", 1, 1, 0.9)
    assert cells(cut) == cells(whole) == [rows]
