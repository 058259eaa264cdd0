"""pages_to_clean: what is trimmed, what must never be, and how lines become text again."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from qwen_batch.config import CleanSettings, ReadSettings
from qwen_batch.reading.clean.pages_to_clean import page_texts, pages_to_clean
from qwen_batch.reading.language.script import language_of
from qwen_batch.reading.parts.reader import ReadResult, document_to_pages
from qwen_batch.records import Box, CleanDocument, Document, Line, Page

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


def test_no_line_of_a_real_contract_disappears(shared_data: Path) -> None:
    for path in sorted((shared_data / "cuad" / "full_contract_pdf").rglob("*.[pP][dD][fF]"))[::6]:
        read = document_to_pages(DOCUMENT, path, ReadSettings())
        assert isinstance(read, ReadResult)
        result = clean(list(read.pages))
        before = sum(bool(line.text.strip()) for page in read.pages for line in page.lines)
        body = [span for span in result.lines if result.facts_at is None or span.start < result.facts_at]
        assert len(body) + len(result.trimmed) == before, path.name
        assert all(result.text[span.start : span.end] for span in result.lines)


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("headers", "header"),
        ("footers", "footer"),
        ("page_numbers", "page_number"),
        ("watermarks", "watermark"),
        ("line_numbers", "line_number"),
        ("captions", "caption"),
    ],
)
def test_each_kind_is_trimmed_by_its_own_setting(field: str, reason: str) -> None:
    def furnished(n: int) -> Page:
        rows = body(n)
        numbers = [Line(str(at), Box(50, row.box.y0, 60, row.box.y1)) for at, row in enumerate(rows, 1)]
        caption = line(f"Figure {n}: Goods that were delivered in {'abcd'[n - 1]}", 400)
        watermark = Line("DRAFT", Box(100, 200, 500, 500))
        furniture = [line("Supply Agreement", 40), line("ACME Corp. Confidential", 740), line(f"Page {n} of 4", 755)]
        return page(n, [*rows, *numbers, caption, watermark, *furniture])

    pages = [furnished(n) for n in range(1, 5)]
    for on in (True, False):
        reasons = {item.reason for item in clean(pages, CleanSettings.model_validate({field: on})).trimmed}
        assert (reason in reasons) is on


def test_what_the_file_calls_a_header_is_one_on_a_single_page_too() -> None:
    declared = Line("Letterhead", Box(0, 0, 0, 0), kind="header")
    text = Line("Dear Sir", Box(0, 0, 0, 0))
    assert trimmed(clean([Page(1, 0, 0, (declared, text))])) == {(1, "Letterhead", "header")}
    assert "Letterhead" in clean([Page(1, 0, 0, (declared, text))], CleanSettings(headers=False)).text


def test_text_of_each_page_without_its_furniture_and_a_divided_word_where_it_starts() -> None:
    first = [*body(1, 5), line("The buyer pays after receipt of the respon-", 300), line("1", 755)]
    pages = [page(1, first), page(2, [line("sible party. It may", 100), line("2", 755)]), page(3, [line("3", 755)])]
    texts = page_texts(clean(pages), pages)
    assert [text.number for text in texts] == [1, 2, 3]
    assert texts[0].text.endswith("receipt of the responsible")
    assert (texts[1].text, texts[1].raw_text) == ("party. It may", "sible party. It may\n2")
    assert (texts[2].text, texts[2].raw_text) == ("", "3")


def test_columns_that_were_read_across_are_put_right_unless_the_settings_keep_them() -> None:
    left = [Line(f"left {BODY.format(row)}", Box(72, 100 + 14 * row, 290, 110 + 14 * row)) for row in range(9)]
    right = [Line(f"right {BODY.format(row)}", Box(310, 100 + 14 * row, 530, 110 + 14 * row)) for row in range(9)]
    pages = [page(1, list(chain.from_iterable(zip(left, right, strict=True))))]
    assert clean(pages).text.rindex("left") < clean(pages).text.index("right")
    kept = clean(pages, CleanSettings(reading_order=False)).text
    assert kept.index("right") < kept.rindex("left")
