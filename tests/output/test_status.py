"""status: what stands in an output, read without taking its lock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.runs import request_for, run

from qwen_batch.cli.status import status
from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.errors import OutputError
from qwen_batch.output.status import output_status, unresolved_failures
from qwen_batch.storage.places import open_store


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    (folder / "bad.txt").write_text("")
    return folder


@pytest.mark.subprocess
def test_status_has_runs_failures_and_sources(
    documents: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    output = tmp_path / "out"
    summary = run(request_for(documents, output, null_config, jobs_dir))
    found = output_status(str(output))
    assert [one.run_id for one in found.runs] == [summary.run_id]
    assert found.runs[0].rows == {"contract_summary": 1, "failures": 1}
    assert [one.code for one in found.unresolved] == ["empty_file"]
    assert found.sources == {"present": 2}
    assert (found.staged, found.publications, found.holder) == ({}, (), None)
    text = CliRunner().invoke(status, [str(output)]).output
    assert "1 x empty_file" in text
    assert json.loads(CliRunner().invoke(status, [str(output), "--json"]).output)["output"] == str(output)


@pytest.mark.subprocess
def test_an_output_of_json_lines_has_the_same_status(
    documents: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    lines = load_config(None, ("engine.kind=null", "sink.format=jsonl"))
    for name, config in (("parquet", null_config), ("jsonl", lines)):
        run(request_for(documents, tmp_path / name, config, jobs_dir))
    by_format = {name: output_status(str(tmp_path / name)).unresolved for name in ("parquet", "jsonl")}
    found = {
        name: [(one.code, one.source_uri, one.processed_at.utcoffset()) for one in unresolved]
        for name, unresolved in by_format.items()
    }
    assert [code for code, *_ in found["jsonl"]] == ["empty_file"]
    assert found["jsonl"] == found["parquet"]


@pytest.mark.subprocess
def test_a_later_row_resolves_a_failure(documents: Path, tmp_path: Path, jobs_dir: Path) -> None:
    output = tmp_path / "out"
    (documents / "bad.txt").write_text("x" * 2_000_000)
    for megabytes, codes in ((1, ["too_large"]), (3, [])):
        config = load_config(None, ("engine.kind=null", f"read.max_file_mb={megabytes}"))
        run(request_for(documents, output, config, jobs_dir))
        assert [one.code for one in unresolved_failures(open_store(str(output)))] == codes


def test_a_folder_that_is_no_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of qwen-batch"):
        output_status(str(tmp_path))
