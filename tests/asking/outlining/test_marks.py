"""marks: the numbers of headings are read, and go on in their series."""

from __future__ import annotations

import pytest

from qwen_batch.asking.outlining.marks import Mark, Series, marks_of


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("3. Costs", Mark("number", 3, "Costs")),
        ("3 Costs", Mark("number", 3, "Costs")),
        ("2.1 Waiting times", Mark("decimal 2", 1, "Waiting times")),
        ("1.2.3 Grain", Mark("decimal 3", 3, "Grain")),
        ("IV. Measures", Mark("roman", 4, "Measures")),
        ("(b) Bills", Mark("small", 2, "Bills")),
        ("(3) 상품 부족", Mark("bracketed", 3, "상품 부족")),
        ("Chapter 2 Regional Trains", Mark("label chapter", 2, "Regional Trains")),
        ("ARTICLE VII TERM", Mark("label article", 7, "TERM")),
        ("第十二章 附则", Mark("label 章", 12, "附则")),
        ("第3节价格", Mark("label 节", 3, "价格")),
        ("二、存款业务", Mark("listed", 2, "存款业务")),
        ("（三）住院", Mark("in brackets", 3, "住院")),
    ],
)
def test_a_number_is_read(line: str, mark: Mark) -> None:
    assert mark in list(marks_of(line))


@pytest.mark.parametrize("line", ["Costs", "2023年产量", "5.65", "A report"])
def test_a_line_without_a_number_has_no_mark(line: str) -> None:
    assert list(marks_of(line)) == []


def test_a_letter_that_is_a_roman_number_too_goes_on_with_its_series() -> None:
    series = Series()
    kinds = []
    for line in ("A. Sampling", "B. Nitrate", "C. Phosphorus", "D. Pesticides"):
        mark = series.next_of(line)
        assert mark
        series.take(mark)
        kinds.append(mark.kind)
    assert kinds == ["letter"] * 4


def test_a_number_out_of_turn_is_no_heading_of_the_series() -> None:
    series = Series()
    first = series.next_of("1. Scope")
    assert first
    series.take(first)
    assert series.next_of("17. Pears") is None


def test_lower_kinds_begin_again_below_the_next_higher_one() -> None:
    series = Series()
    for line in ("一、总体情况", "（一）存款", "（二）贷款", "二、盈利", "（一）收入"):
        mark = series.next_of(line)
        assert mark, line
        series.take(mark)
