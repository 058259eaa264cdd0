"""value_paths: how a value of a result is named, and what its name says of it."""

from __future__ import annotations

import pytest

from qwen_batch.value_paths import (
    Node,
    is_field_path,
    is_within,
    item_path,
    key_path,
    keys_of,
    moved,
    nodes,
    of_each_item,
    outer_list,
    top_field,
)


def test_every_value_of_a_result_has_its_path_before_its_parts() -> None:
    assert list(nodes({"a": [{"b": 1}, None], "c": "x"})) == [
        Node("", {"a": [{"b": 1}, None], "c": "x"}),
        Node("a", [{"b": 1}, None]),
        Node("a[0]", {"b": 1}),
        Node("a[0].b", 1),
        Node("a[1]", None),
        Node("c", "x"),
    ]


def test_a_path_is_made_of_keys_and_numbers() -> None:
    assert key_path("", "a") == "a"
    assert key_path(item_path(key_path("a", "b"), 2), "c") == "a.b[2].c"


@pytest.mark.parametrize(
    ("path", "field"), [("a", "a"), ("a.b.c", "a"), ("a[0].b", "a"), ("a[0][1]", "a"), ("a.b[2]", "a"), ("a[].b", "a")]
)
def test_the_top_field_of_a_path(path: str, field: str) -> None:
    assert top_field(path) == field


@pytest.mark.parametrize(("path", "shared"), [("a.b[0].c[1]", "a.b"), ("a[3]", "a"), ("a.b", "a.b"), ("", "")])
def test_the_items_of_a_list_share_its_path(path: str, shared: str) -> None:
    assert outer_list(path) == shared


def test_a_path_leads_on_from_another_and_not_from_one_that_begins_alike() -> None:
    assert [path for path in ("a[1]", "a[1].b", "a[1][0]", "a[10]", "a[10].b", "a") if is_within(path, "a[1]")] == [
        "a[1]",
        "a[1].b",
        "a[1][0]",
    ]


def test_what_stands_within_moves_along() -> None:
    assert moved("a[4].b[4]", "a[4]", "a[0]") == "a[0].b[4]"


def test_a_value_belongs_to_its_field_whatever_its_numbers() -> None:
    assert of_each_item("a[0].b[12].c") == "a[].b[].c"
    assert keys_of("a[].b[].c") == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["a", "a.b", "a[].b", "a[]", "合同.日期"])
def test_a_fields_path(text: str) -> None:
    assert is_field_path(text)


@pytest.mark.parametrize("text", ["", "a[0]", ".a", "a.", "a b", "[]", "a[]b", "a[][]"])
def test_what_is_no_fields_path(text: str) -> None:
    assert not is_field_path(text)
