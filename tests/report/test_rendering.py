from __future__ import annotations

import json

import pytest

from qwen_batch.report.content import Citation
from qwen_batch.report.data import to_json
from qwen_batch.report.rendering import joints, label, once, page_list, said, slug, within


def test_paths_are_read_as_people_count() -> None:
    assert label("parties[0].legal_name") == "parties 1 › legal name"
    assert label("items[].value") == "items › value"
    assert within("parties[0].name", "parties") == "1 › name"
    assert (within("law", "law"), within("law.value", "law")) == ("", "value")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "nothing"), ("", "nothing"), (True, "yes"), (1234567.5, "1,234,567.5"), (2024, "2024"), (0, "0")],
)
def test_values_are_read_as_people_write(value: object, text: str) -> None:
    assert said(value) == text


@pytest.mark.parametrize("name", ["a_b-c.pdf", "__init__.py", "lease agreement.PDF", "...", "", "合同_2024.pdf"])
def test_a_file_name_breaks_behind_a_sign_and_not_within_a_word(name: str) -> None:
    assert "".join(joints(name)) == name
    assert all(part[-1:] in "_.-" for part in joints(name)[:-1])


def test_pages_in_a_row_are_a_range() -> None:
    assert page_list([1, 3, 4, 5, 9]) == "1, 3–5, 9"
    assert page_list([]) == ""


def test_json_cannot_end_the_element_that_it_stands_in() -> None:
    evil = {"a": "</script><script>alert(1)</script><!--", "b": "\u2028"}
    text = to_json(evil)
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == evil


def test_citations_that_look_the_same_are_shown_once() -> None:
    ones = [Citation(n, f"f.{n}", str(n), "quote", 1, 5, 9, (), "exact", "accepted", 1.0) for n in range(2)]
    other = Citation(2, "f.2", "other", "quote", 1, 5, 9, (), "exact", "conflict", 1.0)
    assert [one.numbers for one in once([*ones, other])] == [(0, 1), (2,)]


def test_a_kind_of_a_later_version_makes_a_harmless_class() -> None:
    assert slug('Odd "kind" <x>') == "odd-kind-x"
