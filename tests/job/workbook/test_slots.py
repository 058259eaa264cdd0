"""slots: numbers by SQL of our own words; what a document says is never SQL."""

from __future__ import annotations

from typing import Any

import pytest
from helpers.sheets import sheet

from qwen_batch.job.workbook.slots import slots_to_answer

HEAD = ("Day", "Channel", "Spend", "Used")
ROWS = (
    ("2026-08-01", "Email", "10.50", "10%"),
    ("2026-08-20", "Video", "20.00", "20%"),
    ("2026-09-02", "Email", "30.25", "60%"),
    ("2026-09-09", 'It\'s "Radio"; DROP TABLE s0', "", "5%"),
)
SHEET = sheet(HEAD, ROWS)


def asked(function: str, column: str, *where: tuple[str, str, str], by: str | None = None) -> dict[str, Any]:
    conditions = [{"column": name, "sign": sign, "value": value} for name, sign, value in where]
    return {"sheet": "S", "function": function, "column": column, "where": conditions, "group_by": by}


def value(slots: dict[str, Any]) -> float:
    answer = slots_to_answer(slots, [SHEET])
    assert answer.problem == ""
    return float(answer.groups[0].value)


@pytest.mark.parametrize(
    ("slots", "wanted"),
    [
        (asked("sum", "Spend"), 60.75),
        (asked("average", "Spend"), 20.25),
        (asked("count", "Spend"), 3),
        (asked("count", "Day"), 4),
        (asked("distinct", "Channel"), 3),
        (asked("sum", "Spend", ("Channel", "=", "Email")), 40.75),
        (asked("sum", "Spend", ("Channel", "!=", "email")), 20),
        (asked("max", "Spend", ("Spend", "<", "30")), 20),
        (asked("sum", "Spend", ("Day", ">=", "2026-08-20"), ("Channel", "=", "Email")), 30.25),
        (asked("max", "Used"), 0.6),
        (asked("count", "Used", ("Used", ">", "15%")), 2),
        (asked("sum", "Spend", ("Spend", ">", "1000")), 0),
    ],
)
def test_a_question_has_its_number(slots: dict[str, Any], wanted: float) -> None:
    assert value(slots) == pytest.approx(wanted)


def test_groups_have_their_cells() -> None:
    answer = slots_to_answer(asked("sum", "Spend", by="Channel"), [SHEET])
    assert [(one.name, float(one.value), one.cells) for one in answer.groups] == [
        ("Email", 40.75, "S!C2,C4"),
        ("Video", 20.0, "S!C3"),
    ]


def test_days_go_by_month() -> None:
    answer = slots_to_answer(asked("sum", "Spend", by="Day by month"), [SHEET])
    assert [(one.name, float(one.value)) for one in answer.groups] == [("2026-08", 30.5), ("2026-09", 30.25)]


def test_a_value_of_a_document_is_bound_and_never_sql() -> None:
    answer = slots_to_answer(asked("count", "Day", ("Channel", "=", ROWS[3][1])), [SHEET])
    assert float(answer.groups[0].value) == 1
    assert answer.statement is not None
    assert "DROP" not in answer.statement.sql
    assert ROWS[3][1] in answer.statement.values


@pytest.mark.parametrize(
    ("slots", "problem"),
    [
        ({**asked("sum", "Spend"), "sheet": "T"}, "no sheet 'T'"),
        (asked("sum", "Spent"), "no column 'Spent'"),
        (asked("sum", "Channel"), "no numbers for sum"),
        (asked("sum", "Spend", ("Channel", "=", "Post")), "has no 'Post'"),
        (asked("sum", "Spend", ("Channel", "<", "Email")), "words, which are not less"),
        (asked("sum", "Spend", ("Spend", ">", "much")), "no number"),
        (asked("sum", "Spend", by="Spend"), "to go by"),
        (asked("max", "Spend", ("Spend", ">", "1000")), "no row meets"),
    ],
)
def test_what_is_not_there_has_no_number(slots: dict[str, Any], problem: str) -> None:
    answer = slots_to_answer(slots, [SHEET])
    assert answer.groups == ()
    assert problem in answer.problem


def test_currencies_are_not_added() -> None:
    made = sheet(("Currency", "Amount"), [("EUR", "1.50"), ("USD", "2.00"), ("EUR", "3.00")])
    assert "EUR and USD, which do not add up" in slots_to_answer(asked("sum", "Amount"), [made]).problem
    euros = slots_to_answer(asked("sum", "Amount", ("Currency", "=", "EUR")), [made])
    assert float(euros.groups[0].value) == 4.5
