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


def test_a_letters_own_date_and_addressee_stay_though_its_further_pages_repeat_them() -> None:
    """The head of pages 2 and on equals what page 1 says further down; it was trimmed from all."""
    first = page(1, line("Acme Ltd.", 86), line("March 17, 2010", 72))
    further = [page(n, line("Acme Ltd.", 30), line("March 17, 2010", 44), line(f"Page {n}", 58)) for n in (2, 3, 4)]
    assert {text for at, text, _ in found(first, *further) if at == 1} == set()
    assert len(found(first, *further)) == 9


def test_an_agreements_own_title_stays_where_the_running_head_repeats_it() -> None:
    title = "Mobile Application Development Agreement"
    first = page(1, line(title.upper(), 56, 201), line("Agreement No: VAL-190305-1", 72, 200))
    heads = (line(title, 36, 330), line("Agreement No: VAL-190305-1", 46, 330))
    pages = [first, *(page(n, *heads) for n in range(2, 8))]
    assert {at for at, _, _ in found(*pages)} == set(range(2, 8))


def test_a_heading_on_pages_far_apart_is_no_header() -> None:
    """ "General Conditions" on pages 2, 5 and 8 stood in one place; of a book of 619 pages 17 body lines went so."""
    pages = [page(n, *([line("General Conditions", 42)] if n in {1, 5, 9} else [])) for n in range(1, 10)]
    assert not found(*pages)


def test_a_running_head_of_few_pages_in_a_row_is_one() -> None:
    pages = [page(n, *([line("General Conditions", 42)] if n in {4, 5, 6} else [])) for n in range(1, 10)]
    assert [at for at, _, _ in found(*pages)] == [4, 5, 6]


def test_bare_figures_that_rise_are_data() -> None:
    """A count in the last line of every page, 17, 23, 31, 38, was taken for page numbers of which some are missing."""
    assert not found(*(page(n, line(count, 774)) for n, count in enumerate(("17", "23", "31", "38"), 1)))


def test_bare_numbers_of_facing_pages_are_page_numbers_though_sheets_are_missing() -> None:
    places = (("3", 520), ("4", 72), ("11", 520), ("20", 72))
    assert len(found(*(page(n, line(text, 755, x0, x0 + 10)) for n, (text, x0) in enumerate(places, 1)))) == 4


def test_what_repeats_in_the_middle_of_short_pages_is_their_body() -> None:
    """Five rows from each edge reached across the whole of a form, and its labels went."""
    rows = ("Site visit", "Meter number", "Reading", "Name of the reader", "Signature", "Remarks")
    forms = [
        Page(
            n,
            612,
            792,
            tuple(line(row, 40 + 20 * at) for at, row in enumerate((*rows, *(f"{x}{n}th" for x in "abcd")))),
        )
        for n in range(1, 5)
    ]
    assert "Signature" not in {text for _, text, _ in found(*forms)}


def test_no_body_line_of_a_book_of_619_pages_is_trimmed() -> None:
    """Headings that came again far apart were trimmed, as were lines that stood alike at the edge of three pages."""
    names = ("Oats", "Barley", "Rye", "Wheat", "Spelt", "Millet", "Maize", "Sorghum", "Rice", "Teff")
    pages = []
    for n in range(1, 620):
        name = f"{names[n % 10]} {names[n // 10 % 10]} {names[n // 100]}"
        body = tuple(
            line(f"On {name} and its {names[row % 10]} {names[row // 10]} the farmer writes.", 100 + 14 * row)
            for row in range(30)
        )
        heading = (line("A summary of the year", 80),) if n % 40 == 0 else ()
        pages.append(Page(n, 612, 792, (line("The Farmer's Calendar", 40), *heading, *body, line(str(n), 755))))
    furniture = found(*pages)
    assert {text for _, text, reason in furniture if reason != "page_number"} == {"The Farmer's Calendar"}
    assert len(furniture) == 2 * 619
