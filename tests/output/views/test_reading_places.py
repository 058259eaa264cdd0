"""reading: standing failures, deleted files, facts and their places, wherever an output lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.published import evidence, publish_run, record
from helpers.runs import request_for, run
from helpers.views import by_python
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Day, Job, Party
from qwen_batch.config_file import load_config
from qwen_batch.output.layout import open_output
from qwen_batch.output.status import unresolved_failures

JOB = "contract_summary"


class Deal(BaseModel):
    begin: Day | None
    parties: list[Party] = Field(max_length=4)


DEAL = Job(name="deal", schema=Deal, instruction="Read.", sampling=EXTRACTION)


@pytest.fixture(params=["local", "s3"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "out") if request.param == "local" else f"{request.getfixturevalue('s3_bucket')}/out"


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.subprocess
def test_failures_were_counted_for_each_try_and_rows_of_deleted_files_were_the_latest(
    output: str, form: str, tmp_path: Path, jobs_dir: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in (("gone.txt", "Contract A."), ("stays.txt", "Contract B."), ("bad.txt", ""), ("cured.txt", "")):
        (folder / name).write_text(text)
    for headers in ("true", "false"):  # other settings try again
        config = load_config(None, ("engine.kind=null", f"sink.format={form}", f"clean.headers={headers}"))
        request = request_for(folder, output, config, jobs_dir)
        run(request)
    (folder / "gone.txt").unlink()
    (folder / "cured.txt").write_text("Contract C.")
    run(request)
    assert by_python(output, "failures_all")["document"].to_pylist() == ["bad.txt"] * 2 + ["cured.txt"] * 2
    assert by_python(output, "failures_latest")["document"].to_pylist() == ["bad.txt"]
    assert [Path(one.source_uri).name for one in unresolved_failures(open_output(output))] == ["bad.txt"]
    for view in ("latest", "flat"):
        assert by_python(output, f"{JOB}_{view}")["document"].to_pylist() == ["cured.txt", "stays.txt"]
    states = by_python(output, f"{JOB}_latest_all").select(["document", "source_state"]).to_pylist()
    assert {row["document"]: row["source_state"] for row in states} == {
        "cured.txt": "present",
        "gone.txt": "deleted",
        "stays.txt": "present",
    }


def test_paths_counted_from_0_and_a_fact_s_columns_had_the_same_name_twice(output: str, form: str) -> None:
    day = {"quote": "6 May 2024", "date": "2024-05-06", "original": "6 May 2024"}
    parties = [{"name": name, "quote": f"{name} Ltd", "role": None} for name in ("Alpha", "Beta")]
    places = (
        evidence("begin.date", "2024-05-06", "6 May 2024", 3),
        evidence("parties[0].name", "Alpha", "Alpha Ltd", 1),
        evidence("parties[1].name", "Beta", "Beta Ltd", 2),
    )
    publish_run(output, DEAL, [record(DEAL, "a.txt", {"begin": day, "parties": parties}, evidence=places)], form=form)
    found = by_python(output, "deal_evidence")
    assert found["path"].to_pylist() == ["parties[1].name", "parties[2].name", "begin.date"], "by their page"
    assert found["field"].to_pylist() == ["parties", "parties", "begin"]
    assert set(found["confidence"].to_pylist()) == {0.5}
    flat = by_python(output, "deal_flat")
    assert len(set(flat.column_names)) == flat.num_columns
    (row,) = flat.select(["begin__quote", "begin__page", "parties__quote", "parties__page"]).to_pylist()
    assert list(row.values()) == ["6 May 2024", 3, ["Alpha Ltd", "Beta Ltd"], [1, 2]]
