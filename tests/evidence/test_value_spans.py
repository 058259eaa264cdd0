"""value_spans: the characters of the values, whatever the JSON looks like."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qwen_batch.evidence.value_spans import Span, field_spans


def value_spans(text: str) -> dict[str, list[Span]]:
    return {field: spans.values for field, spans in field_spans(text).items()}


def texts(data: Any, indent: int | None = None) -> dict[str, list[str]]:
    text = "\n " + json.dumps(data, ensure_ascii=False, indent=indent)
    return {field: [text[start:end] for start, end in spans] for field, spans in value_spans(text).items()}


@pytest.mark.parametrize("indent", [None, 2])
def test_the_leaves_of_each_field_are_found(indent: int | None) -> None:
    data = {"a": 1, "b": "x, }", "c": [1, {"d": "]"}], "n": None, "f": {"g": 2.5, "h": {"i": True}}, "z": ""}
    assert texts(data, indent) == {
        "a": ["1"],
        "b": ["x, }"],
        "c": ["1", "]"],
        "n": ["null"],
        "f": ["2.5", "true"],
        "z": ['""'],
    }


def test_quotes_are_left_out_beside_a_value_and_counted_where_there_is_none() -> None:
    facts = {"there": {"quote": "the words", "law": "Utah"}, "gone": {"quote": "", "law": None}, "only": {"quote": "q"}}
    assert texts(facts) == {"there": ["Utah"], "gone": ['""', "null"], "only": ["q"]}


def test_the_quotes_of_a_field_are_found_apart_and_empty_ones_are_none() -> None:
    facts = {"a": [{"quote": "one", "v": 1}, {"quote": "two", "v": 2}], "b": {"quote": "", "v": None}, "c": "quote"}
    text = json.dumps(facts)
    quotes = [(field, spans.quotes) for field, spans in field_spans(text).items()]
    found = {field: [text[start:end] for start, end in spans] for field, spans in quotes}
    assert found == {"a": ["one", "two"], "b": [], "c": []}


def test_items_of_a_list_count_together_and_an_empty_one_is_its_brackets() -> None:
    data = {"parties": [{"quote": "q", "name": "北京云海"}, {"quote": "q", "name": "B"}], "none": []}
    assert texts(data) == {"parties": ["北京云海", "B"], "none": ["[]"]}


@pytest.mark.parametrize("key", ['quote"d', "甲方", ""])
def test_keys_and_values_may_hold_anything(key: str) -> None:
    assert texts({key: 'back\\slash "\n'}) == {key: ['back\\\\slash \\"\\n']}


@pytest.mark.parametrize("text", ["", "12", "{", '{"a": ', '{"a": [1,', '{"a" 1 2}', "no json {"])
def test_a_text_that_is_no_object_has_no_spans_or_those_before_the_break(text: str) -> None:
    assert value_spans(text) in ({}, {"a": [(5, 6)]})
