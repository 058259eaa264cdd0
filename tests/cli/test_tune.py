"""tune: with an engine that answers right where a description says a word, and is counted in what it was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers.runs import run
from helpers.told import FakeAnswers, told_machinery

from qwen_batch.cli import exit_code_of, notebook
from qwen_batch.cli.driving import Driving
from qwen_batch.errors import EXIT_OK, EXIT_USAGE
from qwen_batch.records import Completion, Prompt

pytestmark = pytest.mark.subprocess
JOB = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import Alternatives, Job, Quoted

class Seller(Quoted):
    name: str = Field(max_length=40)

class Bill(BaseModel):
    seller: Annotated[Seller | None, Alternatives("who is paid", "the payer")] = Field(description="the name")
    town: Seller | None = Field(description="where it is, the town")

JOB = Job(name="bills", schema=Bill, instruction="Extract the bill.")
"""
TOWNS = ("Ulm", "Bonn", "Kiel", "Jena", "Hof", "Gera", "Trier", "Marl")


class FakeListener(FakeAnswers):
    """Finds the seller of a bill where the prompt says `key`; the town always."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def _answer(self, prompt: Prompt) -> Completion:
        document, _, question = prompt.messages[-1][1].partition("</document>")
        said = dict(re.findall(r"^(Seller|Town): (.+)$", document, re.MULTILINE))
        seller = said["Seller"] if self._key in question else "Nobody"
        answer = {
            "seller": {"quote": seller, "name": seller},
            "town": {"quote": said["Town"], "name": said["Town"]},
        }
        keys = json.loads(prompt.json_schema or "{}")["properties"]
        text = json.dumps({key: answer[key] for key in keys})
        return Completion(text, "stop", 100, len(text), 0, (text,), (-0.01,))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "jobs" / "bills.py").write_text(JOB)
    _bills(tmp_path, 16)
    return tmp_path


def _bills(folder: Path, count: int) -> None:
    lines = []
    for number in range(count):
        seller, town = f"Shop {chr(65 + number)} and Sons", TOWNS[number % len(TOWNS)]
        (folder / "in" / f"{number}.txt").write_text(f"BILL {number}\nSeller: {seller}\nTown: {town}\n")
        lines.append(json.dumps({"source": f"{number}.txt", "fields": {"seller.name": seller, "town.name": town}}))
    (folder / "gold.jsonl").write_text("\n".join(lines))


def listening(key: str, monkeypatch: pytest.MonkeyPatch) -> FakeListener:
    """The engine behind every run of the command."""
    engine = FakeListener(key)

    def driven(jobs: Sequence[str], inputs: Sequence[str], driving: Driving) -> Any:
        return run(notebook._prepared(jobs, inputs, driving, {}).request, told_machinery(engine))

    monkeypatch.setattr("qwen_batch.cli.notebook.driven", driven)
    return engine


ARGUMENTS = ["tune", "bills", "gold.jsonl", "in", "--set", "engine.kind=null", "--set", "cache.enabled=false"]


def test_a_description_that_helps_is_written_as_a_diff_and_reported_on_the_other_half(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listening("who is paid", monkeypatch)
    assert exit_code_of([*ARGUMENTS, "--only", "description", "--write", "better.py"]) == EXIT_OK
    said = capsys.readouterr().out
    assert "-    seller: " in said
    assert 'description="who is paid"' in (here / "better.py").read_text()
    assert (here / "jobs" / "bills.py").read_text() == JOB
    before, after = re.findall(r"other half .*: +F1 (\d\.\d+)", said)
    assert float(before) < float(after) == 1.0


def test_no_document_that_was_tuned_on_is_reported(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = listening("who is paid", monkeypatch)
    assert exit_code_of([*ARGUMENTS, "--only", "description"]) == EXIT_OK
    found = re.search(r"bills: (\d+) documents to tune on, (\d+) others to report", capsys.readouterr().out)
    assert found is not None
    by_job: dict[str, list[str]] = {}
    for prompt in engine.asked:
        by_job.setdefault(prompt.job, []).append(prompt.doc_id)
    tuned = set(by_job["bills_v1"])  # a change alone, and nothing of the other half
    reported = {one for ids in by_job.values() for one in ids} - tuned
    assert (len(tuned), len(reported)) == (int(found[1]), int(found[2]))
    assert len(tuned) + len(reported) == 16


def test_where_nothing_helps_the_other_half_is_not_asked(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = listening("words that no description has", monkeypatch)
    assert exit_code_of([*ARGUMENTS, "--only", "description", "--write", "better.py"]) == EXIT_OK
    said = capsys.readouterr().out
    assert "the other half was not asked" in said
    assert not (here / "better.py").exists()
    assert len({prompt.doc_id for prompt in engine.asked}) < 16


def test_gold_too_small_to_be_split_is_refused_before_anything_is_asked(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = listening("who is paid", monkeypatch)
    _bills(here, 3)
    assert exit_code_of(ARGUMENTS) == EXIT_USAGE
    assert "gold of 3 documents is too small to be split" in capsys.readouterr().err
    assert engine.asked == []


def test_a_file_that_is_there_is_not_written_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of([*ARGUMENTS, "--write", "gold.jsonl"]) == EXIT_USAGE
    assert "nothing is written over" in capsys.readouterr().err
