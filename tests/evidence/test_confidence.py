"""confidence: token probabilities of each field's own tokens, weighted with evidence and OCR."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from qwen_batch.evidence.calibration import MATCH_WEIGHT, default_confidence
from qwen_batch.evidence.confidence import (
    MATCH_ORDER,
    answer_to_parts,
    parts_to_confidence,
    record_confidence,
)
from qwen_batch.job.looking import FieldLook
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.records import Answer, Box, Chunk, CleanDocument, Completion, Document, LineSpan, MatchKind, Word

BOX = Box(0, 0, 1, 1)


def clean_with(words: tuple[Word, ...] = ()) -> CleanDocument:
    text = " ".join(word.text for word in words) or "Acme Corp."
    return CleanDocument(
        Document("id", "file", "m", 1), text, (LineSpan(0, len(text), 1, BOX, words),), (), "en", 1, 0, None
    )


def evidence(field: str, match: MatchKind = "exact", start: int | None = 0, end: int | None = 4) -> Evidence:
    return Evidence(field, "v", "q", 1, start, end, (BOX,), match, 1.0)


def answer(tokens: list[tuple[str, float]]) -> Answer:
    """An answer of tokens, each given with its probability."""
    text = "".join(token for token, _ in tokens)
    completion = Completion(
        text,
        "stop",
        1,
        len(tokens),
        token_texts=tuple(token for token, _ in tokens),
        logprobs=tuple(math.log(probability) for _, probability in tokens),
    )
    return Answer(Chunk("", 0, 0), json.loads(text), completion, 1, 1, len(tokens))


TOKENS = [('{"', 0.1), ("a", 0.1), ('": ', 0.1), ("12", 0.8), ("34", 0.2), (', "b": ', 0.1), ("true", 0.9), ("}", 0.1)]
FACT = [
    ('{"a": {"quote": "', 0.1),
    ("copied", 0.2),
    ('", "value": "', 0.1),
    ("said", 0.9),
    (" so", 0.4),
    ('", "role": ', 0.1),
    ("null", 0.6),
    ("}}", 0.1),
]


def parts(field: str = "a", *, absent: bool = False, **changes: Any) -> ConfidenceParts:
    values = {"token": None, "weakest": None, "ocr": None, "match": None, "score": None, "agreement": None, **changes}
    return ConfidenceParts(field=field, scanned=False, absent=absent, **values)


def test_each_field_counts_its_own_tokens_with_their_geometric_mean() -> None:
    found = answer_to_parts(answer(TOKENS), (), clean_with())
    assert {field: one.token for field, one in found.items()} == {"a": pytest.approx(0.4), "b": pytest.approx(0.9)}
    assert (found["a"].weakest, found["b"].weakest) == (pytest.approx(0.2), pytest.approx(0.9))


def test_of_a_quoted_fact_the_values_count_and_not_its_keys_its_quote_or_its_punctuation() -> None:
    found = answer_to_parts(answer(FACT), (), clean_with())["a"]
    assert found.token == pytest.approx((0.9 * 0.4 * 0.6) ** (1 / 3))
    assert found.weakest == pytest.approx(0.4)


def test_of_a_quote_its_own_tokens_and_the_one_that_begins_it_are_told_apart_from_the_value() -> None:
    tokens = [('{"a": {"quote": "', 0.1), ("cop", 0.9), ("ied", 0.4), ('", "v": "', 0.1), ("x", 0.7), ('"}}', 0.1)]
    found = answer_to_parts(answer(tokens), (), clean_with())["a"]
    assert found.quoted == pytest.approx((0.9 * 0.4) ** 0.5)
    assert (found.quote_start, found.token) == (pytest.approx(0.9), pytest.approx(0.7))


def test_of_an_absent_fact_no_quote_counts() -> None:
    found = answer_to_parts(answer([('{"a": ', 0.1), ("null", 0.7), ("}", 0.1)]), (), clean_with())["a"]
    assert (found.quoted, found.quote_start) == (None, None)


def test_of_an_absent_fact_the_empty_quote_counts_that_says_so() -> None:
    tokens = [('{"a": {"quote": ', 0.1), ('""', 0.5), (', "value": ', 0.1), ("null", 0.98), ("}}", 0.1)]
    found = answer_to_parts(answer(tokens), (), clean_with())["a"]
    assert found.token == pytest.approx((0.5 * 0.98) ** 0.5)


@pytest.mark.parametrize(
    ("text", "absent"), [("null", True), ("[]", True), ('""', True), ("0", False), ("false", False)]
)
def test_an_empty_value_is_absent_and_nought_is_not(text: str, absent: bool) -> None:
    found = answer_to_parts(answer([('{"a": ', 0.1), (text, 0.7), ("}", 0.1)]), (), clean_with())["a"]
    assert found.absent is absent
    assert found.token == pytest.approx(0.7)


def test_a_token_across_the_border_of_a_value_counts() -> None:
    found = answer_to_parts(answer([('{"a": 1', 0.5), ("2}", 0.5)]), (), clean_with())
    assert found["a"].token == pytest.approx(0.5)


def test_the_first_bytes_of_a_character_count_with_it() -> None:
    found = answer_to_parts(answer([('{"a": "', 0.9), ("", 0.2), ("\u9f98", 0.8), ('"}', 0.9)]), (), clean_with())
    assert found["a"].token == pytest.approx((0.2 * 0.8) ** 0.5)


def test_without_token_probabilities_there_is_no_confidence() -> None:
    completion = Completion('{"a": 1}', "stop", 1, 1)
    bare = Answer(Chunk("", 0, 0), {"a": 1}, completion, 1, 1, 1)
    found = answer_to_parts(bare, (evidence("a"),), clean_with())["a"]
    assert (found.token, found.weakest, found.match) == (None, None, "exact")
    assert default_confidence(found) is None


def test_a_field_that_the_engine_did_not_write_has_no_tokens() -> None:
    written = answer(TOKENS)
    filled = Answer(written.chunk, {**written.result, "default": None}, written.completion, 1, 1, 1)
    assert answer_to_parts(filled, (), clean_with())["default"].token is None


def test_the_worst_of_several_matches_stands_with_the_worst_score() -> None:
    evidences = (evidence("b[0].x"), evidence("b[1].x", "none"), evidence("b[2].x", "fuzzy"))
    found = answer_to_parts(answer(TOKENS), evidences, clean_with())
    assert found["b"].match == "none"
    assert found["a"].match is None


def test_scanned_words_give_their_ocr_confidence() -> None:
    clean = clean_with((Word("Acme", BOX, 0.5), Word("Corp.", BOX, 1.0)))
    found = answer_to_parts(answer(TOKENS), (evidence("b.value", start=0, end=4),), clean)
    assert (found["b"].ocr, found["b"].scanned) == (pytest.approx(0.5), True)


@pytest.mark.parametrize(("ocr_pages", "scanned"), [(0, False), (1, False), (2, True)])
def test_a_field_without_located_words_is_scanned_where_most_pages_are(ocr_pages: int, scanned: bool) -> None:
    clean = replace(clean_with(), pages=3, ocr_pages=ocr_pages)
    assert answer_to_parts(answer(TOKENS), (), clean)["a"].scanned is scanned


@pytest.mark.parametrize("match", MATCH_WEIGHT)
def test_the_default_number_multiplies_tokens_match_and_ocr(match: MatchKind) -> None:
    assert default_confidence(parts(token=0.9, match=match, ocr=0.5)) == pytest.approx(0.45 * MATCH_WEIGHT[match])
    assert default_confidence(parts(token=0.9)) == 0.9


def test_the_default_number_falls_with_the_score_and_with_what_the_model_says_when_it_is_asked_again() -> None:
    assert default_confidence(parts(token=0.9, match="exact", score=0.5)) == pytest.approx(0.45)
    assert default_confidence(parts(token=0.9, match="none", score=0.0)) == pytest.approx(0.9 * MATCH_WEIGHT["none"])
    assert default_confidence(parts(token=0.9, self_check=0.2)) == pytest.approx(0.18)


def test_match_weights_fall_from_exact_to_none() -> None:
    assert list(MATCH_WEIGHT.values()) == sorted(MATCH_WEIGHT.values(), reverse=True)
    assert tuple(MATCH_WEIGHT) == MATCH_ORDER


def test_a_calibration_decides_where_there_is_one() -> None:
    class FakeCalibration:
        def confidence(self, given: ConfidenceParts) -> float:
            return 0.25 if given.absent else 0.75

    assert parts_to_confidence(parts(token=0.1), FakeCalibration()) == 0.75
    assert parts_to_confidence(parts(token=0.1), None) == 0.1


@pytest.mark.parametrize(
    ("fields", "absent", "share", "mean"),
    [
        ({"a": 0.5, "b": 1.0}, "", 1.0, 0.75),
        ({"a": 0.5, "b": None}, "", 1.0, 0.5),
        ({"a": 0.5, "b": 1.0}, "b", 1.0, 0.5),
        ({"a": 0.5, "b": 1.0}, "ab", 1.0, 0.75),
        ({"a": 0.5, "b": 1.0}, "", 0.8, 0.6),
        ({"a": None}, "", 1.0, None),
        ({}, "", 1.0, None),
        ({"a": 0.0}, "", 1.0, 0.0),
    ],
)
def test_a_record_has_the_mean_of_the_fields_with_a_value_times_what_was_read(
    fields: dict[str, float | None], absent: str, share: float, mean: float | None
) -> None:
    known = [parts(field, absent=field in absent) for field in fields]
    assert record_confidence(fields, known, share) == (None if mean is None else pytest.approx(mean))


@pytest.mark.parametrize(
    ("said", "share"),
    [("It is governed by the laws of Utah.", 1.0), ("It lies in Utah. The laws are old.", 0.5), ("Utah is dry.", 0.0)],
)
def test_worded_is_how_much_of_the_best_phrase_stands_around_a_quote(said: str, share: float) -> None:
    text = "Nothing. " * 40 + said + " Nothing." * 40
    start = text.index("Utah")
    clean = replace(clean_with(), text=text, lines=(LineSpan(0, len(text), 1, BOX, ()),))
    looks = (FieldLook("a", ("law", "governed by laws")),)
    (found,) = answer_to_parts(answer(FACT), (evidence("a.value", start=start, end=start + 4),), clean, looks).values()
    assert found.worded == pytest.approx(share)


def test_a_place_without_the_field_s_words_halves_the_confidence() -> None:
    assert default_confidence(parts(token=0.8, worded=0.0)) == pytest.approx(0.4)
    assert default_confidence(parts(token=0.8, worded=1.0)) == pytest.approx(0.8)
    assert default_confidence(parts(token=0.8, worded=None)) == pytest.approx(0.8)
