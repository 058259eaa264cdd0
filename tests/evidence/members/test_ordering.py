from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from qwen_batch.evidence.members.member import Member, stated
from qwen_batch.evidence.members.ordering import Ordered, in_order


def member(name: str, *items: Mapping[str, Any]) -> Member:
    return Member(name, f"/logs/{name}", name, {"events": list(items)})


def ordered(*members: Member) -> Ordered:
    return in_order([value for one in members for value in stated(one, "events[]")], "at")


def names(found: Ordered) -> list[str]:
    return [one.value["what"] for one in found.values]


def test_items_of_several_members_are_merged_by_their_moments() -> None:
    first = member("a", {"at": "2026-03-14T09:00:00+08:00", "what": "1"}, {"at": "2026-03-14T04:00:00Z", "what": "3"})
    other = member("b", {"at": "2026-03-14T02:00:00Z", "what": "2"}, {"at": None, "what": "last"})
    found = ordered(first, other)
    assert names(found) == ["1", "2", "3", "last"]
    assert found.warnings == ()


def test_what_comes_at_the_same_time_stays_as_its_document_has_it() -> None:
    at = "2026-03-14T02:00:00Z"
    found = ordered(
        member("a", {"at": at, "what": "a1"}, {"at": at, "what": "a2"}), member("b", {"at": at, "what": "b"})
    )
    assert names(found) == ["a1", "a2", "b"]


def test_a_time_without_a_zone_counts_as_utc_and_it_is_said() -> None:
    found = ordered(
        member("a", {"at": "2026-03-14T02:00:00Z", "what": "1"}, {"at": "2026-03-14T01:00:00", "what": "0"})
    )
    assert names(found) == ["0", "1"]
    assert "no time zone" in found.warnings[0]


def test_a_time_without_a_year_is_put_into_that_of_the_others() -> None:
    found = ordered(
        member("a", {"at": "2026-03-14T02:00:00", "what": "1"}, {"at": "2026-03-14T04:00:00", "what": "3"}),
        member("b", {"at": "--03-14T03:00:00", "what": "2"}),
    )
    assert names(found) == ["1", "2", "3"]
    assert found.warnings == ("some times name no year; they were taken for 2026",)


@pytest.mark.parametrize("values", [[3, 1.5, 2], ["2026-03-02", "2025-01-01", "2026-01-01"], ["b", "a", "c"]])
def test_numbers_days_and_words_are_ordered_too(values: list[Any]) -> None:
    found = ordered(member("a", *({"at": value, "what": str(value)} for value in values)))
    assert names(found) == [str(value) for value in sorted(values)]
