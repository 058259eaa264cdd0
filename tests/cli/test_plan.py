"""cli plan: one aligned screen at any width, JSON that the plan's model reads, and the errors of `run`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qwen_batch.cli import exit_code_of
from qwen_batch.cli.plan import FIGURE, LABEL, plan_text
from qwen_batch.errors import EXIT_OK, EXIT_USAGE
from qwen_batch.output.log.plan import (
    Estimate,
    Plan,
    PlannedDisk,
    PlannedDocuments,
    PlannedJob,
    PlannedKind,
    PlannedStage,
)

SCREEN_LINES = 32


def about(likely: float) -> Estimate:
    return Estimate(low=likely * 0.8, likely=likely, high=likely * 1.3)


def large_plan() -> Plan:
    jobs = [
        PlannedJob(
            job=name,
            fingerprint="f",
            documents=123_456,
            done=1,
            failed=0,
            skipped=0,
            prompts=about(200_000),
            prompt_tokens=about(345_678_901),
            output_tokens=about(9_876_543),
            output_from="guess",
        )
        for name in ("contract_summary_of_all_that_is_long", "terms", "a", "b")
    ]
    kinds = [
        PlannedKind(
            kind=f"kind{number}",
            documents=20_000,
            pages=2_345_678 + number,
            ocr_pages=about(1e6),
            size_bytes=1,
            unreadable=3,
            sampled=2,
        )
        for number in range(7)
    ]
    return Plan(
        planned_at=datetime(2026, 1, 2, tzinfo=UTC),
        version="1",
        inputs=("in",),
        limit=None,
        model="Qwen/Qwen3-4B-Instruct-2507@cdbee75f17c0",
        engine="vllm",
        gpus=8,
        documents=PlannedDocuments(
            found=1_234_567, done=1_111_111, unusable=12, to_do=123_456, read_before=99_999, recognised_before=3
        ),
        pages=16_419_767,
        ocr_pages=about(7e6),
        ocr_pages_to_do=about(6e6),
        kinds=tuple(kinds),
        jobs=tuple(jobs),
        prompt_tokens=about(1.2e9),
        output_tokens=about(4e7),
        sampled=1_234,
        stages=tuple(
            PlannedStage(stage=stage, seconds=about(5e5), why="because") for stage in ("read", "ocr", "start", "engine")
        ),
        seconds=about(1e6),
        gpu_hours=about(2_222.2),
        price=about(5_555.5),
        disk=PlannedDisk(output_bytes=about(2e9), cache_bytes=about(5e9), free_bytes=10**12),
        notes=("a sentence that is rather long and has to be told in more than one line of a narrow terminal",),
    )


@pytest.mark.parametrize("columns", [20, 60, 80, 200])
def test_the_screen_is_aligned_and_narrow_enough(columns: int) -> None:
    lines = plan_text(large_plan(), columns).splitlines()
    assert max(map(len, lines)) <= max(60, min(columns, 100))
    assert len(lines) <= SCREEN_LINES
    first = next(at for at, line in enumerate(lines) if line.startswith("documents to do"))
    rows = [line for line in lines[first:] if line[:LABEL].strip() and not line.startswith("- ")][:-1]
    assert len(rows) > 12
    for line in rows:
        assert line[LABEL - 1] == " ", line
        assert line[LABEL + FIGURE : LABEL + FIGURE + 2].strip() == "", line
        assert line[: LABEL + FIGURE].rstrip() == line[: LABEL + FIGURE] or "more" in line, line


def test_every_figure_stands_with_its_range() -> None:
    text = plan_text(large_plan(), 80)
    for expected in ("123,456  of 1,234,567", "1.2G", "960M to 1.56G", "2,222.20  1,777.76 to 2,888.86", "277h46m"):
        assert expected in text, text


def folder_of(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("A contract between Alpha Ltd and Beta Ltd.\fIts second page.")
    return folder


@pytest.mark.subprocess
def test_json_is_what_the_output_keeps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out"
    command = ["plan", "contract_summary", str(folder_of(tmp_path)), "--set", "engine.kind=null"]
    assert exit_code_of([*command, "--output", str(output), "--json"]) == EXIT_OK
    printed = capsys.readouterr().out
    assert (output / "_plan.json").read_text() == printed.removesuffix("\n")
    plan = Plan.model_validate(json.loads(printed))
    assert (plan.pages, plan.documents.to_do, plan.seconds) == (2, 1, None)
    assert set(json.loads(printed)) == set(Plan.model_fields)
    assert [file.name for file in output.iterdir()] == ["_plan.json"]


@pytest.mark.subprocess
def test_without_an_output_nothing_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert exit_code_of(["plan", "contract_summary", str(folder), "--set", "engine.kind=null"]) == EXIT_OK
    assert "pages                       2" in capsys.readouterr().out
    assert list(here.iterdir()) == []


WRONG = {
    "unknown job": (["contrct_summary", "in"], ["contrct_summary", "did you mean"]),
    "no input": (["contract_summary"], ["no input"]),
    "input that is not there": (["contract_summary", "nowhere"], ["nowhere"]),
    "unknown setting": (["contract_summary", "in", "--set", "engine.modell=x"], ["engine.modell", "unknown key"]),
    "negative price": (["contract_summary", "in", "--set", "resources.gpu_hour_price=-1"], ["gpu_hour_price"]),
    "output that is a file": (["contract_summary", "in", "--output", "in/a.txt"], ["a.txt", "not a folder"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_as_run_says_it(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    arguments, words = WRONG[case]
    assert exit_code_of(["plan", *arguments, "--set", "engine.kind=null"]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert all(word in said for word in words), said
