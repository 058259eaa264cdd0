"""ground: a quote is found where it stands, with the page, characters and boxes of exactly its words."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.ground import (
    MIN_FUZZY_SCORE,
    NO_MATCH,
    Match,
    answer_to_evidence,
    locate_quote,
    text_to_index,
    words_confidence,
)
from qwen_batch.records import Answer, Box, Chunk, CleanDocument, Completion, Document, Evidence, LineSpan, Word

CHAR_WIDTH = 10.0
LINE_HEIGHT = 20.0

ENGLISH = [
    ["This Agreement is made between Acme Corp. and Bolt Ltd.", "The supplier shall deliver the goods in inter-"],
    ["national packaging. Payment is due within 30 days."],
]
CHINESE = [["甲方：北京云海科技有限公司", "乙方：上海明德 贸易有限公司"], ["本合同自二〇二四年五月一日起生效。"]]


def line_words(text: str, y: float, confidence: float | None) -> tuple[Word, ...]:
    """A word box for each word of a line, ten points a character."""
    words, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        box = Box(at * CHAR_WIDTH, y, (at + len(word)) * CHAR_WIDTH, y + LINE_HEIGHT)
        words.append(Word(word, box, confidence))
        at += len(word)
    return tuple(words)


def document(
    pages: list[list[str]], *, words: bool = True, confidence: float | None = None, language: str = "en"
) -> CleanDocument:
    text, spans = "", []
    for page, lines in enumerate(pages, 1):
        for row, line in enumerate(lines):
            text += "\n" if text else ""
            y = row * LINE_HEIGHT
            box = Box(0, y, len(line) * CHAR_WIDTH, y + LINE_HEIGHT)
            found = line_words(line, y, confidence) if words else ()
            spans.append(LineSpan(len(text), len(text) + len(line), page, box, found))
            text += line
    return CleanDocument(
        Document("id", "file", "application/pdf", 1), text, tuple(spans), (), language, len(pages), 0, None
    )


def evidence_of(result: dict[str, Any], clean: CleanDocument, chunk: Chunk | None = None) -> tuple[Evidence, ...]:
    chunk = chunk or Chunk(clean.text, 0, len(clean.text))
    answer = Answer(chunk, result, Completion("", "stop", 1, 1), 1, 1, 1)
    return answer_to_evidence(answer, clean, text_to_index(clean.text))


def one_evidence(quote: str, clean: CleanDocument) -> Evidence:
    (found,) = evidence_of({"fact": {"quote": quote, "value": "v"}}, clean)
    return found


def located(quote: str, text: str) -> tuple[str, str | None]:
    """The kind of a match and the characters of the text that it covers."""
    match = locate_quote(quote, text_to_index(text))
    return match.kind, None if match.start is None else text[match.start : match.end]


def test_exact_words_are_found_exactly() -> None:
    text = "\n".join(ENGLISH[0])
    match = locate_quote("Acme Corp. and Bolt", text_to_index(text))
    assert match == Match("exact", text.index("Acme"), text.index(" Ltd."), 1.0)


@pytest.mark.parametrize(
    ("quote", "text", "covered"),
    [
        ("international packaging", "goods in inter-\nnational packaging.", "inter-\nnational packaging"),
        ("the goods are delivered", "that the goods\nare   delivered", "the goods\nare   delivered"),
        ('the "Buyer" agrees', "and the “Buyer” agrees to", "the “Buyer” agrees"),
        ("Seller's Notice", "the Seller’s Notice", "Seller’s Notice"),
        ("Total: 1,200 USD", "合计 Ｔｏｔａｌ：１，２００ ＵＳＤ 整", "Ｔｏｔａｌ：１，２００ ＵＳＤ"),
        ("force majeure", "Article 9 FORCE MAJEURE applies", "FORCE MAJEURE"),
        ("Acme Holdings", "** Acme Holdings **", "Acme Holdings"),
        ("Name Acme", "| Name | Acme |", "Name | Acme"),
        ("office first floor", "oﬃce ﬁrst ﬂoor", "oﬃce ﬁrst ﬂoor"),
        ("Strasse 5", "die Straße 5 in", "Straße 5"),
        ("北京云海科技有限公司", "甲方：北京云海\n科技有限公司。", "北京云海\n科技有限公司"),
        ("合同编号:2024", "合同编号：２０２４", "合同编号：２０２４"),
        ("soft\u00adware", "the software is", "software"),
    ],
)
def test_the_look_of_the_text_does_not_hide_a_quote(quote: str, text: str, covered: str) -> None:
    kind, found = located(quote, text)
    assert (kind, found) == ("exact" if covered == quote else "normalised", covered)


def test_an_ocr_slip_is_found_fuzzily_with_a_score_below_one() -> None:
    text = "First line.\nThe supp1ier shall de1iver the goods in May.\nLast line."
    match = locate_quote("The supplier shall deliver the goods in May.", text_to_index(text))
    assert match.kind == "fuzzy"
    assert MIN_FUZZY_SCORE <= match.score < 1
    assert text[match.start : match.end] == "The supp1ier shall de1iver the goods in May."


def test_a_chinese_ocr_slip_is_found_fuzzily() -> None:
    text = "第一条\n供应商应当按照本合同约定的时间和地占交付货物。\n第二条"
    kind, covered = located("供应商应当按照本合同约定的时间和地点交付货物。", text)
    assert (kind, covered) == ("fuzzy", "供应商应当按照本合同约定的时间和地占交付货物。")


@pytest.mark.parametrize(
    "quote",
    [
        "The customer may cancel at any time for any reason",
        "Acme Cord",  # too short to be guessed at
        "",
        " ",
        "A",
        "甲",
        "--",
        "本协议任何一方均可随时无条件解除",
    ],
)
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    text = "\n".join(line for page in (*ENGLISH, *CHINESE) for line in page)
    assert locate_quote(quote, text_to_index(text)) == NO_MATCH


def test_a_quote_longer_than_the_text_is_not_found() -> None:
    assert locate_quote("The supplier shall deliver", text_to_index("supplier")) == NO_MATCH
    assert locate_quote("The supplier shall deliver", text_to_index("")) == NO_MATCH


def test_the_chunk_is_searched_before_the_rest() -> None:
    text = "Clause 1: thirty days. Clause 2: thirty days."
    second = text.rindex("thirty")
    index = text_to_index(text)
    assert locate_quote("thirty days", index).start == text.index("thirty")
    assert locate_quote("thirty days", index, 23, len(text)).start == second
    assert locate_quote("Thirty Days", index, 23, len(text)) == Match("normalised", second, len(text) - 1, 1.0)


def test_a_quote_outside_the_chunk_is_still_found() -> None:
    text = "Clause 1: thirty days. Clause 2: none."
    assert locate_quote("thirty days", text_to_index(text), 23, len(text)).start == 10


def test_an_exact_place_elsewhere_is_better_than_a_similar_one_in_the_chunk() -> None:
    text = "FORCE MAJEURE. And then: Force Majeure."
    assert locate_quote("Force Majeure", text_to_index(text), 0, 14).start == 25


def test_every_offset_of_a_match_is_one_of_the_text() -> None:
    index = text_to_index("ß＂ﬁ\u00adÅ…")
    assert index.normalised == "ssfia..."
    assert index.offsets == (0, 0, 2, 2, 4, 5, 5, 5)


def test_evidence_has_value_quote_page_and_characters() -> None:
    clean = document(ENGLISH)
    found = one_evidence("Payment is due within 30 days", clean)
    start = clean.text.index("Payment")
    assert (found.field, found.value, found.match, found.score) == ("fact.value", "v", "exact", 1.0)
    assert found.page == 2
    assert clean.text[found.start : found.end] == found.quote
    assert found.start == start


def test_the_box_is_the_union_of_the_words_quoted_and_no_others() -> None:
    found = one_evidence("Acme Corp. and", document(ENGLISH))
    line = ENGLISH[0][0]
    left, right = line.index("Acme") * CHAR_WIDTH, line.index(" Bolt") * CHAR_WIDTH
    assert found.boxes == (Box(left, 0, right, LINE_HEIGHT),)


def test_a_quote_that_begins_inside_a_word_takes_the_whole_word() -> None:
    found = one_evidence("greement is", document(ENGLISH))
    line = ENGLISH[0][0]
    assert found.boxes == (Box(line.index("Agree") * CHAR_WIDTH, 0, line.index(" made") * CHAR_WIDTH, LINE_HEIGHT),)


def test_a_word_that_occurs_twice_in_its_line_gets_its_own_box() -> None:
    found = one_evidence("the end", document([["the start and the end"]]))
    assert found.boxes == (Box(140, 0, 210, LINE_HEIGHT),)


def test_a_quote_over_two_lines_has_a_box_for_each() -> None:
    found = one_evidence("Bolt Ltd. The supplier", document(ENGLISH))
    first, second = ENGLISH[0]
    assert found.match == "normalised"
    assert found.boxes == (
        Box(first.index("Bolt") * CHAR_WIDTH, 0, len(first) * CHAR_WIDTH, LINE_HEIGHT),
        Box(0, LINE_HEIGHT, second.index(" shall") * CHAR_WIDTH, 2 * LINE_HEIGHT),
    )


def test_a_quote_over_a_page_break_has_its_first_page_and_the_boxes_there() -> None:
    clean = document(ENGLISH)
    found = one_evidence("in international packaging.", clean)
    second = ENGLISH[0][1]
    assert (found.page, found.match) == (1, "normalised")
    assert found.boxes == (
        Box(second.index("in inter") * CHAR_WIDTH, LINE_HEIGHT, len(second) * CHAR_WIDTH, 2 * LINE_HEIGHT),
    )
    assert clean.text[found.start : found.end] == "in inter-\nnational packaging."


def test_a_line_without_word_boxes_gives_its_own_box() -> None:
    clean = document(ENGLISH, words=False)
    assert one_evidence("Acme Corp.", clean).boxes == (clean.lines[0].box,)


def test_chinese_evidence_has_page_characters_and_boxes() -> None:
    clean = document(CHINESE, language="zh")
    found = one_evidence("上海明德贸易有限公司", clean)
    line = CHINESE[0][1]
    assert (found.match, found.page) == ("normalised", 1)
    assert clean.text[found.start : found.end] == "上海明德 贸易有限公司"
    assert found.boxes == (Box(0, LINE_HEIGHT, len(line) * CHAR_WIDTH, 2 * LINE_HEIGHT),)
    assert one_evidence("自二〇二四年五月一日起生效", clean).page == 2


def test_a_quote_that_is_not_there_is_evidence_without_a_place() -> None:
    found = one_evidence("nothing of this kind was ever written", document(ENGLISH))
    assert found == Evidence(
        "fact.value", "v", "nothing of this kind was ever written", None, None, None, (), "none", 0.0
    )


def test_every_value_beside_a_quote_gets_evidence_under_its_path() -> None:
    result = {
        "parties": [
            {"quote": "Acme Corp.", "name": "Acme", "role": None},
            {"quote": "Bolt Ltd.", "name": "Bolt", "role": "seller"},
        ],
        "terms": {"payment": {"quote": "30 days", "days": 30}, "note": "free text"},
        "start": None,
        "summary": "no quote",
    }
    found = evidence_of(result, document(ENGLISH))
    assert [(item.field, item.value) for item in found] == [
        ("parties[0].name", "Acme"),
        ("parties[1].name", "Bolt"),
        ("parties[1].role", "seller"),
        ("terms.payment.days", "30"),
    ]


def test_a_result_that_is_itself_quoted_has_plain_field_names() -> None:
    (found,) = evidence_of({"quote": "Acme Corp.", "name": "Acme"}, document(ENGLISH))
    assert found.field == "name"


def test_a_quoted_object_inside_a_quoted_object_is_found_too() -> None:
    result = {"party": {"quote": "Acme Corp.", "name": "Acme", "other": {"quote": "Bolt Ltd.", "name": "Bolt"}}}
    assert [item.field for item in evidence_of(result, document(ENGLISH))] == ["party.name", "party.other.name"]


def test_the_quotes_of_a_chunk_are_looked_for_in_it_first() -> None:
    clean = document([["due in 30 days"], ["paid in 30 days"]])
    (found,) = evidence_of(
        {"f": {"quote": "30 days", "v": 1}}, clean, Chunk(clean.text[15:], 15, len(clean.text), 1, 2)
    )
    assert found.page == 2


def test_words_confidence_is_the_mean_of_the_quoted_words() -> None:
    clean = document(ENGLISH, confidence=0.9)
    words = tuple(
        Word(word.text, word.box, 0.5 if word.text == "Acme" else word.confidence) for word in clean.lines[0].words
    )
    line = clean.lines[0]
    scanned = CleanDocument(
        clean.document,
        clean.text,
        (LineSpan(line.start, line.end, line.page, line.box, words), *clean.lines[1:]),
        (),
        "en",
        2,
        2,
        0.9,
    )
    assert words_confidence(one_evidence("Acme Corp.", scanned), scanned) == pytest.approx(0.7)
    assert words_confidence(one_evidence("Bolt Ltd.", scanned), scanned) == pytest.approx(0.9)


def test_text_that_was_never_an_image_has_no_words_confidence() -> None:
    clean = document(ENGLISH)
    assert words_confidence(one_evidence("Acme Corp.", clean), clean) is None


def test_a_quote_that_was_not_found_has_no_words_confidence() -> None:
    clean = document(ENGLISH, confidence=0.9)
    assert words_confidence(one_evidence("never written anywhere at all", clean), clean) is None


def scan_without_spaces(read_as: tuple[str, ...] = ("甲方", "：", "北京云海", "公司")) -> CleanDocument:
    """One line of Chinese as OCR gives it: words that touch each other."""
    text = "甲方：北京云海公司"
    words, at = [], 0
    for number, word in enumerate(read_as):
        box = Box(at * CHAR_WIDTH, 0, (at + len(word)) * CHAR_WIDTH, LINE_HEIGHT)
        words.append(Word(word, box, 0.9 - number / 10))
        at += len(word)
    line = LineSpan(0, len(text), 1, Box(0, 0, 90, LINE_HEIGHT), tuple(words))
    return CleanDocument(Document("id", "file", "m", 1), text, (line,), (), "zh", 1, 1, 0.8)


def test_words_that_touch_the_quoted_ones_stay_outside() -> None:
    clean = scan_without_spaces()
    found = one_evidence("北京云海", clean)
    assert found.boxes == (Box(30, 0, 70, LINE_HEIGHT),)
    assert words_confidence(found, clean) == pytest.approx(0.7)


def test_words_that_the_text_no_longer_has_leave_the_line_to_speak_for_them() -> None:
    clean = scan_without_spaces(read_as=("甲万", "北亰", "公伺"))
    found = one_evidence("北京云海", clean)
    assert found.boxes == (clean.lines[0].box,)
    assert words_confidence(found, clean) == pytest.approx(0.8)


def test_a_quote_that_begins_with_the_line_break_stands_on_the_line_after_it() -> None:
    found = one_evidence("\nnational packaging.", document(ENGLISH))
    assert (found.match, found.page, len(found.boxes)) == ("exact", 2, 1)
