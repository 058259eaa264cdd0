from __future__ import annotations

from dataclasses import replace

import pytest

from qwen_batch.report.columns import Column, documents_to_columns
from qwen_batch.report.content import Answer, Citation, Fact, Field, Shown, Value, ValueKind


def citation(number: int, value: str, status: str = "accepted", page: int = 1) -> Citation:
    return Citation(number, "law", value, value, page, 0, 4, (), "exact", status, 1.0)


def shown(
    name: str, value: object, kind: ValueKind = "text", *others: Citation, doc_id: str = "", job: str = "letter"
) -> Shown:
    cited = (citation(0, str(value)), *others)
    one = Value(f"{name}-{job}", "law", "law", kind, value, 0.5, 0.5, tuple(c.number for c in cited))
    field = Field("law", 0.5, (Fact("law", (one,), cited),))
    rest = ("f", "r", "m", "", 0.5, 0, 1, 0, "en", "", 0, "present", (), (field,))
    row = Answer(job, doc_id or name, f"/in/{name}", *rest)
    return Shown(name, name, f"/in/{name}", doc_id or name, (row,))


def column(*documents: Shown) -> Column:
    (found,) = documents_to_columns(documents)
    return found


def test_a_number_far_from_the_others_stands_out() -> None:
    numbers = [100, 101, 99, 102, 98, 100, 103, 97, 5000]
    found = column(*(shown(f"d{at}", number, "number") for at, number in enumerate(numbers)))
    assert [one.cell.text for one in found.outliers] == ["5000"]
    assert "above the median, 100" in found.outliers[0].why


def test_of_a_few_numbers_none_stands_out() -> None:
    assert column(*(shown(f"d{n}", number, "number") for n, number in enumerate([1, 2, 9000]))).outliers == ()


def test_a_day_is_compared_as_a_day() -> None:
    days = [f"2024-03-{day:02}" for day in range(1, 10)] + ["1924-03-05"]
    found = column(*(shown(f"d{at}", day, "date") for at, day in enumerate(days)))
    assert [one.cell.text for one in found.outliers] == ["1924-03-05"]
    assert found.bars[0].label.startswith("1924-03-05 to ")
    assert sum(bar.count for bar in found.bars) == 10


def test_a_rare_spelling_of_a_frequent_value_stands_out() -> None:
    found = column(*(shown(f"d{at}", text) for at, text in enumerate(["New York"] * 3 + ["New Yrok", "Ohio"])))
    (one,) = found.outliers
    assert (one.cell.text, one.why) == ("New Yrok", "almost “New York”, which 3 values say")


@pytest.mark.parametrize("status", ["conflict", "rejected", "set_aside"])
def test_evidence_that_was_not_accepted_is_a_conflict_with_both_places(status: str) -> None:
    (one,) = column(shown("a", "Ohio", "text", citation(1, "Utah", status, page=9))).conflicts
    assert [(side.text, side.citation and side.citation.page) for side in one.sides] == [("Ohio", 1), ("Utah", 9)]
    assert status in one.why


def test_two_places_of_one_value_that_say_different_things_are_a_conflict() -> None:
    (one,) = column(shown("a", "Ohio", "text", citation(1, "Utah", page=9))).conflicts
    assert one.why == "two places in one document"


def test_two_copies_with_different_answers_are_a_conflict() -> None:
    (one,) = column(shown("a", "Ohio", doc_id="same"), shown("b", "Utah", doc_id="same")).conflicts
    assert {side.shown.name for side in one.sides} == {"a", "b"}


def test_two_jobs_that_disagree_on_a_field_of_one_document_are_a_conflict() -> None:
    one, other = shown("a", "Ohio"), shown("a", "Utah", job="terms")
    both = replace(one, answers=(*one.answers, *other.answers))
    assert [len(found.conflicts) for found in documents_to_columns([both])] == [1, 1]


def test_what_is_empty_is_counted_apart() -> None:
    found = column(shown("a", None), shown("b", "Ohio"), shown("c", "Ohio"))
    assert (found.empty, len(found.cells), [(bar.label, bar.count) for bar in found.bars]) == (1, 2, [("Ohio", 2)])


def test_values_that_all_differ_are_no_distribution() -> None:
    assert column(*(shown(f"d{at}", f"Law of {at * 7919}") for at in range(9))).bars == ()
