"""totals: which total is proven, which is wrong, and what is no sum at all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from helpers.sheets import sheet

from qwen_batch.job.workbook.facts import Fact
from qwen_batch.job.workbook.totals import totals_of
from qwen_batch.records import Behind

HEAD = ("Site", "Role", "Hours")
ROWS = (("Oslo", "Driver", "10"), ("Oslo", "Clerk", "20"))
MORE = (("Bergen", "Driver", "5"), ("Bergen", "Clerk", "7"))


def kinds(rows: Sequence[Sequence[str]], behind: Sequence[Behind] = ()) -> list[str]:
    return [one.kind for one in found(rows, behind)]


def found(rows: Sequence[Sequence[str]], behind: Sequence[Behind] = (), head: Sequence[str] = HEAD) -> list[Fact]:
    return list(totals_of(sheet(head, rows, behind)))


def test_subtotals_and_a_total_over_them_are_proven() -> None:
    rows = [*ROWS, ("Subtotal Oslo", "", "30"), *MORE, ("Subtotal Bergen", "", "12"), ("Grand total", "", "42")]
    facts = found(rows)
    assert [one.kind for one in facts] == ["total"] * 3
    assert facts[-1].figures[0].cells == "S!C8,S!C2:C3,C5:C6"


@pytest.mark.parametrize("label", ["Total", "Sum", "合计", "总计:"])
def test_a_total_that_no_rows_give_is_wrong_by_so_much(label: str) -> None:
    (fact,) = found([*ROWS, (label, "", "31")])
    assert fact.kind == "wrong"
    assert "S!C4" in fact.warning
    assert "adds up to 30: wrong by 1" in fact.warning


def test_a_wrong_subtotal_is_not_excused_by_the_total_below_it() -> None:
    rows = [*ROWS, ("Subtotal Oslo", "", "33"), *MORE, ("Subtotal Bergen", "", "12"), ("Total", "", "42")]
    assert kinds(rows) == ["wrong", "total", "total"]


def test_a_total_that_adds_wrong_subtotals_up_rightly_is_right() -> None:
    rows = [*ROWS, ("Subtotal Oslo", "", "33"), *MORE, ("Subtotal Bergen", "", "12"), ("Total", "", "45")]
    assert kinds(rows) == ["wrong", "total", "total"]


def test_hidden_rows_count_in_where_the_total_counts_them() -> None:
    behind = [Behind("S!A4", hidden="Oslo"), Behind("S!B4", hidden="Cook"), Behind("S!C4", hidden="8")]
    seen = sheet(HEAD, [*ROWS, ("", "", ""), ("Total", "", "38")], behind)
    (fact,) = totals_of(seen)
    assert fact.kind == "total"
    assert "1 hidden rows among them" in fact.words


def test_a_total_of_a_category_is_that_of_its_rows() -> None:
    rows = [ROWS[0], MORE[0], ROWS[1], MORE[1], ("Total Oslo", "", "30"), ("Total Bergen", "", "12")]
    assert kinds(rows) == ["total", "total"]


def test_an_average_in_a_total_row_is_no_wrong_sum() -> None:
    head = ("Item", "Count", "Weight")
    rows = [("a", "2", "4"), ("b", "4", "8"), ("Total", "6", "6")]
    assert [one.kind for one in found(rows, head=head)] == ["total"]


def test_a_rate_is_not_held_to_be_a_sum() -> None:
    head = ("Item", "Count", "Rate")
    rows = [("a", "2", "40%"), ("b", "4", "70%"), ("Total", "6", "60%")]
    assert [one.words.split(":")[0] for one in found(rows, head=head)] == ["S!B4 'Total' 6"]


def test_a_rounded_total_is_right() -> None:
    head = ("Item", "Amount")
    assert [one.kind for one in found([("a", "1.30"), ("b", "2.40"), ("Total", "4")], head=head)] == ["total"]


def test_a_total_with_a_nought_at_its_end_is_held_to_its_cents() -> None:
    head = ("Item", "Amount")
    assert [one.kind for one in found([("a", "10.24"), ("b", "20.30"), ("Total", "30.50")], head=head)] == ["wrong"]


def test_a_row_of_data_whose_name_has_total_in_it_is_no_total() -> None:
    rows = [("Total Energies", "Fuel", "10"), ("Shell", "Fuel", "20"), ("Total", "", "30")]
    assert kinds(rows) == ["total"]
