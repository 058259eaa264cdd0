"""benchmarks/demo.py and deploy/demo.py: what is asked, in which order, what is said of a row, how it is judged."""

from __future__ import annotations

import importlib.util
import io
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from helpers.places import ROOT
from helpers.published import evidence, publish, record
from rich.console import Console

from benchmarks import demo as judging
from qwen_batch.cli.options import jobs_folder
from qwen_batch.config import Config
from qwen_batch.evaluate.gold import read_gold
from qwen_batch.evaluate.paths import field_problem
from qwen_batch.job.definition import Job
from qwen_batch.job.files import find_job, load_job
from qwen_batch.outcomes import DocumentOutcome

RIGHT: dict[str, Any] = {
    "parties": [
        {"name": "Maren Holt Translations", "quote": "Maren Holt Translations", "role": None},
        {"name": "Corrib Seafood Exports Ltd.", "quote": "Corrib Seafood Exports Ltd.", "role": None},
    ],
    "effective_date": {"quote": "1 October 2024", "date": "2024-10-01", "original": "1 October 2024"},
    "term": {"value": "eight months", "quote": "eight months"},
    "price": {"quote": "EUR 6,300", "value": 6300.0, "currency": "EUR"},
    "governing_law": {"quote": "the laws of Ireland", "jurisdiction": "Ireland"},
}
NOTHING: dict[str, Any] = {**dict.fromkeys(RIGHT), "parties": []}
LETTER, REPORT = "contracts/translation_letter_en.txt", "reports/quarterly_report_en.pdf"


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", ROOT / "deploy" / "demo.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def job(demo: ModuleType) -> Job:
    assert demo.JOB == judging.JOB
    return load_job(find_job(demo.JOB, ROOT / jobs_folder(Config()).name))


def test_six_documents_of_six_kinds_the_smallest_first(demo: ModuleType) -> None:
    documents = demo.demo_documents(ROOT / "data")
    sizes = [path.stat().st_size for path in documents]
    assert sizes == sorted(sizes)
    assert {path.suffix for path in documents} == {".txt", ".docx", ".pdf", ".jpg"}
    assert len(documents) == 6


def test_gold_has_enough_values_and_one_document_that_states_none(job: Job) -> None:
    gold = read_gold(judging.GOLD)
    values = {one.source: sum(len(found) for found in one.fields.values()) for one in gold}
    assert sum(values.values()) >= 24
    assert [source for source, count in values.items() if not count] == [REPORT]
    result = job.schema.model_validate(RIGHT).model_dump(mode="json")
    for one in gold:
        assert not [field_problem(result, path) for path in one.fields if field_problem(result, path)]
        assert {path.partition(".")[0].removesuffix("[]") for path in one.fields} == set(result)


def test_every_value_counts_and_so_does_an_invented_one(job: Job, tmp_path: Path, capsys: Any) -> None:
    wrong = RIGHT | {"term": {"value": "three weeks", "quote": "three weeks"}, "price": None}
    invented = NOTHING | {"governing_law": RIGHT["governing_law"]}
    publish(tmp_path / "out", job, [record(job, LETTER, wrong), record(job, REPORT, invented)])
    counts = judging.judge(tmp_path / "out")
    others = 7 * 4  # the documents without a row
    assert (counts.right, counts.wrong, counts.spurious, counts.missed) == (4, 1, 1, 2 + others)
    said = capsys.readouterr().out
    assert "translation_letter_en.txt: term.value wrong: 'three weeks' for '8 months'" in said
    assert "quarterly_report_en.pdf: governing_law.jurisdiction spurious: 'Ireland' for None" in said
    assert judging.share(counts) == pytest.approx(4 / (4 + 4 + others))


def test_a_row_is_shown_with_its_pages_and_quotes(demo: ModuleType, job: Job) -> None:
    told = io.StringIO()
    found = (evidence("effective_date.date", "2024-10-01", "[bold]1 October[/bold]", page=2),)
    row = record(job, LETTER, RIGHT, evidence=found)
    demo.show(DocumentOutcome(row.document, (row,), ()), 61.4, Console(file=told, width=120))
    lines = told.getvalue().split("\n")
    assert lines[1] == "translation_letter_en.txt  after 61 s"
    assert lines[2].split() == ["parties", "Maren", "Holt", "Translations;", "Corrib", "Seafood", "Exports", "Ltd."]
    assert lines[3].split(maxsplit=2) == ["effective_date", "2024-10-01", 'page 2: "[bold]1 October[/bold]"']
    assert lines[5].split()[:3] == ["price", "6,300", "EUR"]


def test_a_long_quote_left_no_room_for_the_fact(demo: ModuleType, job: Job) -> None:
    told = io.StringIO()
    row = record(
        job, LETTER, RIGHT, evidence=(evidence("term.value", "eight months", "合同有效期 of the contract " * 9),)
    )
    demo.show(DocumentOutcome(row.document, (row,), ()), 1, Console(file=told, width=80))
    assert "term" in told.getvalue()
    assert "eight months" in told.getvalue()


def test_a_document_that_states_nothing_says_so(demo: ModuleType, job: Job) -> None:
    told = io.StringIO()
    row = record(job, REPORT, NOTHING)
    demo.show(DocumentOutcome(row.document, (row,), ()), 1, Console(file=told, width=120))
    assert told.getvalue().endswith("  states none of this\n")


def test_each_demo_goes_into_a_folder_of_its_own(demo: ModuleType, tmp_path: Path) -> None:
    for name in ("demo", "demo-2", "demo-3"):
        place = demo.new_folder(tmp_path / "demo")
        assert place.name == name
        place.mkdir()


@pytest.mark.subprocess
def test_make_help_lists_every_target() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    listed = {line.split()[1] for line in told.stdout.splitlines()}
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert listed == set(phony.split()[1:])
