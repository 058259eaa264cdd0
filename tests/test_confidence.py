"""confidence: token probabilities of each field's own tokens, weighted with evidence and OCR."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from qwen_batch.calibration import default_confidence
from qwen_batch.confidence import answer_to_parts, joined_parts, json_leaves, record_confidence, top_field
from qwen_batch.records import (
    Answer,
    Box,
    Chunk,
    CleanDocument,
    Completion,
    ConfidenceParts,
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
QUOTED = [
    ('{"law": {"quote": ', 0.1),
    ('"New', 0.6),
    (" York law", 0.2),
    ('", "place": ', 0.1),
    ('"NY"', 0.9),
    ("}}", 0.1),
]


def parts_of(
    tokens: list[tuple[str, float]], *found: Evidence, clean: CleanDocument | None = None
) -> dict[str, ConfidenceParts]:
    return answer_to_parts(answer(tokens), found, clean or clean_with())


def test_each_field_counts_its_own_tokens_with_their_geometric_mean() -> None:
    found = parts_of(TOKENS)
    assert {field: parts.token for field, parts in found.items()} == {"a": pytest.approx(0.4), "b": pytest.approx(0.9)}
    assert found["a"].weakest == pytest.approx(0.2)


def test_a_token_across_the_border_of_a_value_counts() -> None:
    assert parts_of([('{"a": 1', 0.5), ("2}", 0.5)])["a"].token == pytest.approx(0.5)


def test_a_quoted_fact_counts_its_value_and_only_the_opening_of_its_quote() -> None:
    found = parts_of(QUOTED)["law"]
    assert found.token == pytest.approx(0.9)
    assert found.weakest == pytest.approx(0.2)
    longer = [*QUOTED[:3], (" as it stands today", 0.01), *QUOTED[3:]]
    assert parts_of(longer)["law"].weakest == pytest.approx(0.2)


def test_without_token_probabilities_there_are_none() -> None:
    bare = Answer(Chunk("", 0, 0), {"a": 1}, Completion('{"a": 1}', "stop", 1, 1), 1, 1, 1)
    parts = answer_to_parts(bare, (evidence("a"),), clean_with())["a"]
    assert (parts.token, parts.weakest, default_confidence(parts)) == (None, None, None)


def test_a_field_that_the_engine_did_not_write_has_no_probability() -> None:
    written = answer(TOKENS)
    filled = Answer(written.chunk, {**written.result, "default": None}, written.completion, 1, 1, 1)
    parts = answer_to_parts(filled, (), clean_with())["default"]
    assert (parts.token, parts.absent) == (None, True)


def test_the_worst_match_of_a_field_is_its_match() -> None:
    found = parts_of(TOKENS, evidence("b[0].x"), evidence("b[1].x", "fuzzy"), evidence("b[2].x", "normalised"))
    assert found["b"].match == "fuzzy"
    assert found["a"].match is None


def test_scanned_words_give_their_mean_and_say_so() -> None:
    clean = clean_with((Word("Acme", BOX, 0.5), Word("Corp.", BOX, 1.0)))
    found = parts_of(TOKENS, evidence("b.value", start=0, end=10), clean=clean)
    assert (found["b"].scanned, found["b"].ocr) == (True, pytest.approx(0.75))
    assert not found["a"].scanned


def test_parts_of_several_answers_are_joined_to_means_and_the_worst() -> None:
    first = parts_of(TOKENS, evidence("a.x"))["a"]
    second = parts_of([('{"a": ', 0.5), ("1", 0.8), ("}", 0.1)], evidence("a.x", "none"))["a"]
    joined = joined_parts([first, second])
    assert (joined.token, joined.weakest, joined.match) == (pytest.approx(0.6), pytest.approx(0.2), "none")


def test_a_record_has_the_mean_of_the_fields_that_have_a_value() -> None:
    present, absent = parts_of([('{"a": ', 0.5), ("1", 0.8), (', "b": ', 0.5), ("null", 0.6), ("}", 0.1)]).values()
    assert absent.absent
    assert record_confidence([present, absent], {"a": 0.8, "b": 0.6}) == pytest.approx(0.8)
    assert record_confidence([absent], {"b": 0.6}) == pytest.approx(0.6)
    assert record_confidence([present], {"a": None}) is None


@pytest.mark.parametrize(
    ("path", "field"), [("a", "a"), ("a.b.c", "a"), ("a[0].b", "a"), ("a[0][1]", "a"), ("a.b[2]", "a")]
)
def test_the_top_field_of_a_path(path: str, field: str) -> None:
    assert top_field(path) == field


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1, "b": "x, }", "c": [1, {"a": "]"}], "d": None, "e": {"b": 2}, "f": [], "g": {}},
        {"甲方": "北京“云海”", "n": -1.5e3},
        {'quote"d': "back\\slash\n"},
        {},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_leaves_are_the_plain_values_in_the_text(data: dict[str, Any], indent: int | None) -> None:
    def plain(value: Any, field: str) -> Iterator[tuple[str, Any]]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        if inner is None:
            yield field, value
        else:
            for item in inner:
                yield from plain(item, field)

    text = "\n " + json.dumps(data, ensure_ascii=False, indent=indent)
    found = [(leaf.field, json.loads(text[leaf.start : leaf.end])) for leaf in json_leaves(text)]
    assert found == [pair for field, value in data.items() for pair in plain(value, field)]


@pytest.mark.parametrize("text", ["", "12", "nothing", '{"a'])
def test_text_without_an_object_has_no_leaves(text: str) -> None:
    assert json_leaves(text) == []
