from __future__ import annotations

import pytest

from qwen_batch.job.rows.marks import Target
from qwen_batch.job.rows.names import plain_name, settled_columns

TEXT = {"type": "string"}


def targets(*fields: tuple[str, str] | str) -> list[Target]:
    pairs = [(one, "") if isinstance(one, str) else one for one in fields]
    return [Target(name, (name.replace("_", " "),), description, TEXT, required=False) for name, description in pairs]


FIELDS = targets(
    ("item", "item number"), ("name", "what is sold"), "unit", ("price", "price of one unit"), "valid_from"
)


@pytest.mark.parametrize(
    "head",
    [
        ("Item No.", "Description", "Unit", "Unit price", "Valid from"),
        ("ITEM NUMBER", "Product name", "UoM", "Price (EUR)", "Effective date"),
        ("货号", "品名", "单位", "单价（元）", "生效日期"),
        ("SKU", "Goods", "Units", "Prices", "Valid From"),
    ],
)
def test_clear_names_settle_all_columns(head: tuple[str, ...]) -> None:
    assert settled_columns(head, FIELDS) == {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}


def test_the_order_of_columns_does_not_matter() -> None:
    assert settled_columns(("Unit price", "", "Name", "Unit"), FIELDS) == {3: 0, 1: 2, 2: 3}


def test_names_that_say_nothing_settle_nothing() -> None:
    assert settled_columns(("A", "B", "C", "D"), FIELDS) == {}


def test_two_columns_that_are_as_surely_a_field_leave_it_open() -> None:
    assert settled_columns(("Price", "Price", "Name"), FIELDS) == {1: 2}


def test_the_fields_own_name_wins_over_a_synonym() -> None:
    fields = targets("amount", "price")
    assert settled_columns(("Amount", "Total", "Price"), fields) == {0: 0, 1: 2}


def test_a_name_is_held_against_phrases_without_what_stands_in_brackets() -> None:
    assert plain_name("Unit price (EUR) ") == "unit price"
    assert plain_name("（元）") == "元"
