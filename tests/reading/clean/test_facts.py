"""facts: what only heads and feet of pages say is shown once, behind the text, with its line for evidence."""

from __future__ import annotations

from qwen_batch.config import CleanSettings
from qwen_batch.reading.clean.facts import FACTS_HEADING, MAX_FACT_CHARS, MAX_FACT_LINES
from qwen_batch.reading.clean.pages_to_clean import page_texts, pages_to_clean
from qwen_batch.records import Box, CleanDocument, Document, Line, Page

DOCUMENT = Document("id", "file", "application/pdf", 1)
WORDS = ("zero", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
HEAD = "Contract No. KX-2291   Effective 3 March 2025"
FOOT = "9 Silo Road, Lowmarsh"


def line(text: str, y: float, x0: float = 72, x1: float = 540) -> Line:
    return Line(text, Box(x0, y, x1, y + 10))


def page(number: int, *furniture: Line, ocr: bool = False, rows: int = 20) -> Page:
    name = WORDS[number] if number < len(WORDS) else f"{number}th"
    body = (line(f"The {name} supplier delivers goods {chr(97 + row)}.", 100 + 14 * row) for row in range(rows))
    return Page(number, 612, 792, (*furniture, *body), ocr_done=ocr)


def clean(pages: list[Page], settings: CleanSettings | None = None) -> CleanDocument:
    return pages_to_clean(DOCUMENT, pages, settings or CleanSettings())


def facts(result: CleanDocument) -> list[str]:
    if result.facts_at is None:
        return []
    return result.text[result.facts_at :].strip().removeprefix(FACTS_HEADING).strip().splitlines()


def test_a_contracts_number_and_an_address_in_running_heads_alone_are_shown_once_below_the_text() -> None:
    """They were trimmed from every page and stood nowhere in the text."""
    pages = [page(n, line(HEAD, 30), line(FOOT, 740), line(f"Page {n} of 5", 755)) for n in range(1, 6)]
    result = clean(pages)
    assert facts(result) == [HEAD, FOOT]
    assert result.text.count(HEAD) == 1
    assert len(result.trimmed) == 15


def test_facts_have_the_page_and_the_place_of_their_line_and_are_in_no_pages_text() -> None:
    pages = [page(n, line(HEAD, 30)) for n in range(1, 6)]
    result = clean(pages)
    assert result.facts_at is not None
    (span,) = [span for span in result.lines if span.start >= result.facts_at]
    assert (result.text[span.start : span.end], span.page, span.box) == (HEAD, 1, Box(72, 30, 540, 40))
    assert not any("KX-2291" in text.text or FACTS_HEADING in text.text for text in page_texts(result, pages))
    assert page_texts(result, pages)[4].text.endswith("goods t.")


def test_page_numbers_and_repeats_of_the_text_are_no_facts() -> None:
    pages = [page(n, line("Supplier delivers goods", 30), line(f"{n}", 755)) for n in range(1, 6)]
    assert clean(pages).facts_at is None


def test_a_page_number_beside_a_fact_is_left_out_of_it() -> None:
    pages = [
        page(n, line(f"Contract No. KX-2291 - Page {n} of 5", 30), line(f"Annual Report {n}", 755)) for n in range(1, 6)
    ]
    assert facts(clean(pages)) == ["Contract No. KX-2291", "Annual Report"]


def test_a_page_number_in_the_middle_makes_no_fact_of_every_page() -> None:
    pages = [page(n, line(f"Confidential Page {n} of 5 Initials: CL MD", 755)) for n in range(1, 6)]
    assert len(facts(clean(pages))) == 1


def test_a_legend_says_only_whose_it_is() -> None:
    legend = "© 2014 Example Press. All rights reserved."
    assert facts(clean([page(1, line(legend, 755))])) == ["Example Press"]
    assert "All rights reserved" not in clean([page(1, line(legend, 755))]).text


def test_what_ocr_reads_a_little_otherwise_is_one_fact_and_other_figures_are_another() -> None:
    heads = ["Contract KX-2291 of the Harbour", "Contract KX-2291 of the Harhour", "Contract KX-2291 of the Harbour"]
    assert facts(clean([page(n, line(head, 30), ocr=True) for n, head in enumerate(heads, 1)])) == heads[:1]


def test_where_there_is_no_room_the_first_stays_in_its_place() -> None:
    """A book's running heads are never lost: beyond the limit each stays where it stood first."""
    names = [f"{letter}{other}entry of the register" for letter in "bcdfghjklmnpqrs" for other in "aeiou"]
    pages = [page(3 * at + turn + 1, line(name, 30)) for at, name in enumerate(names) for turn in range(3)]
    result = clean(pages)
    assert len(facts(result)) == MAX_FACT_LINES
    assert sum(map(len, facts(result))) <= MAX_FACT_CHARS
    assert all(result.text.count(name) == 1 for name in names)


def test_a_document_of_nothing_but_heads_stays_as_it_is() -> None:
    pages = [Page(1, 612, 792, (Line("Contract No. KV-2291", Box(0, 0, 0, 0), kind="header"),))]
    assert clean(pages).text == "Contract No. KV-2291"


def test_what_a_file_calls_a_header_is_a_fact_if_it_stands_nowhere_else() -> None:
    """A letter's "Contract No. KV-2291" in the header of a Word file was nowhere in the text."""
    nowhere = Box(0, 0, 0, 0)
    lines = (Line("Contract No. KV-2291", nowhere, kind="header"), Line("Dear Sirs, the goods are here.", nowhere))
    result = clean([Page(1, 612, 792, lines)])
    assert result.text == f"Dear Sirs, the goods are here.\n\n{FACTS_HEADING}\n\nContract No. KV-2291"


def test_settings_that_keep_headers_make_no_facts_of_them() -> None:
    pages = [page(n, line(HEAD, 30)) for n in range(1, 6)]
    assert clean(pages, CleanSettings(headers=False)).facts_at is None


def test_the_number_at_the_end_of_a_declared_head_was_taken_for_a_page_number() -> None:
    head = Line("Offer of Orla 33", Box(0, 0, 0, 0), kind="header")
    body = Line("The supplier delivers goods.", Box(0, 0, 0, 0))
    assert facts(clean([Page(1, 0, 0, (head, body))])) == ["Offer of Orla 33"]
