"""lone_page: what position and form alone may take from a page without neighbours, and what they may not."""

from __future__ import annotations

import pytest

from qwen_batch.reading.clean.lone_page import lone_furniture
from qwen_batch.records import Box, Line, Page


def line(text: str, y: float, x0: float = 72, x1: float = 540) -> Line:
    return Line(text, Box(x0, y, x1, y + 10))


def prose(rows: int = 30) -> list[Line]:
    return [
        line(f"and the {chr(97 + row % 26)} supplier delivers all of the goods to the buyer", 100 + 14 * row)
        for row in range(rows)
    ]


def found(*lines: Line, pages: int = 1) -> dict[str, str]:
    page = Page(1, 612, 792, lines)
    furniture = lone_furniture([page] * pages)
    return {page.lines[at.line].text: reason for at, reason in furniture.items()}


@pytest.mark.parametrize(
    ("text", "y", "reason"),
    [
        ("7", 755, "page_number"),
        ("7-45", 755, "page_number"),
        ("Page 7 of 12", 755, "page_number"),
        ("Advocacy in Action 447", 60, "header"),
        ("400 British Husbandry", 60, "header"),
        ("Downloaded from http://journal.example on July 12, 2017", 20, "header"),
        ("PLOS Tropical Diseases 1 March 2014 | Volume 8 | Issue 3 | e2748", 755, "footer"),
        ("doi:10.1371/journal.pntd.0002748", 755, "footer"),
        ("Journal of Hydrology 12 (2014) 345–360", 60, "header"),
        ("Smith et al.", 60, "header"),
        ("© 2014 The Publisher. All rights reserved.", 755, "footer"),
    ],
)
def test_furniture_of_a_page_of_running_text(text: str, y: float, reason: str) -> None:
    assert found(line(text, y), *prose()) == {text: reason}


@pytest.mark.parametrize(
    "text",
    [
        "The Annual Report",
        "March 14, 2019",
        "Fiscal Year 2012",
        "Purchase Order 4512",
        "Exhibit 10",
        "ARTICLE 4",
        "3 Results and Discussion",
        "ACME Corporation, 12 Main Street, Springfield",
        "www.acme.example",
        "* See the letter of May.",
    ],
)
def test_titles_headings_dates_and_letterheads_stay(text: str) -> None:
    assert not found(line(text, 40), *prose())
    assert not found(line(text, 755), *prose())


def test_a_number_close_below_the_text_stays() -> None:
    assert not found(*prose(), line("14", 100 + 14 * 30))
    assert not found(*prose(), line("1/2", 100 + 14 * 30))


def test_the_last_figure_of_a_form_or_a_receipt_stays() -> None:
    rows = [line(f"Item {row}", 100 + 14 * row, 72, 120) for row in range(8)]
    assert not found(*rows, line("62", 755, 90, 100))


def test_a_number_in_the_corner_beside_everything_is_a_page_number() -> None:
    assert found(line("Quarterly results", 100, 72, 300), line("12", 770, 590, 600)) == {"12": "page_number"}


def test_the_last_line_of_a_list_of_references_stays() -> None:
    """A reference with a DOI, or with volume, year and pages, at the end of a page looks like a journal's footer."""
    for reference in (
        "Virology 12 (2014) 345-360.",
        "9 (2009), 49-57. doi:10.1371/journal.pntd.0002748",
        "Smith et al.",
    ):
        assert not found(*prose(), line(reference, 100 + 14 * 30))


def test_a_footer_of_two_rows_has_its_gap_above_the_upper_one() -> None:
    """Neither row stood apart from the next, and both stayed."""
    rows = (
        line("https://doi.org/10.1016/j.abc.2014.03.045", 730),
        line("© 2014 Example Press. All rights reserved.", 741),
    )
    assert set(found(*prose(), *rows).values()) == {"footer"}
    assert len(found(*prose(), *rows)) == 2


def test_a_page_number_below_a_row_that_stays_is_one() -> None:
    """The search ended at the first row without a reason."""
    assert found(*prose(), line("Page 3 of 9", 744), line("Kestrel Grain Cooperative", 755)) == {
        "Page 3 of 9": "page_number"
    }


def test_a_publishers_legend_on_one_page_of_many_is_furniture() -> None:
    legend = line("© 2014 The Publisher. All rights reserved.", 755)
    assert set(found(*prose(), legend, pages=5).values()) == {"footer"}


def test_longer_documents_are_left_to_the_evidence_of_their_pages() -> None:
    assert not found(*prose(), line("7", 755), pages=3)


def test_page_number_beside_a_word_in_the_margin_of_a_lone_page_stayed() -> None:
    assert found(*prose(), line("Confidential - Page 1 of 1", 760, x1=200)) == {"Confidential - Page 1 of 1": "footer"}
