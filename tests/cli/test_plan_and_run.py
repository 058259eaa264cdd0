"""cli plan, then run: what was planned stands beside what came, once, in the summary and in status."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.nights import JOB, Nights, Said, nights
from helpers.places import ROOT

from qwen_batch.errors import EXIT_OK, EXIT_SOME_FAILED

pytestmark = pytest.mark.subprocess


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("A contract between Alpha Ltd and Beta Ltd.\fThe second page.")
    (folder / "other.txt").write_text("Another contract between Alpha Ltd and Gamma Ltd.")
    return folder


@pytest.fixture(params=["parquet", "jsonl"])
def here(
    request: pytest.FixtureRequest,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Nights:
    return nights(str(folder), str(tmp_path / "out"), request.param, monkeypatch, capsys)


def planned(here: Nights, *options: str) -> Said:
    settings = ("--set", "engine.kind=null", "--set", f"jobs_dir={ROOT / 'jobs'}", "--format", here.form)
    return here.command("plan", JOB, here.folder, "--output", here.output, *settings, *options)


def test_a_run_says_what_was_planned_and_status_keeps_it(here: Nights) -> None:
    assert planned(here).code == EXIT_OK
    said = here.run()
    assert said.code == EXIT_OK
    assert "planned and real: pages 3; tokens in " in said.out
    assert "planned and real: pages 3; " in here.told()
    figures = {one["what"]: one for one in here.newest()["planned"]}
    assert figures["pages"] == {"what": "pages", "planned": {"low": 3, "likely": 3, "high": 3}, "real": 3}
    assert figures["tokens in"]["planned"]["likely"] == figures["tokens in"]["real"] > 0
    assert "time" not in figures  # no run with this model was there to tell


def test_a_plan_is_held_against_one_run_alone(here: Nights, folder: Path) -> None:
    planned(here)
    here.run()
    (folder / "new.txt").write_text("A third contract.")
    assert "planned" not in here.run().out
    planned(here)
    assert "planned" not in here.run().out  # nothing was left to do
    assert here.newest()["planned"] == []


@pytest.mark.parametrize("options", [("--limit", "1"), ("--set", "clean.headers=false")])
def test_a_plan_of_another_run_is_not_held_against_this_one(here: Nights, options: tuple[str, ...]) -> None:
    planned(here, *options)
    assert "planned" not in here.run().out


def test_an_output_that_has_failures_is_planned_without_them(here: Nights, folder: Path) -> None:
    (folder / "bad.txt").write_text("")
    assert here.run().code == EXIT_SOME_FAILED
    assert "3 done before" in planned(here).out
