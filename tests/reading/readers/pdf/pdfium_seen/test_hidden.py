"""Hidden words that came back another way, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.pdfs import grid
from helpers.seen_pdfs import LINE, page_of, pdf, show, text_of

from qwen_batch.reading.readers.pdf import tables
from qwen_batch.records import HiddenText

ROWS = [("Item", "Price"), ("Roof", "4,500"), ("Gate", "3,200")]
TABLE = grid([70, 150, 230], [645, 665, 685, 705]) + "".join(
    show(75, 690 - 20 * at, left) + show(155, 690 - 20 * at, right) for at, (left, right) in enumerate(ROWS)
)
SECRET = show(190, 670, "7741", "1 g")


def test_hidden_words_came_back_in_a_table_s_cells(tmp_path: Path) -> None:
    page = page_of(pdf(tmp_path, TABLE + SECRET))
    assert text_of(page).split("\n")[2] == "| Roof | 4,500 |"
    assert page.hidden == (HiddenText("white", "7741"),)


def test_hidden_words_came_back_through_pdfplumber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    ask = tables.tables_of
    monkeypatch.setattr(
        "qwen_batch.reading.readers.pdf.tables_of",
        lambda path, numbers, budget_s: asked.extend(numbers) or ask(path, numbers, budget_s),
    )
    slanted = "".join(f"300 {400 + 10 * at} m 380 {430 + 10 * at} l S\n" for at in range(12))
    page = page_of(pdf(tmp_path, TABLE + SECRET + slanted))
    assert asked == [1]
    assert "7741" not in text_of(page)
    assert "4,500" in text_of(page)


def test_part_of_a_line_under_a_box_joined_what_stood_around_it(tmp_path: Path) -> None:
    words = show(72, 600, "No. 12345678 is the account")
    page = page_of(pdf(tmp_path, show(72, 700, LINE) + words + "0 g 102 596 24 14 re f\n"))
    assert text_of(page).split("\n")[1] == "No. 12 678 is the account"
    assert page.hidden == (HiddenText("covered", ""),)


def test_a_word_that_the_edge_of_a_clip_cuts_through_lost_its_first_letters(tmp_path: Path) -> None:
    clip = "84 590 300 30 re W n"  # goes through the first word of the second line and leaves out that of the third
    cut = show(72, 602, "Delivery of all goods", clip)
    outside = show(40, 602, "never", clip)
    page = page_of(pdf(tmp_path, show(72, 700, LINE) + cut + outside))
    assert text_of(page) == f"{LINE}\nDelivery of all goods"
    assert [one.text for one in page.hidden] == ["never"]


def test_letters_in_a_slanted_clip_are_seen(tmp_path: Path) -> None:
    clip = "60 590 m 320 595 l 320 625 l 60 620 l h W n"
    page = page_of(pdf(tmp_path, show(72, 700, LINE) + show(72, 602, "shown in a clip", clip)))
    assert text_of(page) == f"{LINE}\nshown in a clip"
    assert page.hidden == ()
