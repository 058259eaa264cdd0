"""normalise, kinds and paths: when two values say the same, and which values a field means."""

from __future__ import annotations

import datetime as dt

import pytest

from qwen_batch.evaluate.amounts import text_to_amount
from qwen_batch.evaluate.kinds import field_kind
from qwen_batch.evaluate.normalise import KINDS, compare, text_to_date, text_to_name
from qwen_batch.evaluate.paths import field_problem, values_at

DATES = {
    "2024-03-01": dt.date(2024, 3, 1),
    "2024-03-01T10:00:00Z": dt.date(2024, 3, 1),
    "2024年3月1日": dt.date(2024, 3, 1),
    "２０２４年３月１日": dt.date(2024, 3, 1),
    "2024/3/1": dt.date(2024, 3, 1),
    "3/14/18": dt.date(2018, 3, 14),
    "3-14-18": dt.date(2018, 3, 14),
    "25/12/2018": dt.date(2018, 12, 25),
    "March 14th, 2018": dt.date(2018, 3, 14),
    "22nd day of August 2005": dt.date(2005, 8, 22),
    "20t h day of December 2018": dt.date(2018, 12, 20),
    "Nov  5,  1999": dt.date(1999, 11, 5),
    "22 Dec. 2017": dt.date(2017, 12, 22),
}
NO_DATES = ["May 2018", "2016", "March 3", "30 days", "12", "perpetual", "2018-02-30", "[]/[]/2016", "Monday", ""]


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert text_to_date(text) == DATES[text]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_leaves_the_day_open_is_no_date(text: str) -> None:
    assert text_to_date(text) is None


def test_slashes_are_month_first_unless_gold_says_day_first() -> None:
    assert compare("date", "03/04/2018", "2018-03-04").right
    assert compare("date_day_first", "03/04/2018", "2018-04-03").right
    assert compare("date_day_first", "03/04/2018", "2018-03-04").right is False


AMOUNTS = {
    "1,234.50": (1234.5, set()),
    "USD 1,234.50": (1234.5, {"USD"}),
    "1.234,50 €": (1234.5, {"EUR"}),
    "1 234 567,89 EUR": (1_234_567.89, {"EUR"}),
    "US$ 40,000,000.00": (4e7, {"USD"}),
    "¥5万元": (50_000, {"CNY", "JPY"}),
    "人民币3.5亿元": (3.5e8, {"CNY"}),
    "RM 9.00": (9, {"MYR"}),
    "-5": (-5, set()),
    "Section 5: £300": (300, {"GBP"}),
    "1.2 million euros": (1.2e6, {"EUR"}),
    "3 members": (3, set()),
    "3-5 years": (3, set()),
    "1,234": (1234, set()),
    "12,5": (12.5, set()),
    "CHF 1'000.50": (1000.5, {"CHF"}),
}


@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_is_a_figure_and_what_its_currency_may_be(text: str) -> None:
    amount = text_to_amount(text)
    assert amount is not None
    assert (amount.number, set(amount.currencies)) == (pytest.approx(AMOUNTS[text][0]), AMOUNTS[text][1])


@pytest.mark.parametrize(
    ("kind", "gold", "value", "right"),
    [
        ("amount", "$1,234.50", 1234.5, True),
        ("amount", "$5", "5 CAD", True),
        ("amount", "USD 5", "5 EUR", False),
        ("amount", "($1,200)", -1200, True),
        ("amount", "none", "None", True),
        ("number", 450000.0, "450,000", True),
        ("number", 3, 4, False),
        ("number", 1e21, 1e21, True),
        ("boolean", True, "yes", True),
        ("boolean", False, True, False),
        ("name", 'SIGA TECHNOLOGIES, INC. ("SIGA")', "Siga Technologies", True),
        ("name", "Beta GmbH & Co. KG", "BETA", True),
        ("name", "北京天盈九州网络技术有限公司", "北京天盈九州网络技术", True),
        ("name", "Eton Pharmaceuticals, Inc.", "Eton Pharrnaceuticals Inc", True),
        ("name", "Fund 1 Holdings Limited", "Fund 2 Holdings Limited", False),
        ("name", "Skype Communications, S.A.", "Skype Technologies, S.A.", False),
        ("name", "Inc.", "Ltd.", False),
        ("place", "California", "State of California", True),
        ("place", "People's Republic of China", "PRC", True),
        ("place", "New York", "New Jersey", False),
        ("place", "United Kingdom", "United States", False),
        ("place", "Delaware", "the laws of the State of Delaware, USA", True),
        ("text", "30 days", "thirty (30) days written notice", True),
        ("text", "30 days notice", "60 days notice", False),
        ("text", "successive one year terms", "This Agreement renews for successive one year terms unless ended", True),
        ("text", "CAD 1,150 per day", "1150 CAD per day", True),
        ("text", "monthly", "upon delivery of goods", False),
        ("text", "有效期十年", "合同有效期为十年", True),
        ("text", "五年有效", "另行协商", False),
        ("exact", "HO-3", "ho-3", True),
        ("exact", "USD", "EUR", False),
        ("date", "perpetual", "Perpetual", True),
        ("date", "2020-01-01", "not stated", False),
    ],
)
def test_two_values_say_the_same(kind: str, gold: object, value: object, right: bool) -> None:
    assert compare(kind, gold, value).right is right


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["", "?", "()", "1/0/0", "￥", "9" * 400, "e", "\x00", "公司", -0.0, True])
def test_a_comparison_never_raises_and_every_value_is_itself(kind: str, value: object) -> None:
    assert compare(kind, value, value).right or not str(value).strip()
    assert 0 <= compare(kind, "2024-01-01", value).score <= 1


def test_a_name_keeps_brackets_that_are_no_alias() -> None:
    assert text_to_name("Bunker One (USA) Inc.") == "bunker one usa"
    assert text_to_name("Company") == "company"


SCHEMA = {
    "$defs": {
        "Party": {"properties": {"name": {"type": "string"}, "role": {"enum": ["buyer", "seller"]}}},
        "Day": {"properties": {"on": {"type": "string", "format": "date"}}},
    },
    "properties": {
        "parties": {"type": "array", "items": {"$ref": "#/$defs/Party"}},
        "start": {"anyOf": [{"$ref": "#/$defs/Day"}, {"type": "null"}]},
        "total_price": {"type": "number"},
        "pages": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "signed": {"type": "boolean"},
    },
}


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("parties[].name", "name"),
        ("parties[].role", "exact"),
        ("start.on", "date"),
        ("total_price", "amount"),
        ("pages", "number"),
        ("signed", "boolean"),
        ("governing_law.jurisdiction", "place"),
        ("summary", "text"),
    ],
)
def test_how_a_field_is_compared_comes_from_its_schema_then_its_name(field: str, kind: str) -> None:
    assert field_kind(field, [], SCHEMA) == kind


def test_without_a_schema_gold_values_help() -> None:
    assert field_kind("begins", ["2024-01-01"]) == "date"
    assert field_kind("is_signed", [True]) == "boolean"
    assert field_kind("pages", [3]) == "number"
    assert field_kind("expirationDate", ["3/1/24"]) == "date"
    assert field_kind("effective_date.date", ["the date of first delivery"]) == "text"
    assert field_kind("total.value", ["$9.00", "1,234.50"]) == "amount"
    assert field_kind("payment.value", ["CAD 1,150 per day"]) == "text"
    assert field_kind("namedInsured", ["John Doe"]) == "name"


RESULT = {
    "parties": [{"name": "A", "quote": "A"}, {"name": "", "quote": "x"}, {"name": "C", "quote": "C"}],
    "law": None,
    "term": {"value": "2 years", "quote": "two years"},
    "tags": ["x", None, "y"],
    "zero": 0,
}


def test_a_path_means_the_values_that_are_not_blank() -> None:
    assert [(one.path, one.value) for one in values_at(RESULT, "parties[].name")] == [
        ("parties[0].name", "A"),
        ("parties[2].name", "C"),
    ]
    assert values_at(RESULT, "law.jurisdiction") == ()
    assert values_at(RESULT, "nothing.there") == ()
    assert [one.value for one in values_at(RESULT, "term.value")] == ["2 years"]
    assert [one.path for one in values_at(RESULT, "tags[]")] == ["tags[0]", "tags[2]"]
    assert [one.value for one in values_at(RESULT, "zero")] == [0]


def test_a_path_that_a_result_cannot_have_is_told_with_what_there_is() -> None:
    assert "quote" in str(field_problem(RESULT, "parties[].nam"))
    assert "value, quote" in str(field_problem(RESULT, "term"))
    assert "leave out []" in str(field_problem(RESULT, "term[].value"))
    assert field_problem(RESULT, "law.jurisdiction") is None
    assert field_problem(RESULT, "parties[].name") is None
