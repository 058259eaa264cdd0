"""clean: what is trimmed, what must never be, and how lines become text again."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.clean import pages_to_clean
from qwen_batch.config import CleanSettings, ReadSettings
from qwen_batch.page_numbers import PageLabel, page_label
from qwen_batch.readers import ReadResult, document_to_pages
from qwen_batch.records import Box, CleanDocument, Document, Line, Page
from qwen_batch.script import language_of

DATA = Path(__file__).parents[2] / "shared" / "data"
DOCUMENT = Document("id", "file", "application/pdf", 1)
BODY = "The supplier delivers the goods {} to the buyer at the agreed place and in good order"


def line(text: str, y: float, x1: float = 540) -> Line:
    return Line(text, Box(72, y, x1, y + 10))


def page(number: int, lines: list[Line], *, ocr: bool = False) -> Page:
    return Page(number, 612, 792, tuple(lines), ocr_done=ocr, ocr_confidence=0.9 if ocr else None)


def body(number: int, rows: int = 20) -> list[Line]:
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return [line(BODY.format(f"{words[number]}ly {chr(97 + row)}") + ".", 100 + 14 * row) for row in range(rows)]


def clean(pages: list[Page], settings: CleanSettings | None = None) -> CleanDocument:
    result = pages_to_clean(DOCUMENT, pages, settings or CleanSettings())
    for span in result.lines:
        assert result.text[span.start : span.end].strip()
    assert [span.start for span in result.lines] == sorted(span.start for span in result.lines)
    return result


def trimmed(result: CleanDocument) -> set[tuple[int, str, str]]:
    return {(item.page, item.text, item.reason) for item in result.trimmed}


def test_running_header_footer_and_page_number_are_trimmed_with_their_reason() -> None:
    pages = [
        page(
            n,
            [line("Supply Agreement", 40), *body(n), line("ACME Corp. Confidential", 740), line(f"Page {n} of 4", 755)],
        )
        for n in range(1, 5)
    ]
    result = clean(pages)
    assert trimmed(result) == {
        entry
        for n in range(1, 5)
        for entry in (
            (n, "Supply Agreement", "header"),
            (n, "ACME Corp. Confidential", "footer"),
            (n, f"Page {n} of 4", "page_number"),
        )
    }


def test_settings_keep_what_is_not_to_be_trimmed() -> None:
    pages = [page(n, [line("Supply Agreement", 40), *body(n), line(f"{n}", 755)]) for n in range(1, 5)]
    result = clean(pages, CleanSettings(headers=False))
    assert result.text.count("Supply Agreement") == 4
    assert {item.reason for item in result.trimmed} == {"page_number"}


def test_odd_and_even_pages_have_headers_of_their_own() -> None:
    titles = ("The Annual Report of the Company", "Chapter on Finance and Risk")
    pages = [page(n, [line(titles[n % 2], 40), *body(n)]) for n in range(1, 9)]
    assert len(clean(pages).trimmed) == 8


def test_text_that_does_not_repeat_stays() -> None:
    pages = [page(n, [line(f"Heading number {'xyzw'[n]} alone", 40), *body(n)]) for n in range(1, 4)]
    assert not clean(pages).trimmed


def test_article_headings_on_top_of_pages_are_no_running_header() -> None:
    pages = [page(n, [line(f"ARTICLE {n + 3}", 40), *body(n)]) for n in (1, 2)]
    pages += [page(n, [line(f"ARTICLE {2 * n}", 40), *body(n)]) for n in (3, 4)]
    pages += [page(n, body(n)) for n in range(5, 10)]
    assert not clean(pages).trimmed


def test_single_page_loses_nothing_but_a_page_number_that_proves_itself() -> None:
    assert not clean([page(1, [line("Letter", 40), *body(1), line("7", 755)])]).trimmed
    result = clean([page(1, [line("Letter", 40), *body(1), line("Page 1 of 1", 755)])])
    assert trimmed(result) == {(1, "Page 1 of 1", "page_number")}


def test_two_pages_need_the_same_place() -> None:
    same = [page(n, [line("Deed of Trust", 40), *body(n)]) for n in (1, 2)]
    other = [page(n, [line("Deed of Trust", 40 + 20 * n), *body(n)]) for n in (1, 2)]
    assert len(clean(same).trimmed) == 2
    assert not clean(other).trimmed


def test_the_odd_pages_of_a_short_document_share_a_header_and_a_lone_even_one_stays() -> None:
    tops = ["Thornbury / Meridian", "Supply Agreement No. 1", "Thornbury / Meridian"]
    result = clean([page(number, [line(top, 30), *body(number)]) for number, top in enumerate(tops, 1)])
    assert {(at, text) for at, text, _ in trimmed(result)} == {(1, tops[0]), (3, tops[2])}
    assert tops[1] in result.text


def test_a_dash_that_ocr_saw_before_a_header_does_not_save_it() -> None:
    tops = ["Solvane / Brightmoor - Non-Disclosure Agreement", "- Solvane / Brightmoor - Non-Disclosure Agreement"]
    result = clean([page(number, [line(top, 32), *body(number)], ocr=True) for number, top in enumerate(tops, 1)])
    assert {(at, reason) for at, _, reason in trimmed(result)} == {(1, "header"), (2, "header")}


def test_numbers_that_do_not_count_stay() -> None:
    pages = [page(n, [*body(n), line(value, 755)]) for n, value in enumerate(("17", "4", "1250", "33"), start=1)]
    assert not clean(pages).trimmed


def test_two_numbers_on_one_page_are_no_evidence() -> None:
    """A scanned chart's axis labels "3" and "3" were trimmed because they agreed with each other."""
    pages = [page(1, body(1)), page(2, [*body(2), line("3", 740), line("3", 755)])]
    assert not clean(pages).trimmed


def test_ocr_noise_in_a_header_is_tolerated() -> None:
    texts = (
        "Confidential treatment requested",
        "Confidentlal treatment requested",
        "Confidential treatrnent requested",
    )
    pages = [page(n, [line(texts[n % 3], 40 + n), *body(n)], ocr=True) for n in range(1, 7)]
    assert len(clean(pages).trimmed) == 6


def test_scanned_form_with_lines_that_differ_in_a_letter_keeps_them() -> None:
    rows = ("a", "b", "c", "d", "e", "f")
    pages = [
        page(n, [line(f"Item {rows[n - 1]} of the inventory list was checked by", 40), *body(n)], ocr=True)
        for n in range(1, 7)
    ]
    assert not clean(pages).trimmed


def test_chinese_page_numbers() -> None:
    pages = [page(n, [*body(n), line(f"第{n}页 共3页", 755)]) for n in range(1, 4)]
    assert {item.reason for item in clean(pages).trimmed} == {"page_number"}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("- 3 -", PageLabel(3)),
        ("iv", PageLabel(4)),
        ("Page 3 of 12", PageLabel(3, 12, named=True)),
        ("3 / 12", PageLabel(3, 12, named=True)),
        ("第3页 共12页", PageLabel(3, 12, named=True)),
        ("A-3", PageLabel(3)),
        ("Section 3", None),
        ("3.1 Scope", None),
        ("iiii", None),
    ],
)
def test_page_labels(text: str, label: PageLabel | None) -> None:
    assert page_label(text) == label


def test_sentence_over_a_page_break_is_one_sentence() -> None:
    first = page(
        1, [*body(1), line("The buyer pays the price within thirty days after the receipt of the", 400), line("1", 755)]
    )
    second = page(2, [line("invoice. It may withhold a part.", 100), *body(2, 5), line("2", 755)])
    assert "after the receipt of the invoice. It may" in clean([first, second]).text


def test_finished_sentence_before_a_page_break_ends_a_paragraph() -> None:
    result = clean([page(1, [line("It ends here.", 100)]), page(2, [line("Another begins.", 100)])])
    assert result.text == "It ends here.\n\nAnother begins."


def test_chinese_sentence_over_a_page_break_has_no_space() -> None:
    result = clean([page(1, [line("甲方应当在收到", 100)]), page(2, [line("发票后付款。", 100)])])
    assert "收到" in result.text
    full = clean(
        [
            page(1, [line("根据本合同的约定甲方应当在收到乙方开具的增值税专用发票之日起三十", 100)]),
            page(2, [line("日内付款。", 100)]),
        ]
    )
    assert "三十日内付款" in full.text


def test_divided_word_is_whole_again_and_spans_are_exact() -> None:
    result = clean(
        [
            page(
                1,
                [
                    line("the respon-", 100),
                    line("sibility of a well-", 114),
                    line("known party, a well-known one", 128),
                ],
            )
        ]
    )
    assert result.text == "the responsibility of a well-known party, a well-known one"
    assert [result.text[span.start : span.end] for span in result.lines] == [
        "the respon",
        "sibility of a well-",
        "known party, a well-known one",
    ]


def test_wider_gap_is_a_paragraph() -> None:
    result = clean(
        [page(1, [line("one", 100), line("two", 114), line("three", 128), line("four", 160), line("five", 174)])]
    )
    assert result.text == "one\ntwo\nthree\n\nfour\nfive"


def test_blank_line_is_a_paragraph_in_plain_text() -> None:
    nowhere = Box(0, 0, 0, 0)
    lines = tuple(Line(text, nowhere) for text in ("one", "two", "", "three"))
    assert clean([Page(1, 0, 0, lines)]).text == "one\ntwo\n\nthree"


def test_document_without_text() -> None:
    result = clean([Page(1, 612, 792, ())])
    assert (result.text, result.lines, result.language) == ("", (), "und")


def test_confidence_and_warnings_of_the_document() -> None:
    pages = [
        page(1, body(1), ocr=True),
        Page(2, 612, 792, (), needs_ocr="image", warnings=("OCR took longer than 1 s",)),
    ]
    result = clean(pages)
    assert (result.pages, result.ocr_pages, result.ocr_confidence) == (2, 1, pytest.approx(0.9))
    assert result.warnings == ("page 2: OCR took longer than 1 s",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("This is the contract of the parties and it shall be governed by the law of Nevada.", "en"),
        ("Dieser Vertrag wird zwischen den Parteien geschlossen und gilt ab sofort.", "und"),
        ("本合同由甲乙双方签订，合同编号 ABC-123。", "zh"),
        ("この契約は両者の間で締結されます。", "ja"),
        ("이 계약은 당사자 간에 체결됩니다.", "ko"),
        ("12345", "und"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no sample documents in {DATA}")
def test_no_line_of_a_real_contract_disappears() -> None:
    for path in sorted((DATA / "cuad" / "full_contract_pdf").rglob("*.[pP][dD][fF]"))[::6]:
        read = document_to_pages(DOCUMENT, path, ReadSettings())
        assert isinstance(read, ReadResult)
        result = clean(list(read.pages))
        before = sum(bool(line.text.strip()) for page in read.pages for line in page.lines)
        assert len(result.lines) + len(result.trimmed) == before, path.name
        assert all(result.text[span.start : span.end] for span in result.lines)
