"""in_process: a few documents wait for nothing large, and for one worker alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.output.layout import open_output, run_manifests
from qwen_batch.output.log.nights import newest_nights

pytestmark = pytest.mark.subprocess

LARGE = ("ray", "vllm", "torch", "transformers", "duckdb", "pandas")
COMMAND = """
import json, sys
from pathlib import Path
from qwen_batch.cli import exit_code_of
from qwen_batch.run.in_process import workers
workers.OTHERS_AFTER_S = 3600  # the machine may be slow
began, start = [], workers.Worker.get_ready
workers.Worker.get_ready = lambda worker: (began.append(1), start(worker))
code = exit_code_of(sys.argv[2:])
Path(sys.argv[1]).write_text(json.dumps([code, len(began), sorted(sys.modules)]))
"""


@pytest.mark.parametrize("job", [None, "contract_summary"])
def test_three_text_files_waited_20_seconds_for_a_cluster(job: str | None, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Letter {number} from Alpha Ltd to Beta Ltd.")
    said = tmp_path / "said.json"
    command = ["run", job, "--set", "engine.kind=null"] if job else ["extract"]
    arguments = [*command, str(folder), "--output", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(said), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert "execution: in process, without Ray (3 documents of 0.0 MiB, no model" in done.stderr
    assert "3 rows in" in done.stdout
    code, workers, modules = json.loads(said.read_text())
    assert (code, workers) == (0, 1), "one worker is through with them before another has started"
    assert [name for name in LARGE if name in modules] == []
    store = open_output(str(tmp_path / "out"))
    (manifest,) = run_manifests(store)
    assert (manifest.config["execution"], manifest.execution) == ("auto", "in_process"), "both what was set and chosen"
    (night,) = newest_nights(store, None, [manifest])
    assert night.execution == "in_process"


def test_a_worker_that_only_reads_loaded_all_of_asking_and_evidence() -> None:
    code = "import json, sys, qwen_batch.run.in_process.worker; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    parts = ("asking", "evidence", "job", "output", "engine")
    assert [
        name for name in json.loads(done.stdout) if name.startswith(tuple(f"qwen_batch.{part}" for part in parts))
    ] == []
