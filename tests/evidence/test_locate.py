"""locate: a quote is found where it stands however it looks there, and nowhere else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from helpers.quote_cases import chinese_texts, english_texts, hyphenated, joined, quotes_of, with_errors

from qwen_batch.evidence.locate import MIN_FUZZY_SCORE, NO_MATCH, Match, TextIndex, locate_quote, text_to_index

ENGLISH = [
    ["This Agreement is made between Acme Corp. and Bolt Ltd.", "The supplier shall deliver the goods in inter-"],
    ["national packaging. Payment is due within 30 days."],
]
CHINESE = [["甲方：北京云海科技有限公司", "乙方：上海明德 贸易有限公司"], ["本合同自二〇二四年五月一日起生效。"]]


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


def test_characters_that_ocr_takes_for_each_other_are_the_same_with_a_score_below_one() -> None:
    text = "First line.\nThe supp1ier shall de1iver rnany goods in May.\nLast line."
    match = locate_quote("The supplier shall deliver many goods in May.", text_to_index(text))
    assert match.kind == "normalised"
    assert MIN_FUZZY_SCORE <= match.score < 1
    assert text[match.start : match.end] == "The supp1ier shall de1iver rnany goods in May."


def test_other_slips_are_found_fuzzily_with_a_score_below_one() -> None:
    text = "First line.\nThe suppher shall deliver thc goods in May.\nLast line."
    match = locate_quote("The supplier shall deliver the goods in May.", text_to_index(text))
    assert match.kind == "fuzzy"
    assert MIN_FUZZY_SCORE <= match.score < 1
    assert text[match.start : match.end] == "The suppher shall deliver thc goods in May."


def test_a_chinese_ocr_slip_is_found_fuzzily() -> None:
    text = "第一条\n供应商应当按照本合同约定的时间和地占交付货物。\n第二条"
    kind, covered = located("供应商应当按照本合同约定的时间和地点交付货物。", text)
    assert (kind, covered) == ("fuzzy", "供应商应当按照本合同约定的时间和地占交付货物。")


def test_a_korean_syllable_counts_twice_as_a_chinese_character_does_and_not_by_its_letters() -> None:
    """Five syllables are fifteen letters when they are taken apart, which was enough for an alignment."""
    assert located("갑을상정관", "이 문서는 갑을상점관 이다") == ("none", None)
    assert located("갑을상정관계약서", "이 문서는 갑을상점관계약서 이다")[0] == "fuzzy"


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


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("5 days", "within 15 days of"),
        ("200 USD", "a fee of 1,200 USD"),
        ("1,200", "a fee of 1,200,000 USD"),
        ("3.1", "see 3.12 below"),
        ("五日", "十五日内付款"),
        ("is", "This island"),
        ("50", "and so on"),
        ("Inc", "Incorporated"),
    ],
)
def test_a_short_quote_is_no_piece_of_a_longer_word_or_number(quote: str, text: str) -> None:
    assert locate_quote(quote, text_to_index(text)) == NO_MATCH


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        (
            "Payment is due within thirty (30) days after receipt",
            "Payment is due within sixty (60) days after receipt.",
        ),
        (
            "Payment is due within thirty days after receipt of it",
            "Payment is due within ninety days after receipt of it",
        ),
        ("governed by the laws of the State of Nevada, USA", "governed by the laws of the State of Alaska, USA"),
        ("the Supplier is Acme Holdings Limited of London", "the Supplier is Apex Holdings Limited of London"),
        ("Seller shall be liable for any indirect damages", "Seller shall not be liable for any indirect damages"),
        ("甲方应当在收到发票后三十日内付款", "甲方应当在收到发票后六十日内付款"),
        ("乙方对甲方的间接损失应承担责任", "乙方对甲方的间接损失不承担责任"),
    ],
)
def test_another_number_name_or_no_is_no_match_however_similar_the_rest(quote: str, text: str) -> None:
    assert locate_quote(quote, text_to_index(text)) == NO_MATCH


def test_a_similar_sentence_that_says_another_thing_does_not_hide_the_right_one() -> None:
    wrong = "Payment of the yearly fee is due within sixty (60) days after receipt."
    right = "Payment of the yeerly fee is due wlthin thirty (30) day after reciept."
    text = f"{wrong}\n{right}"
    match = locate_quote("Payment of the yearly fee is due within thirty (30) days after receipt.", text_to_index(text))
    assert (match.kind, match.start) == ("fuzzy", text.index(right))


def test_of_several_places_the_nearest_to_other_evidence_is_taken() -> None:
    text = "Acme Corp. signs. " * 5
    index = text_to_index(text)
    fourth = 3 * len("Acme Corp. signs. ")
    assert locate_quote("Acme Corp.", index, near=(fourth + 2,)).start == fourth


def test_outside_of_the_chunk_the_nearest_place_is_taken() -> None:
    text = "thirty days. " + "x " * 50 + "thirty days. " + "y " * 20
    assert locate_quote("thirty days", text_to_index(text), 120, len(text)).start == text.rindex("thirty")


@pytest.mark.parametrize("dots", [" ... ", "…", " [...] ", "……"])
def test_a_quote_that_leaves_something_out_spans_its_parts(dots: str) -> None:
    text = "This Agreement, made between the parties above, shall be governed by the laws of Nevada."
    match = locate_quote(f"This Agreement{dots}governed by the laws of Nevada", text_to_index(text))
    assert (match.kind, match.start, match.end) == ("fuzzy", 0, len(text) - 1)


def test_the_parts_of_a_quote_must_stand_close_and_in_order() -> None:
    text = "This Agreement is long. " + "Other words. " * 300 + "It is governed by Nevada."
    index = text_to_index(text)
    assert locate_quote("This Agreement ... governed by Nevada", index) == NO_MATCH
    assert locate_quote("governed by Nevada ... This Agreement", index) == NO_MATCH


def hits_and_tries(texts: list[str], language: str, share: float, chance: random.Random) -> tuple[int, int]:
    found = tried = 0
    for text in texts:
        index = text_to_index(text)
        for quote in quotes_of(text, language, 120 // len(texts) + 1, chance):
            found += locate_quote(with_errors(quote, share, language, chance), index).kind != "none"
            tried += 1
    return found, tried


@pytest.mark.parametrize(("share", "least"), [(0.02, 0.96), (0.05, 0.9)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_true_quotes_with_wrong_letters_are_found(
    language: str, share: float, least: float, shared_data: Path, samples: Path
) -> None:
    texts = english_texts(shared_data) if language == "en" else chinese_texts(shared_data, samples)
    found, tried = hits_and_tries(texts, language, share, random.Random(5))
    assert found >= least * tried, f"{found} of {tried}"


def test_true_quotes_broken_at_lines_or_run_together_are_always_found(shared_data: Path) -> None:
    chance = random.Random(5)
    for text in english_texts(shared_data)[:30]:
        index: TextIndex = text_to_index(text)
        for quote in quotes_of(text, "en", 3, chance):
            assert locate_quote(hyphenated(quote, chance), index).kind != "none"
            assert locate_quote(joined(quote), index).kind != "none"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_quotes_from_other_documents_at_most_one_in_a_hundred_is_taken_for_one(
    language: str, shared_data: Path, samples: Path
) -> None:
    texts = english_texts(shared_data) if language == "en" else chinese_texts(shared_data, samples)
    chance = random.Random(6)
    taken = tried = 0
    for place, text in enumerate(texts):
        index = text_to_index(text)
        for other in texts[:place] + texts[place + 1 :]:
            for quote in quotes_of(other, language, 1 if language == "en" else 40, chance):
                match = locate_quote(quote, index)
                taken += match.kind == "fuzzy" or 0 < match.score < 1
                tried += 1
    assert taken <= 0.01 * tried, f"{taken} of {tried}"
