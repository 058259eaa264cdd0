"""inferred: which facts samples share, what kinds they are, and how they are called."""

from __future__ import annotations

import pytest

from qwen_batch.job.drafts import Fact
from qwen_batch.job.inferred import Stated, labelled, to_facts

BILL = """\
ROOF LTD
Invoice No.: 4711
Due date: 3 May 2026
Bill to: Fox & Sons
| Total | EUR 1,250.00 |
Paid: no
See https://roof.example: it is ours
We thank you for your order and hope that you will come again: the Roof team
"""


def by_name(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.name: fact.kind for fact in facts}


def test_lines_that_name_a_value_are_facts_of_the_kind_that_the_value_shows() -> None:
    other = BILL.replace("4711", "4712").replace("3 May", "9 June").replace("1,250.00", "80").replace("no", "yes")
    facts = to_facts([list(labelled(BILL)), list(labelled(other))])
    assert by_name(facts) == {
        "invoice_no": "number",
        "due_date": "day",
        "bill_to": "party",
        "total": "amount",
        "paid": "yes_no",
    }


def test_what_only_one_of_three_samples_has_is_left_out() -> None:
    shared = [Stated(name, "", "EUR 3") for name in ("total", "net", "tax", "fee", "rebate")]
    samples = [shared, shared, [*shared, Stated("remark", "", "soon")]]
    assert "remark" not in by_name(to_facts(samples))


def test_samples_that_share_little_gave_no_draft() -> None:
    assert by_name(to_facts([[Stated("total", "", "EUR 3")], [], [Stated("remark", "", "soon")]])) == {
        "total": "amount",
        "remark": "text",
    }


def test_what_a_sample_says_more_than_once_is_a_list() -> None:
    sample = [Stated("speaker", "who speaks", name) for name in ("Ann", "Bob", "Cy")]
    assert to_facts([sample]) == (Fact("speaker", "list", "who speaks"),)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-05-03", "day"),
        ("二〇二六年五月三日", "day"),
        ("¥ 3,000.00", "amount"),
        ("30 days", "text"),
        ("12.5 %", "number"),
        ("☒", "yes_no"),
    ],
)
def test_kinds(value: str, kind: str) -> None:
    assert by_name(to_facts([[Stated("field", "", value)]])) == {"field": kind}


def test_names_are_such_as_a_model_may_have_and_given_once() -> None:
    stated = [
        Stated(name, "", name) for name in ("class", "copy", "合同编号", "付款方式", "1st name", "Total!", "Total (b)")
    ]
    names = [fact.name for fact in to_facts([stated])]
    assert names == ["class_stated", "copy_stated", "field_3", "field_4", "st_name", "total", "total_b"]
