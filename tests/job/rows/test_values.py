from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.job.rows.marks import Target
from qwen_batch.job.rows.values import column_for, decimal_mark, number_of, share_read

DAY = {"type": "string", "format": "date"}
MONEY = {"type": "object", "properties": {"quote": {}, "value": {"type": "number"}, "currency": {"type": "string"}}}


def read(body: dict[str, Any], *cells: str, head: str = "") -> list[Any]:
    column = column_for(Target("it", ("it",), "", body, required=False), head, cells, {})
    return [column.convert(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("1,287.62", "31.77"), [1287.62, 31.77]),
        (("1.287,62", "31,77", "1.234"), [1287.62, 31.77, 1234]),
        (("1.234", "0.5"), [1.234, 0.5]),
        (("1,234", "12"), [1234, 12]),
        (("€ 12.50", "USD 7", "7 EUR", "12 kg", "5 %"), [12.5, 7, 7, 12, 5]),
        (("(12.00)", "-3", "4-", "−5"), [-12, -3, -4, -5]),
        (("12 000,50",), [12000.5]),
        (("1'000.00",), [1000]),
        (("¥１２３．４５",), [123.45]),
        (("12 to 15", "on request", "HM-1000", "A7", "2026-05-01"), [None] * 5),
    ],
)
def test_a_column_of_numbers_is_read_as_it_is_written(cells: tuple[str, ...], numbers: list[float | None]) -> None:
    assert read({"type": "number"}, *cells) == numbers


def test_a_column_that_shows_no_decimal_sign_has_a_point() -> None:
    assert decimal_mark(["1234", "7"]) == "."
    assert number_of(",", "1.234,5") == 1234.5


def test_a_whole_number_is_whole() -> None:
    assert read({"type": "integer"}, "3", "3.0", "3.5") == [3, 3, None]


def test_days_of_one_column_have_one_order() -> None:
    assert read(DAY, "2026-05-01", "1 May 2026", "2026年5月1日") == ["2026-05-01"] * 3
    assert read(DAY, "03/04/2026", "25/04/2026") == ["2026-04-03", "2026-04-25"]
    assert read(DAY, "03/04/2026", "04/25/2026") == ["2026-03-04", "2026-04-25"]


def test_a_day_that_may_be_two_days_is_none() -> None:
    assert read(DAY, "03/04/2026", "05/06/2026") == [None, None]


def test_money_has_the_currency_of_its_cell_or_of_its_column() -> None:
    assert read(MONEY, "12.50", "$3", head="Price (EUR)") == [
        {"quote": "12.50", "value": 12.5, "currency": "EUR"},
        {"quote": "$3", "value": 3, "currency": "USD"},
    ]
    assert read(MONEY, "12.50")[0]["currency"] is None


def test_choices_flags_and_facts() -> None:
    assert read({"enum": ["box", "piece"]}, "Box", "bag") == ["box", None]
    assert read({"type": "boolean"}, "yes", "否", "perhaps") == [True, False, None]
    fact = {"type": "object", "properties": {"quote": {}, "date": DAY}}
    assert read(fact, "1 May 2026") == [{"quote": "1 May 2026", "date": "2026-05-01"}]


def test_a_text_is_cut_at_its_bound_and_must_fit_its_pattern() -> None:
    assert read({"type": "string", "maxLength": 3}, "abcdef", "") == ["abc", None]
    assert read({"type": "string", "pattern": "^[A-Z]{3}$"}, "EUR", "euro") == ["EUR", None]


def test_the_share_that_is_read_leaves_blanks_and_placeholders_out() -> None:
    column = column_for(Target("it", ("it",), "", {"type": "number"}, required=False), "", ["1"], {})
    assert share_read(column, ["1", "", "n/a", "x"]) == 0.5
    assert share_read(column, ["", "n/a"]) == 0.0


def test_a_number_that_a_sheet_shows_rounded_is_the_stored_one() -> None:
    assert [number_of(".", cell) for cell in ("4% (0.0425)", "1,571 (1570.56)", "(12)", "-45 (-44.9)")] == [
        4.25,
        1570.56,
        -12,
        -44.9,
    ]
