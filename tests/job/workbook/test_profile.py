"""profile: what is said of columns, groups and time, with the cells that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from helpers.sheets import sheet, table

from qwen_batch.job.workbook.facts import Fact
from qwen_batch.job.workbook.profile import sheets_to_profile
from qwen_batch.job.workbook.sheets import tables_to_sheets
from qwen_batch.records import Behind

HEAD = ("Month", "Channel", "Spend", "Clicks")
ROWS = (
    ("2026-08", "Email", "10.50", "100"),
    ("2026-08", "Video", "20.00", "50"),
    ("2026-09", "Email", "30.25", "120"),
    ("2026-09", "Video", "", "10"),
)


def facts(kind: str, head: Sequence[str] = HEAD, rows: Sequence[Sequence[str]] = ROWS) -> list[Fact]:
    return [one for one in sheets_to_profile([sheet(head, rows)]).facts if one.kind == kind]


def test_a_column_has_its_sum_and_its_blanks() -> None:
    spend = facts("column")[0]
    assert spend.words == (
        "Spend (S!C2:C5): sum 60.75, mean 20.2500, least 10.50 (S!C2), greatest 30.25 (S!C4), "
        "3 numbers, 3 different, 1 blank"
    )


def test_sums_are_exact() -> None:
    (cents,) = facts("column", ("a", "b"), [(f"x{at}", "0.10") for at in range(30)])
    assert Decimal("3.00") in [one.value for one in cents.figures]


def test_groups_have_shares_and_cells() -> None:
    clicks = next(one for one in facts("groups") if one.words.startswith("Clicks"))
    assert "by Channel" in clicks.words
    assert "Email 220 (78.6 %); Video 60 (21.4 %)" in clicks.words
    assert clicks.figures[0].cells == "S!D2,D4"


def test_a_trend_says_the_change() -> None:
    clicks = next(one for one in facts("trend") if one.words.startswith("Clicks"))
    assert "2026-08 150; 2026-09 130 (-20, -13.3 %)" in clicks.words


def test_changes_are_split_by_category() -> None:
    clicks = next(one for one in facts("change") if one.words.startswith("Clicks"))
    assert (
        "change 2026-08 to 2026-09: Video -40 (200.0 % of the change); Email +20 (-100.0 % of the change)"
        in clicks.words
    )


def test_months_without_a_year_are_put_in_order() -> None:
    rows = [("9月", "a", "3", "1"), ("7月", "a", "1", "1"), ("8月", "a", "2", "1")]
    spend = next(one for one in facts("trend", rows=rows) if one.words.startswith("Spend"))
    assert "7月 1; 8月 2" in spend.words


def test_sums_of_several_currencies_are_not_added() -> None:
    rows = [("EUR", "10.50"), ("USD", "20.00"), ("EUR", "1.00")]
    (amount,) = facts("column", ("Currency", "Amount"), rows)
    assert "no sum: its currencies are EUR, USD" in amount.words
    (by,) = facts("groups", ("Currency", "Amount"), rows)
    assert by.words.endswith("USD 20.00; EUR 11.50")


def test_a_price_is_not_added() -> None:
    (price,) = facts("column", ("Item", "Unit price"), [("a", "1.00"), ("b", "2.00")])
    assert "sum" not in price.words


def test_codes_and_years_are_no_numbers() -> None:
    kinds = [one.kind for one in sheet(("Item no.", "年份"), [("1001", "2024"), ("1002", "2025")]).columns]
    assert kinds == ["category", "category"]


def test_a_table_that_goes_on_over_sheets_is_one_for_each() -> None:
    one, other = table(("a", "b"), [("x", "1")], "Q1"), table(("a", "b"), [("y", "2")], "Q2")
    whole = type(one)(one.head, (*one.rows, *other.rows))
    assert [made.name for made in tables_to_sheets([whole])] == ["Q1", "Q2"]


def test_percent_is_a_part_of_one_and_the_stored_value_counts() -> None:
    (share,) = facts("column", ("Item", "Share"), [("a", "4% (0.0425)"), ("b", "10%")])
    assert [one.value for one in share.figures if one.percent][1:] == [Decimal("0.0425"), Decimal("0.1")]


def test_a_formula_that_does_not_give_its_value_is_told() -> None:
    behind = [Behind("S!C2", "A2*B2"), Behind("S!C3", "A3*B3"), Behind("S!C4", "SUM(C2:C3)")]
    rows = [("2", "3", "6"), ("4", "5", "21"), ("", "", "27")]
    made = sheet(("Count", "Each", "Amount"), rows, behind)
    profile = sheets_to_profile([made], behind)
    assert [one for one in profile.warnings if "formula" in one] == [
        "formula does not give its value: S!C3 shows 21, but its formula =A3*B3 gives 20"
    ]
    assert any("2 formulas give the value" in one.words for one in profile.facts)


def test_an_empty_document_has_no_facts() -> None:
    assert sheets_to_profile([]).facts == ()
