"""confidence: token probabilities of each field's own tokens, weighted with evidence and OCR."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from qwen_batch.confidence import MATCH_WEIGHT, answer_to_confidence, field_spans, record_confidence, top_field
from qwen_batch.records import (
    Answer,
    Box,
    Chunk,
    CleanDocument,
    Completion,
    Document,
    Evidence,
    LineSpan,
    MatchKind,
    Word,
)

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


def test_each_field_counts_its_own_tokens_with_their_geometric_mean() -> None:
    found = answer_to_confidence(answer(TOKENS), (), clean_with())
    assert found == {"a": pytest.approx(0.4), "b": pytest.approx(0.9)}


def test_a_token_across_the_border_of_a_value_counts() -> None:
    found = answer_to_confidence(answer([('{"a": 1', 0.5), ("2}", 0.5)]), (), clean_with())
    assert found == {"a": pytest.approx(0.5)}


def test_without_token_probabilities_there_is_no_confidence() -> None:
    completion = Completion('{"a": 1}', "stop", 1, 1)
    bare = Answer(Chunk("", 0, 0), {"a": 1}, completion, 1, 1, 1)
    assert answer_to_confidence(bare, (evidence("a"),), clean_with()) == {"a": None}


def test_a_field_that_the_engine_did_not_write_has_no_confidence() -> None:
    written = answer(TOKENS)
    filled = Answer(written.chunk, {**written.result, "default": None}, written.completion, 1, 1, 1)
    assert answer_to_confidence(filled, (), clean_with())["default"] is None


@pytest.mark.parametrize("match", MATCH_WEIGHT)
def test_evidence_weighs_by_the_kind_of_its_match(match: MatchKind) -> None:
    found = answer_to_confidence(answer(TOKENS), (evidence("b.value", match),), clean_with())
    assert found["b"] == pytest.approx(0.9 * MATCH_WEIGHT[match])
    assert found["a"] == pytest.approx(0.4)


def test_match_weights_fall_from_exact_to_none() -> None:
    assert list(MATCH_WEIGHT.values()) == sorted(MATCH_WEIGHT.values(), reverse=True)
    assert list(MATCH_WEIGHT) == ["exact", "normalised", "fuzzy", "none"]


def test_several_evidences_of_a_field_weigh_with_their_mean() -> None:
    found = answer_to_confidence(answer(TOKENS), (evidence("b[0].x"), evidence("b[1].x", "none")), clean_with())
    assert found["b"] == pytest.approx(0.9 * (1 + MATCH_WEIGHT["none"]) / 2)


def test_scanned_words_weigh_by_their_ocr_confidence() -> None:
    clean = clean_with((Word("Acme", BOX, 0.5), Word("Corp.", BOX, 1.0)))
    found = answer_to_confidence(answer(TOKENS), (evidence("b.value", start=0, end=4),), clean)
    assert found["b"] == pytest.approx(0.9 * 0.5)


def test_confidence_stays_between_nought_and_one() -> None:
    found = answer_to_confidence(answer([('{"a": 1}', 1.0)]), (evidence("a.b"),), clean_with())
    assert found == {"a": 1.0}


@pytest.mark.parametrize(
    ("fields", "mean"),
    [({"a": 0.5, "b": 1.0}, 0.75), ({"a": 0.5, "b": None}, 0.5), ({"a": None}, None), ({}, None), ({"a": 0.0}, 0.0)],
)
def test_a_record_has_the_mean_of_the_fields_that_have_one(fields: dict[str, float | None], mean: float | None) -> None:
    assert record_confidence(fields) == mean


@pytest.mark.parametrize(
    ("path", "field"), [("a", "a"), ("a.b.c", "a"), ("a[0].b", "a"), ("a[0][1]", "a"), ("a.b[2]", "a")]
)
def test_the_top_field_of_a_path(path: str, field: str) -> None:
    assert top_field(path) == field


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1, "b": "x, }", "c": [1, {"a": "]"}], "d": None, "e": {"b": 2}},
        {"甲方": "北京“云海”", "n": -1.5e3},
        {'quote"d': "back\\slash\n"},
        {},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_field_spans_are_the_values_in_the_text(data: dict[str, Any], indent: int | None) -> None:
    text = "\n " + json.dumps(data, ensure_ascii=False, indent=indent)
    spans = field_spans(text)
    assert {key: json.loads(text[start:end]) for key, (start, end) in spans.items()} == data


def test_text_without_an_object_has_no_spans() -> None:
    assert field_spans("") == {}
    assert field_spans("12") == {}
