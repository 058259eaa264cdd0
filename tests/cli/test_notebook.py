"""notebook: the package's face, and runs that are begun from Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from helpers.nights import on_ray
from helpers.places import ROOT
from helpers.runs import serially

import qwen_batch
from qwen_batch import read_document, read_evidence, read_rows, run_jobs
from qwen_batch.cli import exit_code_of
from qwen_batch.errors import EXIT_OK, ConfigError, JobError, UsageError

HEAVY = ("pyarrow", "ray", "vllm", "duckdb", "pydantic", "click", "numpy", "torch")
PACKAGES = sorted(folder.parent.name for folder in (ROOT / "qwen_batch").glob("*/__init__.py"))


def python(code: str) -> str:
    """What another Python prints that has imported nothing yet."""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.subprocess
def test_the_package_alone_loads_nothing_heavy() -> None:
    code = f"import sys, qwen_batch; print([name for name in {HEAVY} if name in sys.modules])"
    assert python(code) == "[]\n"


@pytest.mark.subprocess
def test_reading_an_output_loads_no_machinery() -> None:
    heavy = ("ray", "vllm", "torch")
    code = (
        f"import sys\nfrom qwen_batch import read_document, read_rows\nprint([n for n in {heavy} if n in sys.modules])"
    )
    assert python(code) == "[]\n"


def test_no_name_of_the_face_is_that_of_a_package_or_module() -> None:
    modules = {file.stem for file in (ROOT / "qwen_batch").glob("*.py")}
    assert set(qwen_batch.__all__) & ({*PACKAGES} | modules) == set()


@pytest.mark.subprocess
def test_names_and_packages_are_what_they_are_in_either_order() -> None:
    """A package that is imported becomes an attribute of the one above it, and hid a function of its name."""
    load = "".join(f"import qwen_batch.{name}\n" for name in PACKAGES)
    face = "from qwen_batch import *\n"
    said = (
        "import types, qwen_batch\n"
        f"print(all(isinstance(getattr(qwen_batch, name), types.ModuleType) for name in {PACKAGES}),\n"
        "  [name for name in qwen_batch.__all__ if isinstance(getattr(qwen_batch, name), types.ModuleType)],\n"
        "  [name for name in qwen_batch.__all__ if getattr(qwen_batch, name) is not globals()[name]])\n"
    )
    assert python(load + face + said) == python(face + load + said) == "True [] []\n"


def test_the_names_are_offered_before_they_are_loaded() -> None:
    assert {"run_jobs", "read_rows", "read_evidence", "read_document", "Job"} <= set(dir(qwen_batch))
    assert qwen_batch.__version__ == "0.1.0"
    with pytest.raises(AttributeError, match="no attribute 'run'"):
        qwen_batch.__getattr__("run")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    @contextmanager
    def session(_config: Any) -> Iterator[None]:
        yield

    on_ray(monkeypatch)
    monkeypatch.setattr("qwen_batch.run.on_ray.ray_session", session)
    monkeypatch.setattr("qwen_batch.run.on_ray.run_documents", serially)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    (tmp_path / "in" / "empty.txt").write_text("")
    return tmp_path


def settings(folder: Path) -> dict[str, Any]:
    return {"engine": {"kind": "null"}, "cache": {"directory": str(folder / "cache")}, "jobs_dir": str(ROOT / "jobs")}


@pytest.mark.subprocess
def test_a_run_from_python_is_a_run_and_its_rows_are_everybodys(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = run_jobs("contract_summary", folder / "in", folder / "out", **settings(folder))
    assert (summary.documents, summary.rows["contract_summary"], summary.failure_codes) == (2, 1, {"empty_file": 1})
    said = capsys.readouterr()
    assert said.out == ""
    assert "model: null" in said.err
    log = json.loads((folder / "out" / "_log" / f"{summary.run_id}.json").read_text())
    assert (log["command"], log["state"], log["exit_code"]) == ("run", "complete", 3)
    again = run_jobs(
        ["contract_summary"], [str(folder / "in")], str(folder / "out"), progress=False, **settings(folder)
    )
    assert (again.done_before, again.failed_before, sum(again.rows.values())) == (1, 1, 0)

    rows = read_rows(folder / "out", "contract_summary", "flat")
    assert isinstance(rows, pa.Table)
    assert hasattr(rows, "__arrow_c_stream__")
    assert list(pd.DataFrame.from_arrow(rows)["document"]) == ["a.txt"]
    assert pl.DataFrame(rows)["document"].to_list() == ["a.txt"]
    assert duckdb.sql("select document from rows").fetchall() == [("a.txt",)]
    assert read_evidence(folder / "out", "contract_summary").column_names[:3] == ["document", "source_uri", "field"]


@pytest.mark.subprocess
@pytest.mark.parametrize("job", ["contract_summary", "contract_terms", "report_outline"])
def test_a_run_of_a_job_as_it_is_shipped_can_be_exported_and_shown(job: str, folder: Path) -> None:
    run_jobs(job, folder / "in" / "a.txt", folder / "out", progress=False, **settings(folder))
    for kind in ("xlsx", "csv", "jsonl"):
        assert exit_code_of(["export", "out", "--job", job, "--to", f"t.{kind}"]) == EXIT_OK
        assert (folder / f"t.{kind}").stat().st_size
    assert "<table>" in read_document("out", job, "a.txt")._repr_html_()


def test_what_is_wrong_is_raised_with_its_remedy(folder: Path) -> None:
    given = settings(folder)
    for jobs, inputs, own, kind, said in (
        ("contrct_summary", folder / "in", {}, JobError, "contrct_summary"),
        (object(), folder / "in", {}, JobError, "path of its file"),
        ([], folder / "in", {}, UsageError, "jobs is empty"),
        ("contract_summary", [], {}, UsageError, "inputs is empty"),
        ("contract_summary", 7, {}, UsageError, "inputs=7"),
        ("contract_summary", folder / "none", {}, UsageError, "none"),
        ("contract_summary", folder / "in", {"engine": {"modell": "x"}}, ConfigError, "engine.modell"),
        ("contract_summary", folder / "in", {"enginee": 1}, ConfigError, "enginee"),
    ):
        with pytest.raises(kind) as caught:
            run_jobs(jobs, inputs, folder / "out", **(given | own))
        assert said in str(caught.value)
        assert caught.value.remedy
    assert not (folder / "out").exists()
