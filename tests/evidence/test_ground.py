"""ground: each value has the page, characters and boxes of exactly its words, and a score that says if they say it."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.evidence.ground import (
    UNSUPPORTED_SHARE,
    VALUE_ALONE,
    answer_to_evidence,
    text_to_index,
    words_confidence,
)
from qwen_batch.job.looking import FieldLook
from qwen_batch.outcomes import Evidence
from qwen_batch.records import Answer, Box, Chunk, CleanDocument, Completion, Document, LineSpan, Shown, Word

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
    (found,) = evidence_of({"fact": {"quote": quote, "value": quote}}, clean)
    return found


def test_evidence_has_value_quote_page_and_characters() -> None:
    clean = document(ENGLISH)
    found = one_evidence("Payment is due within 30 days", clean)
    start = clean.text.index("Payment")
    assert (found.field, found.value, found.match, found.score) == ("fact.value", found.quote, "exact", 1.0)
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
    words = "nothing of this kind was ever written"
    assert found == Evidence("fact.value", words, words, None, None, None, (), "none", 0.0)


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


@pytest.mark.parametrize(
    ("value", "quote", "share"),
    [
        ("Delaware", "the laws of the State of Delaware", 1.0),
        ("Nevada", "the laws of the State of Delaware", UNSUPPORTED_SHARE),
        ("2024-03-01", "effective as of March 1, 2024", 1.0),
        (18_500.0, "a fee of $18,500 per month", 1.0),
        (18_000.0, "a fee of $18,500 per month", UNSUPPORTED_SHARE),
        (True, "a fee of $18,500 per month", 1.0),
    ],
)
def test_a_value_that_its_quote_does_not_say_keeps_half_of_the_score(value: Any, quote: str, share: float) -> None:
    clean = document([[quote]])
    (found,) = evidence_of({"fact": {"quote": quote, "value": value}}, clean)
    assert (found.match, found.score) == ("exact", share)


def test_a_value_that_stands_beside_its_quote_is_less_sure_than_one_in_it() -> None:
    clean = document([["The governing law, see below,", "is the law of Nevada."]])
    (found,) = evidence_of({"law": {"quote": "The governing law", "state": "Nevada"}}, clean)
    assert UNSUPPORTED_SHARE < found.score < 1


def test_of_several_places_the_one_that_says_the_value_is_taken() -> None:
    clean = document(
        [["Notice: thirty days."], [*["Other words, many of them, stand here."] * 9], ["A fee. thirty days."]]
    )
    far = clean.text.rindex("thirty")
    (found,) = evidence_of({"due": {"quote": "thirty days", "what": "Fee"}}, clean)
    assert (found.start, found.page) == (far, 3)


def test_a_list_stays_together_when_a_quote_stands_several_times() -> None:
    filler = ["Nothing of interest stands on this line at all."] * 12
    clean = document([["as Acme says"], filler, ["between Acme and Boltworks Limited"]])
    result = {
        "parties": [{"quote": "Acme", "name": "Acme"}, {"quote": "Boltworks Limited", "name": "Boltworks Limited"}]
    }
    assert [found.page for found in evidence_of(result, clean)] == [3, 3]


@pytest.mark.parametrize(
    ("value", "words"),
    [("2024-05-01", "二〇二四年五月一日"), ("上海明德贸易有限公司及其分支机构", None), ("2023-05-01", None)],
)
def test_a_day_whose_quote_stands_nowhere_is_located_by_itself(value: str, words: str | None) -> None:
    (found,) = evidence_of({"start": {"quote": "no such words", "date": value}}, document(CHINESE))
    assert (found.match, found.page) == (("normalised", 2) if words else ("none", None))
    assert found.quote == (words or "no such words")
    assert found.score == pytest.approx(VALUE_ALONE if words else found.score)


def test_a_long_value_whose_quote_stands_nowhere_is_located_by_itself_and_a_short_one_is_not() -> None:
    clean = document([["Signed by the Northern Harbour Company of Maine."], ["The lease begins on August 14, 2015."]])
    facts = [
        {"quote": "signed for and on behalf of it", "name": "Northern Harbour Company"},
        {"quote": "as the law of Maine says", "name": "Maine"},
        {"quote": "2015-08-14", "date": "2015-08-14"},
    ]
    company, state, day = evidence_of({"facts": facts}, clean)
    assert (company.match, company.page, company.quote) == ("normalised", 1, "Northern Harbour Company")
    assert (state.match, state.page) == ("none", None)
    assert (day.match, day.page, day.quote) == ("normalised", 2, "August 14, 2015")


@pytest.mark.parametrize(
    ("quote", "day"),
    [
        ("this ______ day of ________", "2015-03-15"),
        ("the date of the disclosure document", "2015-03-15"),
        ("20____", "2020-01-01"),
    ],
)
def test_a_day_that_is_written_nowhere_and_not_counted_from_another_has_no_evidence(quote: str, day: str) -> None:
    text = [
        "Made this ______ day of ________, 20____, 14 days after",
        "the date of the disclosure document of May 1, 2014.",
    ]
    (found,) = evidence_of({"made": {"quote": quote, "date": day}}, document([text]))
    assert (found.match, found.score, found.page, found.quote) == ("none", 0.0, None, quote)


@pytest.mark.parametrize(
    ("quote", "day"),
    [
        ("a term of one (1) year", "2015-05-01"),
        ("on December 31", "2016-12-31"),
    ],
)
def test_a_day_that_can_be_computed_or_is_written_elsewhere_keeps_its_quote(quote: str, day: str) -> None:
    first = ["Made on May 1, 2014.", "It begins on the date above for a term of one (1) year."]
    clean = document([first, ["It ends on December 31 of the year of the games. The games are those of 2016."]])
    (found,) = evidence_of({"ends": {"quote": quote, "date": day}}, clean)
    assert (found.match, found.quote) == ("exact", quote)
    assert found.score > 0


def test_of_several_places_that_say_the_value_the_one_under_the_field_s_name_is_taken() -> None:
    filler = ["Nothing of interest stands on this line at all."] * 12
    pages = [["Acme, a Delaware company"], filler, ["is governed by the laws of Delaware."], filler, ["Delaware"]]
    clean = document(pages)
    (found,) = evidence_of({"governing_law": {"quote": "Delaware", "jurisdiction": "Delaware"}}, clean)
    assert found.page == 3


def test_a_value_whose_quote_says_nothing_of_it_is_located_by_itself_where_the_document_says_it() -> None:
    filler = ["Nothing of interest stands on this line at all."] * 12
    first = ["between Northern Harbour Company, made on May 1, 2014"]
    clean = document([first, filler, ["It begins on the date above.", *filler, "By: J. Doe, President"]])
    facts = [
        {"name": "Northern Harbour Company", "quote": "By: J. Doe, President"},
        {"quote": "the date above", "date": "2014-05-01"},
        {"quote": "on the date above", "date": "2019-01-01", "note": "begins"},
    ]
    company, day, _, note = evidence_of({"facts": facts}, clean)
    assert (company.page, company.quote, company.match) == (1, "Northern Harbour Company", "normalised")
    assert (day.page, day.quote, day.score) == (1, "May 1, 2014", pytest.approx(VALUE_ALONE))
    assert (note.quote, note.match) == ("on the date above", "none")


def test_a_name_whose_quote_is_its_short_form_is_located_in_full_beside_it() -> None:
    filler = ["Nothing of interest stands on this line at all."] * 12
    deal = ['between Lifeboat Foods, Inc. ("Lifeboat") and others']
    clean = document([["Lifeboat Foods, Inc. makes bread."], filler, deal])
    (found,) = evidence_of({"party": {"name": "Lifeboat Foods, Inc.", "quote": '("Lifeboat")'}}, clean)
    assert (found.page, found.quote) == (3, "Lifeboat Foods, Inc.")


CLAUSES = [
    ["The rent is due on 1 May 2024. It is 900 euros a month.", "Notice of 60 days ends the lease. It is in writing."],
    ["The rent is due on 1 May 2024. A deposit of 300 euros is paid.", "Notice of 45 days ends the loan."],
]


def passages_of(clean: CleanDocument, *shown: tuple[str, str], withheld: str = "") -> Chunk:
    """A chunk that shows lines of a document, each chosen for a field."""
    passages = tuple(
        Shown(clean.text.index(line), clean.text.index(line) + len(line), fields=(field,)) for line, field in shown
    )
    at = clean.text.index(withheld)
    return Chunk(
        clean.text, 0, len(clean.text), withheld=((at, at + len(withheld)),) if withheld else (), passages=passages
    )


def test_of_a_quote_that_stands_twice_the_place_that_was_shown_is_taken() -> None:
    clean = document(CLAUSES)
    result = {"rent": {"quote": "The rent is due on 1 May 2024", "day": "2024-05-01"}}
    pages = [
        evidence_of(result, clean, passages_of(clean, (line, "rent")))[0].page
        for line in (CLAUSES[0][0], CLAUSES[1][0])
    ]
    assert pages == [1, 2]


def test_a_quote_that_stands_only_where_nothing_was_shown_is_found_all_the_same() -> None:
    clean = document(CLAUSES)
    chunk = passages_of(clean, (CLAUSES[0][0], "deposit"))
    (found,) = evidence_of({"deposit": {"quote": "A deposit of 300 euros", "value": 300}}, clean, chunk)
    assert (found.page, found.match) == (2, "exact")


NOTICE = {"notice": {"quote": "how many days before the end notice is given", "days": 45}}


def test_a_value_without_a_quote_of_the_document_stands_where_its_fields_passage_says_it() -> None:
    clean = document(CLAUSES)
    (found,) = evidence_of(NOTICE, clean, passages_of(clean, (CLAUSES[1][1], "notice")))
    assert (found.quote, found.page, found.score) == ("Notice of 45 days ends the loan.", 2, VALUE_ALONE)


@pytest.mark.parametrize(
    ("field", "result"),
    [
        ("deposit", NOTICE),  # the passage was chosen for another field
        ("notice", {"notice": {**NOTICE["notice"], "days": 46}}),  # it says another number
        ("notice", {"notice": {"quote": "how the loan ends, in what way", "how": "notice"}}),  # a word proves nothing
        ("notice", {"notice": {"quote": "whether it can be ended by notice", "can": True}}),
    ],
)
def test_a_value_that_no_passage_of_its_field_says_stands_nowhere(field: str, result: dict[str, Any]) -> None:
    clean = document(CLAUSES)
    (found,) = evidence_of(result, clean, passages_of(clean, (CLAUSES[1][1], field)))
    assert (found.match, found.start) == ("none", None)


def test_a_sentence_that_was_withheld_was_evidence_of_a_value() -> None:
    clean = document(CLAUSES)
    chunk = passages_of(clean, (CLAUSES[1][1], "notice"), withheld=CLAUSES[1][1])
    (found,) = evidence_of(NOTICE, clean, chunk)
    assert found.match == "none"


def test_of_several_places_the_one_with_the_words_that_the_field_is_looked_for_by_is_taken() -> None:
    filler = ["Nothing of interest stands on this line at all."] * 12
    pages = [["The laws on sales in Utah"], filler, ["This is governed by and construed in Utah"], filler, ["Utah"]]
    clean = document(pages)
    answer = Answer(
        Chunk(clean.text, 0, len(clean.text)),
        {"law": {"quote": "Utah", "place": "Utah"}},
        Completion("", "stop", 1, 1),
        1,
        1,
        1,
    )
    looks = (FieldLook("law", ("law", "governed by and construed in accordance with")),)
    (found,) = answer_to_evidence(answer, clean, text_to_index(clean.text), looks)
    assert found.page == 3
    (found,) = answer_to_evidence(answer, clean, text_to_index(clean.text))
    assert found.page == 1
