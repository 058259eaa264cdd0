"""Struck-out text among marks and in tables, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

from helpers.pdfs import grid
from helpers.seen_pdfs import page_of, pdf, show, text_of


def test_footnote_mark_hid_the_strike_of_its_line(tmp_path: Path) -> None:
    content = show(72, 700, "Fee: EUR 1,200") + show(148.3, 704, "3", size=7) + show(160, 700, "EUR 900")
    page = page_of(pdf(tmp_path, content + "1 w 98 704 m 147 704 l S\n"))
    assert text_of(page) == "Fee: ~~EUR 1,200~~^3 EUR 900"


def test_struck_cell_of_a_ruled_table_read_as_valid(tmp_path: Path) -> None:
    rows = [("Item", "Price"), ("Roof", "4,500"), ("Gate", "3,200")]
    cells = "".join(
        show(75, 690 - 20 * at, left) + show(155, 690 - 20 * at, right) for at, (left, right) in enumerate(rows)
    )
    table = grid([70, 150, 230], [645, 665, 685, 705])
    page = page_of(pdf(tmp_path, cells + table + "1 w 154 674 m 184 674 l S\n"))
    assert text_of(page).split("\n") == [
        "| Item | Price |",
        "| --- | --- |",
        "| Roof | ~~4,500~~ |",
        "| Gate | 3,200 |",
    ]


def test_strike_on_a_sideways_page_was_not_seen(tmp_path: Path) -> None:
    lines = "".join(
        f"BT /F1 11 Tf 0 1 -1 0 {100 + 20 * at} 100 Tm (The deposit of the roof is EUR 5,000) Tj ET\n"
        for at in range(4)
    )
    page = page_of(pdf(tmp_path, lines + "1 w 136 229 m 136 281 l S\n"))
    assert text_of(page).split("\n")[2] == "The deposit of the roof is ~~EUR 5,000~~"
