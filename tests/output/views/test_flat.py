"""flat: a job's answers as plain columns, whatever its schema is, and in DuckDB as in Python."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import pytest
from helpers.places import ROOT
from helpers.published import evidence, publish_run, record
from helpers.views import both
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Amount, Day, Job, Party, Quoted, read_rows
from qwen_batch.errors import UsageError
from qwen_batch.job.definition import job_schema
from qwen_batch.job.files import find_job, job_names, load_job
from qwen_batch.output.record_table import job_table_schema
from qwen_batch.output.views.flat import flat_view

Text = Annotated[str, Field(max_length=40)]
QUOTED_DAY = {"date": "2024-05-06", "quote": "6 May 2024", "original": "6 May 2024"}


class Law(Quoted):
    jurisdiction: Text


class Duty(Quoted):
    party: Text
    duty: Text


class Span(BaseModel):
    begin: Day | None
    months: int | None


class Lease(BaseModel):
    parties: list[Party] = Field(max_length=4)
    laws: list[Law] = Field(max_length=4)
    effective_date: Day | None
    rent: Amount | None
    duty: Duty | None
    span: Span | None
    tags: list[Text] = Field(max_length=4)
    document: Text | None
    Rent_Currency: Text | None


def job(name: str, schema: type[BaseModel]) -> Job:
    return Job(name=name, schema=schema, instruction="Read.", sampling=EXTRACTION)


LEASE = job("lease", Lease)
ANSWER = {
    "parties": [
        {"name": "Alpha", "quote": "Alpha Ltd", "role": "landlord"},
        {"name": "Beta", "quote": "Beta Ltd", "role": None},
    ],
    "laws": [{"jurisdiction": "Ontario", "quote": "laws of Ontario"}],
    "effective_date": QUOTED_DAY,
    "rent": {"value": 12.5, "currency": "CAD", "quote": "CAD 12.50"},
    "duty": {"party": "Alpha", "duty": "repairs", "quote": "Alpha repairs"},
    "span": {"begin": QUOTED_DAY, "months": 3},
    "tags": ["a", "b"],
    "document": "lease",
    "Rent_Currency": "field",
}
NOTHING = dict.fromkeys(ANSWER) | {"parties": [], "laws": [], "tags": []}
EVIDENCE = (
    evidence("parties[0].name", "Alpha", "Alpha Ltd", 1),
    evidence("parties[1].name", "Beta", "Beta Ltd", 2),
    evidence("laws[0].jurisdiction", "Ontario", "laws of Ontario", 4),
    evidence("effective_date.date", "2024-05-06", "6 May 2024", 3),
    evidence("rent.value", "12.5", "CAD 12.50", 5),
    evidence("span.begin.date", "2024-05-06", "6 May 2024", 7),
)
DAY = dt.date(2024, 5, 6)
EXPECTED = {
    "document": "a.txt",
    "parties": [{"name": "Alpha", "role": "landlord"}, {"name": "Beta", "role": None}],
    "parties__quote": ["Alpha Ltd", "Beta Ltd"],
    "parties__page": [1, 2],
    "laws": ["Ontario"],
    "laws__page": [4],
    "effective_date": DAY,
    "effective_date__quote": "6 May 2024",
    "effective_date__page": 3,
    "effective_date__confidence": 0.5,
    "effective_date_original": "6 May 2024",
    "rent": 12.5,
    "rent_currency": "CAD",
    "rent__page": 5,
    "duty": "Alpha",
    "duty_duty": "repairs",
    "duty__quote": "Alpha repairs",
    "duty__page": None,
    "span_begin": DAY,
    "span_begin__page": 7,
    "span_months": 3,
    "span__confidence": 0.5,
    "tags": ["a", "b"],
    "result_document": "lease",
    "record__confidence": 0.75,
    "run_id": "run1",
}


@pytest.fixture(params=["parquet", "jsonl"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    scores = dict.fromkeys(ANSWER, 0.5) | {"record": 0.75}
    records = [
        record(LEASE, "a.txt", ANSWER, evidence=EVIDENCE, confidence=scores),
        record(LEASE, "b.txt", NOTHING, confidence=scores),
    ]
    publish_run(tmp_path / "out", LEASE, records, form=request.param)
    return tmp_path / "out"


def test_unnest_gave_the_same_names_twice_and_days_as_text(output: Path) -> None:
    names = [name if name != "rent_currency" else "result_rent_currency" for name in EXPECTED]
    full, empty = (dict(zip(EXPECTED, row, strict=True)) for row in both(output, "lease_flat", *names))
    assert full == EXPECTED
    assert {name for name, value in empty.items() if value} == {
        "document",
        "run_id",
        "effective_date__confidence",
        "span__confidence",
        "record__confidence",
    }


def test_no_two_columns_have_a_name_that_duckdb_takes_for_the_same(output: Path) -> None:
    names = read_rows(output, "lease", "flat").column_names
    assert len({name.lower() for name in names}) == len(names)
    assert names[:4] == ["document", "source_uri", "doc_id", "source_state"]
    assert names[-3:] == ["record__confidence", "run_id", "published_at"]


def test_a_view_that_a_table_does_not_have_is_refused_with_those_that_it_has(output: Path) -> None:
    with pytest.raises(UsageError, match="no view 'flats'") as caught:
        read_rows(output, "lease", "flats")
    assert "latest_all, latest, flat, evidence" in str(caught.value.remedy)


@pytest.mark.parametrize("name", job_names(ROOT / "jobs"))
def test_every_job_of_the_project_has_its_facts_as_columns(name: str, jobs_dir: Path) -> None:
    one = load_job(find_job(name, jobs_dir))
    query = flat_view(name, job_table_schema(name, job_schema(one))).query
    for field in one.schema.model_fields:
        assert f'AS "{field}",' in query
        assert f'AS "{field}__confidence",' in query
