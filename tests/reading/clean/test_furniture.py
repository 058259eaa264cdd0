"""furniture: what repeats over the pages of a document, and what only looks as if it did."""

from __future__ import annotations

from qwen_batch.reading.clean.furniture import furniture_of
from qwen_batch.records import Box, Line, Page

WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
LEGEND = ("[***] Certain confidential information contained in this", "document has been omitted and filed separately.")


def line(text: str, y: float, x0: float = 72, x1: float = 540) -> Line:
    return Line(text, Box(x0, y, x1, y + 10))


def page(number: int, *furniture: Line, rows: int = 20) -> Page:
    body = (
        line(f"The {WORDS[number]} supplier delivers goods {chr(97 + row)}.", 100 + 14 * row) for row in range(rows)
    )
    return Page(number, 612, 792, (*furniture, *body))


def found(*pages: Page) -> list[tuple[int, str, str]]:
    furniture = sorted(furniture_of(pages).items(), key=lambda item: (item[0].page, item[0].line))
    return [(at.page + 1, pages[at.page].lines[at.line].text, reason) for at, reason in furniture]


def test_an_exhibit_number_below_every_page_is_a_footer_and_the_page_number_above_it_is_one() -> None:
    """ "10.23" in a corner below the page number was kept, and sentences over page breaks were cut by it."""
    pages = [page(n, line(str(n), 520 + 9 * n, 296, 299), line("10.23", 540 + 9 * n, 520, 540)) for n in range(1, 6)]
    assert {reason for _, _, reason in found(*pages)} == {"page_number", "footer"}
    assert len(found(*pages)) == 10


def test_footers_with_the_title_of_a_chapter_and_a_rising_number() -> None:
    titles = ("Chapter 1. Security 3", "4 Row and Column Access", "Chapter 2. Roles 11", "20 Row and Column Access")
    pages = [page(n, line(title, 755)) for n, title in enumerate(titles, 1)]
    assert found(*pages) == [(n, title, "footer") for n, title in enumerate(titles, 1)]


def test_a_legend_that_the_first_page_breaks_elsewhere() -> None:
    words = " ".join(LEGEND).split()
    first = page(1, line(" ".join(words[:5]), 60), line(" ".join(words[5:]), 71))
    pages = [first, *(page(n, line(LEGEND[0], 740), line(LEGEND[1], 751)) for n in range(2, 8))]
    assert (1, " ".join(words[5:]), "header") in found(*pages)


def test_a_name_that_is_part_of_a_footer_stays_on_a_signature_page() -> None:
    """ "DIGITAL CINEMA CORP." above a signature was trimmed because the footer named the company too."""
    source = "Source: DIGITAL CINEMA DESTINATIONS CORP., S-1, 12/20/2011"
    pages = [page(n, line(source, 750), line(f"Page {n}", 761)) for n in range(1, 8)]
    signed = page(8, line("DIGITAL CINEMA DESTINATIONS CORP.", 40), line(source, 750), line("Page 8", 761))
    assert (8, "DIGITAL CINEMA DESTINATIONS CORP.") not in {(at, text) for at, text, _ in found(*pages, signed)}


def test_a_long_legend_below_the_text_of_three_pages_wherever_that_ends() -> None:
    legend = "*** CONFIDENTIAL TREATMENT REQUESTED: this portion has been omitted and filed separately."
    pages = [page(n, *([line(legend, 400 + 20 * n)] if n in {2, 4, 7} else [])) for n in range(1, 9)]
    assert [at for at, _, _ in found(*pages)] == [2, 4, 7]


def test_numbers_of_clauses_on_top_of_pages_stay() -> None:
    """Clause numbers that stood in lines of their own rose with the pages and were taken for page numbers."""
    pages = [page(n, line(f"{3 * n}.", 86, 50, 60), line(str(n), 755, 300, 306)) for n in range(1, 9)]
    assert {text for _, text, _ in found(*pages)} == {str(n) for n in range(1, 9)}


def test_three_pages_of_which_the_first_has_no_number() -> None:
    assert [at for at, _, _ in found(page(1), page(2, line("2", 755)), page(3, line("3", 755)))] == [2, 3]


def test_two_copies_of_an_invoice_keep_its_number_and_dates() -> None:
    """Original and copy of one invoice in a file: all that stood on top of both was taken for a header."""
    top = (line("Faktura nr FV 1/2021", 40), line("Data wystawienia: 2021-04-26", 55))
    copies = [Page(n, 612, 792, (*top, *page(1).lines, line(mark, 770))) for n, mark in ((1, "Original"), (2, "Copy"))]
    assert not found(*copies)


def test_pages_of_one_line_are_not_emptied() -> None:
    """Slides of one counting line each were furniture altogether, and the document failed for want of text."""
    assert not found(*(Page(n, 612, 792, (line(f"Demonstration slide {n}", 40),)) for n in range(1, 8)))


def test_tables_in_markdown_are_no_furniture() -> None:
    table = Line("| Item | Price |", Box(72, 90, 540, 99), kind="table")
    assert not found(*(page(n, table) for n in range(1, 6)))
