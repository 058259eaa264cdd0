"""marginalia: watermarks and line numbers go, words of the text and numbered lists stay."""

from __future__ import annotations

from qwen_batch.reading.clean.marginalia import page_without_line_numbers, watermarks_of
from qwen_batch.records import Box, Line, Page

DRAFT = Line("DRAFT", Box(110, 285, 360, 537))


def line(text: str, y: float, x0: float = 72) -> Line:
    return Line(text, Box(x0, y, 500, y + 10))


def page(number: int, *more: Line) -> Page:
    body = [line(f"and supplier {chr(97 + row)} delivers all of the goods to him", 100 + 14 * row) for row in range(25)]
    return Page(number, 612, 792, (*body, *more))


def marked(*pages: Page) -> list[str]:
    return [pages[at.page].lines[at.line].text for at in watermarks_of(pages)]


def test_a_word_across_the_text_of_most_pages() -> None:
    logo = Line("ACME 2020", Box(110, 285, 360, 537))
    assert marked(page(1, DRAFT), page(2, DRAFT), page(3)) == ["DRAFT"] * 2
    assert marked(page(1, logo), page(2, logo), page(3)) == ["ACME 2020"] * 2


def test_a_well_known_word_across_the_text_of_a_single_page() -> None:
    assert marked(page(1, DRAFT)) == ["DRAFT"]


def test_a_stamp_that_runs_up_the_margin_of_one_page() -> None:
    stamp = Line("arXiv:2305.03393v1 [cs.CV] 5 May 2023", Box(10, 200, 25, 560))
    assert marked(page(1, stamp), page(2), page(3)) == [stamp.text]


def test_large_words_that_do_not_repeat_or_cover_nothing_stay() -> None:
    assert not marked(page(1, Line("ACME 2020", Box(110, 285, 360, 537))), page(2), page(3))
    assert not marked(*(page(n, Line("Results", Box(72, 40, 300, 70))) for n in range(3)))
    assert not marked(page(1, line("Draft", 600)))


def test_line_numbers_of_their_own_in_the_margin() -> None:
    numbers = [Line(str(at + 1), Box(50, 100 + 14 * at, 60, 110 + 14 * at)) for at in range(25)]
    unnumbered = page_without_line_numbers(page(1, *numbers))
    assert unnumbered.page == page(1)
    assert [(item.text, item.reason) for item in unnumbered.trimmed][:2] == [("1", "line_number"), ("2", "line_number")]
    every_fifth = page_without_line_numbers(page(1, *numbers[4::5]))
    assert [item.text for item in every_fifth.trimmed] == ["5", "10", "15", "20", "25"]


def test_line_numbers_at_the_beginning_of_lines() -> None:
    lines = tuple(Line(f"{at} {row.text}", row.box) for at, row in enumerate(page(1).lines, 1))
    unnumbered = page_without_line_numbers(Page(1, 612, 792, lines))
    assert unnumbered.page == page(1)
    assert len(unnumbered.trimmed) == 25


def test_numbered_list_and_table_keep_their_numbers() -> None:
    items = tuple(
        line(f"{at} Item of the inventory that the buyer has ordered", 80 + 14 * at, 50) for at in range(1, 30)
    )
    listed = Page(1, 612, 792, items)
    assert page_without_line_numbers(listed).page is listed
    cells = [
        cell
        for at in range(1, 20)
        for cell in (Line(str(at), Box(50, 14 * at, 60, 14 * at + 10)), line("Bolt", 14 * at))
    ]
    table = Page(1, 612, 792, tuple(cells))
    assert page_without_line_numbers(table).page is table


def test_rows_of_a_price_list_lost_their_numbers() -> None:
    rows = tuple(line(f"{at} bolts for the gate 1.50", 80 + 14 * at, 50) for at in range(1, 30))
    listed = Page(1, 612, 792, rows)
    assert page_without_line_numbers(listed).page is listed
