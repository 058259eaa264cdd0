"""members: what a job may say of the rows of another, and what is refused by name."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, create_model

from qwen_batch.errors import JobError
from qwen_batch.job.definition import Job, Quoted, job_decoding_schema, job_fingerprint, job_schema
from qwen_batch.job.members import Compared, FromMembers, GroupBy, check_paths, is_asked, member_fields


class Fact(Quoted):
    aspect: str = Field(max_length=20)
    value: str = Field(max_length=20)


class Facts(BaseModel):
    facts: list[Fact] = Field(max_length=9)
    day: date | None


def job(marker: FromMembers, kind: Any, default: Any = None, **more: Any) -> Job:
    schema = create_model("Row", made=(Annotated[kind, marker], default))
    return Job("row", schema, "Compare.", **{"of": "facts", "over": "folder"} | more)


def test_a_field_that_a_rule_fills_is_asked_of_no_model() -> None:
    made = job(FromMembers("differences", "facts[].value", by="aspect"), list[Compared], [])
    (field,) = member_fields(job_schema(made))
    assert (field.field, field.marker.by, field.keys) == ("made", "aspect", ("aspect", "about", "said"))
    assert not is_asked(job_schema(made))
    assert '"made"' not in job_decoding_schema(made)


def test_what_is_grouped_and_how_is_part_of_the_fingerprint() -> None:
    folder, every = (job(FromMembers("count"), int, 0, over=over) for over in ("folder", "all"))
    by_value = job(FromMembers("count"), int, 0, over=GroupBy("result.day"))
    assert len({job_fingerprint(one) for one in (folder, every, by_value)}) == 3


@pytest.mark.parametrize(
    ("marker", "kind", "default", "more", "words"),
    [
        (FromMembers("count"), int, 0, {"of": ""}, "but of no job's rows"),
        (FromMembers("count"), int, 0, {"of": "", "over": None}, "is FromMembers, but of no job's rows"),
        (FromMembers("count"), int, 0, {"of": "row"}, "of its own rows"),
        (FromMembers("count"), int, 0, {"over": "month"}, "no way to group"),
        (FromMembers("count"), int, ..., {}, "has no default"),
        (FromMembers("count"), list[int], [], {}, "give it the type int"),
        (FromMembers("sum", "total"), str, "", {}, "give it the type float"),
        (FromMembers("latest", "day"), float, 0, {}, "give it the type date"),
        (FromMembers("union", "facts[]"), int, 0, {}, "give it the type a list"),
        (FromMembers("table", "facts[].value"), list[int], [], {}, "list[Compared]"),
    ],
)
def test_what_means_nothing_is_refused(marker: FromMembers, kind: Any, default: Any, more: Any, words: str) -> None:
    with pytest.raises(JobError) as error:
        job(marker, kind, default, **more)
    assert words in f"{error.value.message} {error.value.remedy}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: FromMembers("mean", "total"),  # type: ignore[arg-type]
        lambda: FromMembers("sum"),
        lambda: FromMembers("sum", "total", by="unit"),
        lambda: GroupBy("vendor"),
        lambda: GroupBy("result.facts[].value"),
    ],
)
def test_a_marker_that_cannot_be_is_refused_as_it_is_made(make: Any) -> None:
    with pytest.raises(JobError):
        make()


def test_a_path_that_the_other_job_does_not_have_is_named_with_those_that_it_has() -> None:
    made = job(FromMembers("differences", "facts[].value", by="subject"), list[Compared], [])
    with pytest.raises(JobError) as error:
        check_paths(made.name, job_schema(made), made.over, made.of, job_schema(Job("facts", Facts, "List.")))
    assert "'facts[].subject'" in error.value.message
    assert "facts[].aspect" in error.value.remedy


@pytest.mark.parametrize("marked", [{"path": "events[]"}, {"path": "events", "by": "at"}])
def test_a_rule_that_orders_needs_a_list_and_a_key(marked: dict[str, str]) -> None:
    with pytest.raises(JobError, match="it orders the items of a list by one of their keys"):
        FromMembers("ordered", **marked)
