"""qwen-batch eval: from a gold file and a published output to figures, reports and a calibration file."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from helpers.published import evidence, parts, publish, record
from helpers.runs import request_for, run

from qwen_batch.cli import exit_code_of
from qwen_batch.config import Config
from qwen_batch.errors import EXIT_FATAL, EXIT_OK, EXIT_USAGE, UsageError
from qwen_batch.evaluate.gold import GoldEvidence, gold_to_line, make_gold, read_gold
from qwen_batch.evaluate.output import job_of_output, output_to_predictions
from qwen_batch.evidence.calibration import Calibration
from qwen_batch.job.definition import Job
from qwen_batch.job.files import find_job, load_job

NASTY = '<script>alert("x")</script> | **bold** `code`'
JOB_TEXT = '''"""Lease: who leases, from when, for how much."""

import datetime as dt

from pydantic import BaseModel, Field

from qwen_batch import Job, Quoted


class Tenant(Quoted):
    name: str = Field(max_length=80)


class Day(Quoted):
    begins: dt.date


class Lease(BaseModel):
    tenants: list[Tenant] = Field(max_length=4)
    start: Day | None
    rent: float | None
    note: str | None = Field(max_length=200)


JOB = Job(name="lease", schema=Lease, instruction="Extract the facts of this lease.")
'''


@pytest.fixture
def lease(tmp_path: Path) -> Job:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "lease.py").write_text(JOB_TEXT)
    return load_job(find_job("lease", tmp_path / "jobs"))


def result(**values: Any) -> dict[str, Any]:
    fixed = {"tenants": [{"name": "Acme Ltd", "quote": "Acme Ltd"}], "start": None, "rent": 1200.0, "note": None}
    return fixed | values


def begins(day: str) -> dict[str, str]:
    return {"begins": day, "quote": day}


def write_gold(path: Path, *documents: Any) -> Path:
    path.write_text("".join(gold_to_line(one) + "\n" for one in documents))
    return path


GOLD = (
    make_gold(
        "a.txt",
        {"tenants[].name": ["ACME", "Beta"], "start.begins": "March 1, 2024", "rent": "$1,200.00", "note": None},
        {"start.begins": [GoldEvidence(2, "from March 1, 2024")]},
    ),
    make_gold("b.txt", {"tenants[].name": ["Acme Limited"], "start.begins": None, "rent": 1300, "note": None}),
)


@pytest.fixture(params=["parquet", "jsonl"])
def output(request: pytest.FixtureRequest, tmp_path: Path, lease: Job) -> str:
    found = evidence("start.begins", "2024-03-01", "March 1, 2024", 2)
    records = [
        record(lease, "a.txt", result(start=begins("2024-03-01")), evidence=(found,)),
        record(lease, "b.txt", result(note=NASTY, rent=1250.0), confidence={"rent": 0.9, "note": 0.2}),
    ]
    return publish(tmp_path / "out", lease, records, request.param)


def settings(tmp_path: Path) -> list[str]:
    return ["--set", f"jobs_dir={tmp_path / 'jobs'}"]


def evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert exit_code_of(["eval", *arguments, "--format", "json", *settings(tmp_path)]) == EXIT_OK
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return printed


def test_figures_by_field_of_both_formats(output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = write_gold(tmp_path / "gold.jsonl", *GOLD)
    found = evaluate(tmp_path, capsys, str(gold), output)
    counts = {
        field: [one[name] for name in ("right", "wrong", "spurious", "missed", "absent")]
        for field, one in found["fields"].items()
    }
    assert counts == {
        "tenants[].name": [2, 0, 0, 1, 0],
        "start.begins": [1, 0, 0, 0, 1],
        "rent": [1, 1, 0, 0, 0],
        "note": [0, 0, 1, 0, 1],
    }
    assert {field: one["kind"] for field, one in found["fields"].items()} == {
        "tenants[].name": "name",
        "start.begins": "date",
        "rent": "amount",
        "note": "text",
    }
    assert found["micro"]["f1"] == pytest.approx(2 * 4 / (2 * 4 + 2 + 1 + 1))
    assert (found["grounding"]["page_accuracy"], found["grounding"]["span_accuracy"]) == (1, 1)
    assert [one["source"] for one in found["per_document"]] == ["b.txt", "a.txt"]
    assert found["missing"] == []


def test_text_goes_to_stdout_with_every_field_and_document(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = write_gold(tmp_path / "gold.jsonl", *GOLD, make_gold("gone.txt", {"rent": 1}))
    assert exit_code_of(["eval", str(gold), output, *settings(tmp_path)]) == EXIT_OK
    printed = capsys.readouterr()
    for text in ("tenants[].name", "start.begins", "micro", "macro", "AUROC", "a.txt", "no row: gone.txt"):
        assert text in printed.out
    assert printed.err == ""


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.depth: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.depth.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_reports_show_wrong_values_worst_document_first_and_run_nothing_of_them(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = write_gold(tmp_path / "gold.jsonl", *GOLD)
    assert exit_code_of(["eval", str(gold), output, "--report", str(tmp_path / "r"), *settings(tmp_path)]) == EXIT_OK
    assert "report.html" in capsys.readouterr().err
    page = Tags()
    page.feed((tmp_path / "r" / "report.html").read_text())
    assert page.depth == []
    assert not {"script", "link", "img", "iframe"} & set(page.opened)
    assert not [value for name, value in page.attributes if name in {"src", "href"} or name.startswith("on")]
    text = "".join(page.text)
    assert NASTY in text
    assert text.rindex("b.txt: 2 errors") < text.rindex("a.txt: 1 errors")
    assert "1250.0" in text
    markdown = (tmp_path / "r" / "report.md").read_text()
    assert "<script>" not in markdown
    tables = [line for line in markdown.splitlines() if line.startswith("| note | spurious")]
    assert len(tables) == 1
    assert len([at for at in range(len(tables[0])) if tables[0][at] == "|" and tables[0][at - 1] != "\\"]) == 9


def test_two_outputs_side_by_side(lease: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = write_gold(tmp_path / "gold.jsonl", *GOLD)
    rows = {"here": result(rent=1300.0), "there": result(rent=1.0)}
    outputs = {name: publish(tmp_path / name, lease, [record(lease, "b.txt", row)]) for name, row in rows.items()}
    report = ["--report", str(tmp_path / "r")]
    found = evaluate(tmp_path, capsys, str(gold), outputs["here"], "--compare", outputs["there"], *report)["comparison"]
    assert found["fields"]["rent"]["difference"] > 0
    assert found["fields"]["tenants[].name"]["difference"] == 0
    (changed,) = found["documents"]
    assert (changed["source"], changed["errors_before"], changed["errors_after"]) == ("b.txt", 1, 0)
    assert "there" in (tmp_path / "r" / "report.md").read_text()
    assert exit_code_of(["eval", str(gold), outputs["here"], "--compare", outputs["there"]]) == EXIT_OK
    assert "judged otherwise" in capsys.readouterr().out


def test_calibrate_writes_a_file_that_a_run_can_use(
    lease: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(1)
    records, gold = [], []
    for number in range(30):
        right, name = chance.random() < 0.6, f"{number}.txt"
        records.append(record(lease, name, result(rent=10.0 if right else 20.0)))
        gold.append(make_gold(name, {"rent": 10, "note": None}))
        token = chance.uniform(0.6, 0.99) if right else chance.uniform(0.4, 0.8)
        of_rent = parts("rent", token=token, weakest=token, match=None, score=None)
        of_note = parts("note", absent=True, match=None, score=None)
        records[-1] = replace(records[-1], confidence_parts=(of_rent, of_note))
    output = publish(tmp_path / "out", lease, records)
    file = tmp_path / "calibration.json"
    arguments = [str(write_gold(tmp_path / "gold.jsonl", *gold)), output, "--calibrate", str(file)]
    checked = evaluate(tmp_path, capsys, *arguments)["calibration"]["cross_validation"]
    assert checked["values"] == 60
    assert checked["auroc_after"] > 0.7
    calibration = Calibration.from_file(file)
    assert (calibration.job, calibration.models) == ("lease", ("null",))
    assert calibration.confidence(of_note) > 0.9
    assert exit_code_of(["eval", *arguments, "--report", str(tmp_path / "r")]) == EXIT_OK
    assert "cross-validated by document" in capsys.readouterr().out
    assert "Cross-validated by document" in (tmp_path / "r" / "report.md").read_text()


def test_rows_without_parts_are_judged_but_cannot_calibrate(
    lease: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = publish(tmp_path / "out", lease, [record(lease, "a.txt", result())], "jsonl")
    gold = write_gold(tmp_path / "gold.jsonl", GOLD[0])
    assert evaluate(tmp_path, capsys, str(gold), output)["fields"]["rent"]["right"] == 1
    assert exit_code_of(["eval", str(gold), output, "--calibrate", str(tmp_path / "c.json")]) == EXIT_USAGE
    assert "confidence_parts" in capsys.readouterr().err


@pytest.mark.subprocess
def test_the_newest_rows_of_a_real_run_are_judged(
    tmp_path: Path, null_config: Config, jobs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Contract between Alpha Ltd and Beta Ltd.")
    for _ in range(2):
        run(request_for(folder, tmp_path / "out", null_config, jobs_dir, "contract_summary", "report_outline"))
        (folder / "a.txt").write_text("Contract between Alpha Ltd and Beta Ltd, changed.")
    output = str(tmp_path / "out")
    (row,) = output_to_predictions(output, "contract_summary")
    gold = write_gold(tmp_path / "gold.jsonl", make_gold("a.txt", {"summary": row.result["summary"]}))
    assert exit_code_of(["eval", str(gold), output]) == EXIT_USAGE
    assert "contract_summary, report_outline" in capsys.readouterr().err
    assert evaluate(tmp_path, capsys, str(gold), output, "--job", "contract_summary")["micro"]["errors"] == 0
    assert row.doc_id == hashlib.sha256(b"Contract between Alpha Ltd and Beta Ltd, changed.").hexdigest()


def test_an_output_without_the_job_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="published table: none"):
        job_of_output(str(tmp_path), None)


LINE = '{"source": "a.txt", "fields": {"rent": 1}}'
BAD_GOLD = {
    "not JSON": ("{", "line 2", "Invalid JSON"),
    "no fields": ('{"source": "b"}', "line 2", "fields"),
    "an unknown key": ('{"source": "b", "fields": {"x": 1}, "evidnce": {}}', "line 2", "evidnce"),
    "a blank value": ('{"source": "b", "fields": {"x": ""}}', "line 2", "fields.x"),
    "an object as value": ('{"source": "b", "fields": {"x": {"name": "A"}}}', "line 2", "fields.x"),
    "a page 0": ('{"source": "b", "fields": {"x": 1}, "evidence": {"x": [{"page": 0}]}}', "line 2", "evidence.x"),
    "a path that is none": ('{"source": "b", "fields": {"a..b": 1}}', "line 2", "a..b"),
    "evidence of no field": ('{"source": "b", "fields": {"x": 1}, "evidence": {"y": []}}', "line 2", "'y'"),
    "an unknown normaliser": ('{"source": "b", "fields": {"x": 1}, "normalisers": {"x": "dat"}}', "line 2", "known:"),
    "the same source again": (LINE, "line 2", "line 1"),
}


@pytest.mark.parametrize("case", BAD_GOLD)
def test_a_bad_gold_line_is_named_with_a_remedy(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, *words = BAD_GOLD[case]
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{LINE}\n{line}\n")
    assert exit_code_of(["eval", str(path), str(tmp_path / "out")]) == EXIT_USAGE
    printed = capsys.readouterr()
    for word in (*words, str(path), "remedy:"):
        assert word in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe"])
def test_a_gold_file_that_is_none_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"gold\.jsonl") as caught:
        read_gold(path)
    assert caught.value.remedy


def test_a_field_misspelt_in_gold_is_told(lease: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = publish(tmp_path / "out", lease, [record(lease, "a.txt", result())])
    gold = write_gold(tmp_path / "gold.jsonl", make_gold("a.txt", {"tenants[].nam": "A"}))
    assert exit_code_of(["eval", str(gold), output]) == EXIT_USAGE
    assert "did you mean tenants[].name?" in capsys.readouterr().err


def test_a_report_folder_that_cannot_be_is_named(
    lease: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = publish(tmp_path / "out", lease, [record(lease, "a.txt", result())])
    gold = write_gold(tmp_path / "gold.jsonl", GOLD[0])
    (tmp_path / "file").write_text("")
    assert exit_code_of(["eval", str(gold), output, "--report", str(tmp_path / "file")]) == EXIT_FATAL
    assert "--report" in capsys.readouterr().err


def test_gold_comes_back_as_it_was_written(tmp_path: Path) -> None:
    documents = (
        *GOLD,
        make_gold("c.txt", {"note": {"any_of": ["x", "y"]}, "rent": [1, 2]}, normalisers={"note": "exact"}),
    )
    assert read_gold(write_gold(tmp_path / "gold.jsonl", *documents)) == documents
