"""names: a company in other letters is the same one, and a port with another letter is not."""

from __future__ import annotations

import pytest

from qwen_batch.evidence.members.names import Names, folded_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Contoso Ltd.", "CONTOSO Limited"),
        ("Contoso GmbH", "contoso"),
        ("The Voltara P1", "Voltara P1"),
        ("USB-C port", "USB-C ports"),
        ("battery capacity", "Capacity, battery"),
        ("北京云帆科技有限公司", "北京云帆科技"),
    ],
)
def test_one_name_in_two_ways_has_the_first_spelling(one: str, other: str) -> None:
    names = Names()
    names.of(one)
    assert names.of(other) == one


@pytest.mark.parametrize(
    ("one", "other"),
    [("USB-A ports", "USB-C ports"), ("Voltara P1", "Voltara P2"), ("weight", "height"), ("Contoso", "Fabrikam")],
)
def test_two_names(one: str, other: str) -> None:
    names = Names()
    names.of(one)
    assert names.of(other) == other


def test_a_name_that_is_only_a_form_of_company_stays() -> None:
    assert folded_name("Limited") == "limited"
