"""benchmarks/answers/prompts.py: what a run would ask, a line a prompt, the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.answers.prompts import write_prompts

pytestmark = pytest.mark.subprocess

NULL = ("engine.kind=null",)


def test_each_document_and_job_has_its_prompts_and_a_broken_one_its_failure(tmp_path: Path, jobs_dir: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("This Agreement is governed by the laws of Nevada.\n")
    (folder / "b.txt").write_bytes(b"")
    outs = [tmp_path / "out" / name for name in ("one.jsonl", "two.jsonl")]
    assert [write_prompts(out, [folder], NULL) for out in outs] == [0, 0]
    one, two = (out.read_text("utf-8") for out in outs)
    assert one == two
    rows = [json.loads(line) for line in one.splitlines()]
    jobs = {path.stem for path in jobs_dir.glob("*.py")}
    asked = [row for row in rows if row["document"] == "in/a.txt"]
    assert {row["job"] for row in asked} == jobs
    assert all("laws of Nevada" in str(row["messages"]) for row in asked)
    assert [row["failure"] for row in rows if row["document"] == "in/b.txt"] == ["empty_file"] * len(jobs)
