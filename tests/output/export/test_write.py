"""write: a published output as a file of each kind, whole or not at all."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from helpers.published import evidence, publish_run, record
from pydantic import BaseModel, Field
from python_calamine import CalamineWorkbook

from qwen_batch import EXTRACTION, Amount, Day, Job, Party, Quoted
from qwen_batch.errors import OutputError, QwenBatchError, UsageError
from qwen_batch.output.export.write import export_rows
from qwen_batch.storage.places import open_store


class Fact(Quoted):
    value: str = Field(max_length=80)


class Terms(BaseModel):
    duties: list[Fact] = Field(max_length=4)


class Letter(BaseModel):
    law: Fact | None
    dated: Day | None
    total: Amount | None
    parties: list[Party] = Field(max_length=4)
    terms: Terms | None


JOB = Job(name="letter", schema=Letter, instruction="Read.", sampling=EXTRACTION)
ANSWER = {
    "law": {"value": '=cmd|"/c calc"!A1', "quote": "+the law,\nof Ohio"},
    "dated": {"date": "2024-05-06", "quote": "6 May 2024", "original": "6 May 2024"},
    "total": {"value": -12.5, "currency": "CAD", "quote": "CAD -12.50"},
    "parties": [{"name": "Ann", "quote": "Ann, seller", "role": "seller"}, {"name": "Bo", "quote": "Bo", "role": None}],
    "terms": {"duties": [{"value": "repairs", "quote": "shall repair"}]},
}
EVIDENCE = (
    replace(evidence("law.value", "other", "other", 9), standing="rejected"),
    evidence("law.value", "Ohio", "Ohio", 3),
    replace(evidence("dated.date", "2023-05-06", "6 May 2023", 8), standing="conflict"),
    evidence("parties[1].name", "Bo", "Bo", 2),
    evidence("terms.duties[0].value", "repairs", "shall repair", 4),
)
KINDS = (".xlsx", ".csv", ".jsonl")


@pytest.fixture
def output(tmp_path: Path) -> str:
    scores = dict.fromkeys(ANSWER, 0.5) | {"record": 0.75}
    nothing = dict.fromkeys(ANSWER) | {"parties": []}
    records = [
        record(JOB, "a.txt", ANSWER, evidence=EVIDENCE, confidence=scores),
        record(JOB, "-b.txt", nothing, confidence=scores),
    ]
    publish_run(tmp_path / "out", JOB, records)
    return str(tmp_path / "out")


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_csv_has_a_line_a_document_and_computes_nothing(output: str, tmp_path: Path) -> None:
    written = export_rows(output, "letter", str(tmp_path / "t.csv"))
    assert (written.job, written.documents, written.place) == ("letter", 2, str(tmp_path / "t.csv"))
    nothing, row = csv_rows(tmp_path / "t.csv")
    assert nothing["document"] == "'-b.txt"
    assert row["law"] == "'" + ANSWER["law"]["value"]
    assert row["law__quote"] == "'+the law,\nof Ohio"
    assert (row["law__page"], row["law__confidence"]) == ("3", "0.5")
    assert (row["dated"], row["dated__page"]) == ("2024-05-06", "")
    assert (row["total"], row["total_currency"]) == ("-12.5", "CAD")
    assert (row["parties"], row["parties__quote"], row["parties__page"]) == (
        "Ann, seller; Bo",
        "Ann, seller; Bo",
        "; 2",
    )
    assert (nothing["law"], nothing["parties"], nothing["total"]) == ("", "", "")


def test_csv_is_read_alike_by_pandas_polars_and_duckdb(output: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    export_rows(output, "letter", str(path))
    names = list(csv_rows(path)[0])
    assert list(pd.read_csv(path).columns) == pl.read_csv(path).columns == duckdb.read_csv(str(path)).columns == names
    assert pd.read_csv(path)["total"].tolist()[1] == pl.read_csv(path)["total"].to_list()[1] == -12.5


def test_jsonl_says_all_of_it_as_it_is(output: str, tmp_path: Path) -> None:
    export_rows(output, "letter", str(tmp_path / "t.jsonl"), lambda _, doc_id: f"d/{doc_id}.html")
    _, row = map(json.loads, (tmp_path / "t.jsonl").read_text("utf-8").splitlines())
    assert row["law"] == ANSWER["law"]["value"]
    assert row["parties"] == [{"name": "Ann", "role": "seller"}, {"name": "Bo", "role": None}]
    assert (row["dated"], row["parties__page"]) == ("2024-05-06", [None, 2])
    assert row["report_page"] == "d/id-a.txt.html"


def test_excel_has_the_documents_and_a_sheet_a_list(output: str, tmp_path: Path) -> None:
    export_rows(output, "letter", str(tmp_path / "t.xlsx"))
    nothing, row = sheet(tmp_path / "t.xlsx", "letter")
    assert (nothing["document"], row["law"]) == ("-b.txt", ANSWER["law"]["value"])
    assert (row["dated"], row["total"], row["parties"]) == (date(2024, 5, 6), -12.5, "Ann, seller; Bo")
    assert [
        (one["document"], one["number"], one["name"], one["page"]) for one in sheet(tmp_path / "t.xlsx", "parties")
    ] == [
        ("a.txt", 1, "Ann", ""),
        ("a.txt", 2, "Bo", 2),
    ]
    (duty,) = sheet(tmp_path / "t.xlsx", "terms_duties")
    assert (duty["terms_duties"], duty["quote"], duty["page"], duty["confidence"]) == (
        "repairs",
        "shall repair",
        4,
        0.5,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_and_quote_come_from_what_stands_alone(kind: str, output: str, tmp_path: Path) -> None:
    """Evidence of a rejected or contradicting candidate named its page before that of the value."""
    path = tmp_path / f"t{kind}"
    export_rows(output, "letter", str(path))
    rows = {
        ".csv": csv_rows,
        ".xlsx": lambda path: sheet(path, "letter"),
        ".jsonl": lambda path: [json.loads(line) for line in path.open(encoding="utf-8")],
    }[kind](path)
    assert (str(rows[1]["law__page"]).removesuffix(".0"), rows[1]["dated__page"]) == (
        "3",
        None if kind == ".jsonl" else "",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_there_stays_if_the_writing_fails(kind: str, output: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{kind}"
    path.write_text("before")

    def gone(*_: str) -> str:
        raise OutputError("the disk is gone")

    with pytest.raises(OutputError, match="the disk is gone"):
        export_rows(output, "letter", str(path), gone)
    assert path.read_text() == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out", path.name]


def wrong(output: str, job: str | None, place: str, kind: type[QwenBatchError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        export_rows(output, job, place)
    assert caught.value.remedy
    return str(caught.value)


def test_what_is_wrong_is_named_with_its_remedy(output: str, tmp_path: Path) -> None:
    good = str(tmp_path / "t.csv")
    assert "'lettre'" in (said := wrong(output, "lettre", good))
    assert "jobs there: letter" in said
    assert str(tmp_path / "none") in wrong(str(tmp_path / "none"), None, good)
    assert ".xlsx, .csv, .jsonl" in wrong(output, None, str(tmp_path / "t.xls"))
    (tmp_path / "folder.csv").mkdir()
    assert "folder.csv" in wrong(output, None, str(tmp_path / "folder.csv"))
    (tmp_path / "file").write_text("")
    assert "file" in wrong(output, None, str(tmp_path / "file" / "t.csv"), OutputError)


def test_the_folders_of_the_output_take_no_file_of_another_kind(output: str) -> None:
    assert f"{output}/t.csv" in wrong(output, None, f"{output}/letter/t.csv")
    export_rows(output, None, f"{output}/t.csv")


def test_where_there_are_several_jobs_one_must_be_named(output: str, tmp_path: Path) -> None:
    publish_run(
        output, replace(JOB, name="other"), [record(replace(JOB, name="other"), "a.txt", ANSWER)], run_id="run2"
    )
    assert "letter, other" in wrong(output, None, str(tmp_path / "t.csv"))
    assert export_rows(output, "other", str(tmp_path / "t.csv")).job == "other"


@pytest.mark.parametrize("kind", [".csv", ".jsonl"])
def test_a_field_that_is_called_like_the_link_keeps_its_name(kind: str, tmp_path: Path) -> None:
    class Book(BaseModel):
        report_page: int | None

    job = replace(JOB, name="book", schema=Book)
    publish_run(tmp_path / "out", job, [record(job, "a.txt", {"report_page": 7})])
    path = tmp_path / f"t{kind}"
    export_rows(str(tmp_path / "out"), "book", str(path), lambda *_: "d/1.html")
    (row,) = csv_rows(path) if kind == ".csv" else [json.loads(path.read_text("utf-8"))]
    assert (str(row["report_page"]), row["document_report_page"]) == ("7", "d/1.html")


def test_a_file_may_lie_on_s3(output: str, s3_bucket: str) -> None:
    written = export_rows(output, "letter", f"{s3_bucket}/tables/t.csv")
    assert written.place == f"{s3_bucket}/tables/t.csv"
    assert b"6 May 2024" in open_store(f"{s3_bucket}/tables").read("t.csv")
    assert ".xlsx" in wrong(output, "letter", f"{s3_bucket}/t.txt")
