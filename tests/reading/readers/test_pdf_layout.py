"""Lines, marks, columns and tables of PDF pages, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.pdfs import grid, show, show_turned, write_pdf

from qwen_batch.config import ReadSettings
from qwen_batch.reading.clean.reading_order import page_in_reading_order
from qwen_batch.reading.clean.words import without_spaced_letters
from qwen_batch.reading.readers import pdf
from qwen_batch.reading.readers.pdf import tables

PROSE = [
    "the auditor shall invoice the roof",
    "panels when the gate is open and the",
    "carrier shall measure all the files in",
    "time and a member shall store all the",
    "timber frames with due regard to safety",
    "and insure them",
]


def lines_of(tmp_path: Path, content: str) -> list[str]:
    (page,) = pdf.read(write_pdf(tmp_path / "a.pdf", content), ReadSettings())
    return [line.text for line in page.lines]


def no_pdfplumber(*_: object) -> dict[int, tables.PageTables]:
    raise AssertionError("pdfplumber was asked")


def test_footnote_mark_joined_the_amount_before_it(tmp_path: Path) -> None:
    amount = show(60, 700, "EUR 1,200") + show(111.4, 704, "3", 7)
    assert lines_of(tmp_path, amount) == ["EUR 1,200^3"]


def test_ordinal_and_number_in_one_size_stay_joined(tmp_path: Path) -> None:
    ordinal = show(60, 700, "the 5") + show(84.5, 704, "th", 7)
    assert lines_of(tmp_path, ordinal) == ["the 5th"]


def test_lowered_figure_is_set_off(tmp_path: Path) -> None:
    assert lines_of(tmp_path, show(60, 700, "H") + show(67.9, 697, "2", 7) + show(72, 700, "O")) == ["H_2O"]


def test_figure_that_is_lowered_far_at_the_end_of_a_line_was_not_set_off(tmp_path: Path) -> None:
    assert lines_of(tmp_path, show(60, 700, "CO") + show(76.4, 695, "2", 7)) == ["CO_2"]


def test_blank_behind_a_label_was_lost_in_a_narrow_gap(tmp_path: Path) -> None:
    label = show(60, 700, "\\(a\\)") + show(74.6, 700, "General terms")
    assert lines_of(tmp_path, label) == ["(a) General terms"]


def test_raised_letters_drawn_later_became_a_line_of_their_own(tmp_path: Path) -> None:
    line = show(60, 700, "the 10") + show(101, 700, "day of May")
    assert lines_of(tmp_path, line + show(60, 680, "second line") + show(90.8, 704, "th", 7)) == [
        "the 10th day of May",
        "second line",
    ]


def test_columns_drawn_row_by_row_ran_together(tmp_path: Path) -> None:
    rows = "".join(
        show(60, 700 - 14 * row, left) + show(320, 700 - 14 * row, right)
        for row, (left, right) in enumerate(zip(PROSE, reversed(PROSE), strict=True))
    )
    assert lines_of(tmp_path, rows) == [*PROSE, *reversed(PROSE)]


def test_rows_of_a_table_without_rules_stay_rows(tmp_path: Path) -> None:
    rows = "".join(
        show(60, 700 - 14 * row, f"Pine boards of size {row}") + show(320, 700 - 14 * row, f"4.{row}5")
        for row in range(6)
    )
    assert lines_of(tmp_path, rows) == [f"Pine boards of size {row} 4.{row}5" for row in range(6)]


def test_numbers_of_a_list_stay_at_their_lines(tmp_path: Path) -> None:
    rows = "".join(
        show(60, 700 - 14 * row, f"\\({letter}\\)") + show(100, 700 - 14 * row, PROSE[row])
        for row, letter in enumerate("abcdef")
    )
    assert lines_of(tmp_path, rows) == [f"({letter}) {PROSE[row]}" for row, letter in enumerate("abcdef")]


def test_numbers_of_a_list_came_in_a_heap(tmp_path: Path) -> None:
    numbers = "".join(show(60, 700 - 28 * row, f"{row + 1}.") for row in range(3))
    text = "".join(
        show(90, 700 - 28 * row, f"Item {row} of the list is") + show(90, 686 - 28 * row, "delivered")
        for row in range(3)
    )
    found = lines_of(tmp_path, numbers + text)
    assert found[::2] == [f"{row + 1}. Item {row} of the list is" for row in range(3)]


def test_cells_drawn_column_by_column_were_not_rejoined(tmp_path: Path) -> None:
    columns = [["Item", "Boards", "Beams"], ["Amount", "120", "36"], ["Price", "4.15", "27.50"]]
    content = "".join(
        show(60 + 120 * x, 700 - 16 * y, cell) for x, column in enumerate(columns) for y, cell in enumerate(column)
    )
    assert lines_of(tmp_path, content)[2:] == ["| Boards | 120 | 4.15 |", "| Beams | 36 | 27.50 |"]


def test_empty_cell_left_no_trace(tmp_path: Path) -> None:
    rows = [["Site", "2023", "2024", "2025"], ["Eastmere", "14.2", "", "15.9"], ["Ystad", "7.7", "8.1", "9.0"]]
    content = "".join(
        show(60 + 120 * x, 700 - 16 * y, cell) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell
    )
    assert "| Eastmere | 14.2 |  | 15.9 |" in lines_of(tmp_path, content)


def test_ruled_table_costs_no_pdfplumber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "tables_of", no_pdfplumber)
    cells = "".join(show(65 + 100 * x, 705 - 20 * y, f"cell {x} {y}") for x in range(3) for y in range(3))
    found = lines_of(tmp_path, grid([60, 160, 260, 360], [720, 700, 680, 660]) + cells)
    assert found[0] == "| cell 0 0 | cell 1 0 | cell 2 0 |"
    assert found[3] == "| cell 0 2 | cell 1 2 | cell 2 2 |"


def test_turned_heads_of_a_ruled_table_came_backwards(tmp_path: Path) -> None:
    content = grid([60, 160, 200, 240], [720, 640, 620, 600])
    content += show_turned(183, 650, "Water") + show_turned(223, 650, "Power")
    for y, (name, one, two) in enumerate([("North", "42", "310"), ("South", "38", "285")]):
        content += show(65, 625 - 20 * y, name) + show(165, 625 - 20 * y, one) + show(205, 625 - 20 * y, two)
    assert lines_of(tmp_path, content)[0] == "|  | Water | Power |"


def test_sideways_page_was_out_of_order(tmp_path: Path) -> None:
    rows = [["Pine boards for it", "120", "1498.00"], ["Oak beams for it", "36", "990.00"]]
    content = "".join(
        show_turned(100 + 20 * y, 60 + 150 * x, cell) for y, row in enumerate(rows) for x, cell in enumerate(row)
    )
    assert lines_of(tmp_path, content) == [" ".join(row) for row in rows]


def test_drawing_with_slanted_edges_is_unsure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "tables_of", no_pdfplumber)
    slanted = "".join(f"{60 + 20 * at} 500 m {70 + 20 * at} 560 l S\n" for at in range(12))
    cells = "".join(show(65 + 100 * x, 705 - 20 * y, f"cell {x} {y}") for x in range(3) for y in range(3))
    with pytest.raises(AssertionError, match="pdfplumber was asked"):
        lines_of(tmp_path, grid([60, 160, 260, 360], [720, 700, 680, 660]) + cells + slanted)


def test_lines_of_a_page_upside_down_came_last_first(tmp_path: Path) -> None:
    lines = ["the tenant pays the rent", "on the first working day", "of each calendar month"]
    content = "".join(
        f"BT /F1 11 Tf -1 0 0 -1 500 {300 + 16 * at} Tm ({text}) Tj ET\n" for at, text in enumerate(lines)
    )
    (page,) = pdf.read(write_pdf(tmp_path / "a.pdf", content), ReadSettings())
    assert [line.text for line in page_in_reading_order(page).lines] == lines
    assert page.rotation == 180


def test_last_column_of_a_table_drawn_by_columns_was_lost_to_the_text_below(tmp_path: Path) -> None:
    columns = {
        60: ("Item", "Pump", "Hose", "Freight"),
        200: ("Qty", "2", "4", None),
        300: ("Total", "84.00", "12.50", "30.00"),
    }
    drawn = "".join(
        show(x, 700 - 18 * at, text)
        for x, cells in columns.items()
        for at, text in enumerate(cells)
        if text is not None
    )
    lines = lines_of(tmp_path, drawn + show(60, 600, "All prices are net."))
    assert lines[2:] == [
        "| Pump | 2 | 84.00 |",
        "| Hose | 4 | 12.50 |",
        "| Freight |  | 30.00 |",
        "All prices are net.",
    ]


def test_blank_between_a_clause_number_and_its_title_was_lost_in_a_narrow_gap(tmp_path: Path) -> None:
    assert lines_of(tmp_path, show(60, 700, "1.2") + show(78.5, 700, "Scope of work")) == ["1.2 Scope of work"]


def test_three_columns_drawn_row_by_row_ran_together(tmp_path: Path) -> None:
    german = ["Der Verkaufer liefert", "Pumpen nach Ystad am", "Ende der Woche und zahlt", "Fracht sowie Zoll hierauf."]
    english = [
        "The seller delivers the",
        "pumps to Ystad at the",
        "end of the week and pays",
        "freight and duty on that.",
    ]
    french = [
        "Le vendeur livre les",
        "pompes au port de la",
        "ville avant samedi soir et",
        "paie le fret et la douane.",
    ]
    drawn = "".join(
        show(x, 700 - 14 * (at + 5 * block), text)
        for block in range(3)
        for row, texts in enumerate(zip(german, english, french, strict=True))
        for x, text in zip((40, 220, 400), texts, strict=True)
        for at in (row,)
    )
    lines = lines_of(tmp_path, drawn)
    assert lines[:4] == german
    assert lines[12:16] == english


def test_empty_cells_of_a_table_without_rules_left_no_trace_on_a_page_with_a_ruled_one(tmp_path: Path) -> None:
    ruled = grid([60, 160, 260], [580, 600, 620]) + show(66, 606, "Item") + show(166, 606, "Price")
    ruled += show(66, 586, "Pump") + show(166, 586, "9.50")
    rows = (("Region", "Q1", "Q2"), ("North", "1,200", "1,300"), ("South", None, "950"), ("West", "700", "800"))
    free = "".join(
        show(x, 500 - 18 * at, text)
        for at, cells in enumerate(rows)
        for x, text in zip((60, 200, 300), cells, strict=True)
        if text is not None
    )
    assert "| South |  | 950 |" in lines_of(tmp_path, ruled + free)


def test_words_set_letter_by_letter_lost_the_blanks_between_them(tmp_path: Path) -> None:
    spaced = "".join(
        show(60 + 18 * at, 700, letter) for at, letter in enumerate("VERTRAG UEBER PUMPEN") if letter != " "
    )
    (line,) = lines_of(tmp_path, spaced)
    assert without_spaced_letters(line) == "VERTRAG UEBER PUMPEN"
