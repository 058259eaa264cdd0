"""joining: how lines become text again, and that spans still say where each line stands."""

from __future__ import annotations

from qwen_batch.reading.clean.joining import joined
from qwen_batch.records import Box, Line, Page, Word


def line(text: str, y: float, *, x1: float = 540, height: float = 10) -> Line:
    return Line(text, Box(72, y, x1, y + height))


def page(number: int, lines: list[Line]) -> Page:
    return Page(number, 612, 792, tuple(lines))


def text_of(*pages: list[Line]) -> str:
    return joined([page(number, lines) for number, lines in enumerate(pages, 1)]).text


def test_sentence_over_a_page_break_is_one_sentence() -> None:
    first = [line("The buyer pays the price within thirty days after the receipt of the", 400)]
    assert "after the receipt of the invoice. It may" in text_of(first, [line("invoice. It may withhold a part.", 100)])


def test_finished_sentence_before_a_page_break_ends_a_paragraph() -> None:
    assert text_of([line("It ends here.", 100)], [line("Another begins.", 100)]) == "It ends here.\n\nAnother begins."


def test_chinese_sentence_over_a_page_break_has_no_space() -> None:
    first = [line("根据本合同的约定甲方应当在收到乙方开具的增值税专用发票之日起三十", 100)]
    assert "三十日内付款" in text_of(first, [line("日内付款。", 100)])


def test_the_mark_that_repeats_a_character_is_one_too() -> None:
    """After 々 and 〇 a space was put into the word."""
    first = [line("第一当事者及び第二当事者はこの契約に定めるところによりその構成する人々", 100)]
    assert "人々全員" in text_of(first, [line("全員に通知する。", 100)])


def test_sentence_over_a_page_break_is_one_sentence_with_a_footnote_in_between() -> None:
    body = [
        line(f"The supplier delivers the goods of kind {kind} in good order.", 100 + 14 * at)
        for at, kind in enumerate("abcdef")
    ]
    running = line("The buyer pays the price within thirty days after the receipt of the", 220)
    note = [line("1 As amended by the parties in the letter of May.", 700, height=8), line("See there.", 710, height=8)]
    text = text_of([*body, running, *note], [line("invoice. It may withhold a part.", 100)])
    assert "after the receipt of the invoice. It may" in text
    assert text.index("1 As amended") < text.index("The buyer pays")


def test_signature_below_a_small_date_is_not_moved() -> None:
    """A signature block at the end of a page was taken for a footnote and put before the line above it."""
    body = [
        line(f"The supplier delivers the goods of kind {kind} in good order.", 100 + 14 * at)
        for at, kind in enumerate("abcdef")
    ]
    end = [line("-" * 40, 220), line("19 Jan. 1998", 240, height=8)]
    text = text_of([*body, *end], [line("Janet Baker, President", 100)])
    assert text.index("-----") < text.index("19 Jan. 1998")


def test_divided_word_is_whole_again_and_spans_are_exact() -> None:
    parts = ["the respon-", "sibility of a non-", "profit party, a long-", "term one, a long-term party"]
    result = joined([page(1, [line(part, 100 + 14 * at) for at, part in enumerate(parts)])])
    assert result.text == "the responsibility of a non-profit party, a long-term one, a long-term party"
    assert [result.text[span.start : span.end] for span in result.lines] == [
        "the respon",
        "sibility of a non-",
        "profit party, a long-",
        "term one, a long-term party",
    ]


def test_wider_gap_is_a_paragraph() -> None:
    lines = [line(text, y) for text, y in (("one", 100), ("two", 114), ("three", 128), ("four", 160), ("five", 174))]
    assert text_of(lines) == "one\ntwo\nthree\n\nfour\nfive"


def test_blank_line_is_a_paragraph_in_plain_text() -> None:
    lines = [Line(text, Box(0, 0, 0, 0)) for text in ("one", "two", "", "three")]
    assert text_of(lines) == "one\ntwo\n\nthree"


def test_quotation_marks_made_of_two_single_ones_are_double() -> None:
    assert text_of([line("a ‘‘term’’ of the buyer’s", 100)]) == "a “term” of the buyer’s"


def test_a_range_of_figures_over_a_lines_end_stays_in_one_piece() -> None:
    """ "12-" and "15" became "12-" and "15" on a line of its own."""
    assert text_of([line("a price of EUR 12-", 100), line("15 per unit", 114)]) == "a price of EUR 12-15 per unit"


def test_a_compound_keeps_its_hyphen_though_the_document_has_it_once() -> None:
    """ "price-determining" became "pricedetermining"."""
    lines = [line("on the price-", 100), line("determining factors that we pro-", 114), line("vide here", 128)]
    assert text_of(lines) == "on the price-determining factors that we provide here"


def test_letters_of_a_title_that_are_set_apart_are_words_again() -> None:
    assert text_of([line("P U R C H A S E A G R E E M E N T", 100)]) == "PURCHASE AGREEMENT"


def test_soft_hyphens_and_zero_width_characters_go() -> None:
    """They stood inside of words, which no search then found."""
    lines = [line("die Haft\u00adungs\u00adfrist von 1\u200b000 Ta\u00ad", 100), line("gen endet\u00ad", 114)]
    assert text_of(lines) == "die Haftungsfrist von 1000 Tagen endet"


def test_words_of_a_line_are_found_in_its_text_without_soft_hyphens() -> None:
    box = Box(72, 100, 172, 110)
    (span,) = joined([page(1, [Line("Haft\u00adung", box, (Word("Haft\u00adung", box),))])]).lines
    assert [word.text for word in span.words] == ["Haftung"]
