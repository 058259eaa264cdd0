"""shape: headings, list items and tables of a passage and of what was made of it."""

from __future__ import annotations

import pytest

from qwen_batch.asking.drafting.shape import shape_of, shape_problems, with_marks

SOURCE = "## Prices\n\n- one\n- two\n\n| Part | Price |\n|---|---|\n| Bolt | 3.50 |\n| Nut | 1 |\n"
SAME = "## 价格\n\n* 一\n* 二\n\n| 零件 | 价格 |\n| --- | --- |\n| 螺栓 | 3.50 |\n| 螺母 | 1 |"


def test_a_shape_has_headings_items_and_rows() -> None:
    shape = shape_of(SOURCE)
    assert (shape.headings, shape.items) == ((2,), 2)
    assert shape.rows == (("Part", "Price"), ("Bolt", "3.50"), ("Nut", "1"))


def test_the_same_shape_in_other_words_has_no_problem() -> None:
    assert list(shape_problems(SOURCE, SAME)) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("## 价格", "价格", "has the headings none, and the document ##"),
        ("* 二\n", "", "1 list items, and the document 2"),
        ("| 螺母 | 1 |", "", "table has 2 rows, and the document's 3"),
        ("| 螺母 | 1 |", "| 螺母 1 |", "row 3 of its table has 1 cells"),
        ("| 螺栓 | 3.50 |", "| 3.50 | 螺栓 |", "row 2 of its table lacks 3.50 in its cell"),
    ],
)
def test_each_difference_is_told(old: str, new: str, words: str) -> None:
    assert any(words in problem for problem in shape_problems(SOURCE, SAME.replace(old, new)))


@pytest.mark.parametrize(
    ("source", "text", "marked"),
    [
        ("## Prices\n\nAll of them.", "价格\n\n全部。", "## 价格\n\n全部。"),
        ("- one\n- two", "* 一\n二", "- 一\n- 二"),
        ("## Prices\n\nAll of them.", "价格全部。", "价格全部。"),
        ("| a |\n| b |", "甲\n乙", "甲\n乙"),
        ("Plain words.", "# 话", "# 话"),
    ],
)
def test_marks_of_layout_are_put_back_line_by_line(source: str, text: str, marked: str) -> None:
    assert with_marks(source, text) == marked


def test_chinese_numbers_its_items_without_spaces() -> None:
    assert shape_of("1. one\n2. two").items == shape_of("1、一\n2.二").items == 2
    assert shape_of("3.5 bar").items == 0


def test_what_is_far_too_short_or_too_long_is_told() -> None:
    source = "The hall is open on every day of the week, and its doors close at night. " * 3
    assert any("left out" in one for one in shape_problems(source, "大厅每天开放。"))
    assert any("repeated" in one for one in shape_problems(source, "大厅每周每天开放，晚上关门。" * 40))
    assert list(shape_problems(source, "大厅每周每天开放，晚上关门。" * 3)) == []
