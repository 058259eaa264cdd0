"""on_ray: the whole pipeline on a real Ray, with the null engine; what stops it leaves nothing behind.

Where it is cheap in worker processes of the command itself too: the contract is one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest
from helpers.places import ROOT

from qwen_batch.config_file import load_config
from qwen_batch.errors import EXIT_DEADLINE, EngineError
from qwen_batch.run.on_ray import ray_session

pytestmark = pytest.mark.ray

PROGRAM = [sys.executable, "-c", "from qwen_batch.cli import main; main()"]
EXECUTIONS = ("ray", "in_process")
STARTED = {"ray": "raylet/raylet", "in_process": "qwen_batch.reading.isolate.child"}
"""What stands in the command line of a process without which nothing can have begun."""
START_PATIENCE_S = 60
STOP_LIMIT_S = 20


def qwen_batch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments, "--set", "engine.kind=null"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def gold(name: str) -> dict[str, dict[str, object]]:
    lines = (ROOT / "data" / "gold" / name).read_text().splitlines()
    return {Path(entry["source"]).name: entry for entry in map(json.loads, lines)}


@pytest.mark.ocr
@pytest.mark.parametrize("execution", EXECUTIONS)
def test_every_good_sample_gets_a_row_a_job_and_every_bad_one_its_failure(
    execution: str, tmp_path: Path, samples: Path
) -> None:
    out = tmp_path / "out"
    on = ("--output", str(out), "--execution", execution)
    done = qwen_batch("run", "contract_summary", "report_outline", str(samples), *on)
    assert done.returncode == 3, done.stderr
    good = [file for file in samples.rglob("*.*") if file.parent.name != "bad"]
    bad = gold("bad.jsonl")
    schemas = set()
    for job in ("contract_summary", "report_outline"):
        (part,) = out.glob(f"{job}/run=*/*.parquet")
        schemas.add(str(pq.read_schema(part).remove_metadata()))
        frame = pd.read_parquet(part)
        assert sorted(frame.source_uri) == sorted(map(str, good))
        assert duckdb.sql(f"select count(*) from '{part}'").fetchall() == [(len(good),)]
        assert (frame.run_id == part.parent.name.removeprefix("run=")).all()
    failures = pq.read_table(next(out.glob("failures/run=*/*.parquet"))).to_pylist()
    # one is a compressed file: what is in it is the document, and its name says where it lies
    assert {(Path(row["source_uri"].partition("!/")[0]).name, row["code"]) for row in failures} == {
        (name, entry["code"]) for name, entry in bad.items()
    }
    assert len(failures) == 2 * len(bad)
    assert all(len(row["message"].split()) > 4 for row in failures), "a message is a sentence"
    scanned = duckdb.sql(
        f"select parse_filename(source_uri), pages, ocr_pages, language from '{out}/contract_summary/run=*/*.parquet'"
    ).fetchall()
    pages = {name: (count, ocr, language) for name, count, ocr, language in scanned}
    for name, entry in gold("contracts.jsonl").items():
        is_image = entry["kind"] in {"scan", "photo"}
        assert pages[name] == (entry["pages"], entry["pages"] if is_image else 0, entry["language"])
    assert not list((out / ".staging").rglob("*.parquet"))


def test_ten_real_contracts_go_through_whole(tmp_path: Path, shared_data: Path) -> None:
    contracts = sorted(
        (shared_data / "cuad" / "full_contract_pdf").rglob("*.pdf"), key=lambda file: file.stat().st_size
    )
    chosen = [str(file) for file in contracts[:10]]
    out = tmp_path / "out"
    options = ("--output", str(out), "--format", "jsonl", "--execution", "ray")
    done = qwen_batch("run", "contract_summary", *chosen, *options, "--no-progress")
    assert done.returncode == 0, done.stderr
    (part,) = out.glob("contract_summary/run=*/*.jsonl")
    rows = [json.loads(line) for line in part.read_text().splitlines()]
    assert sorted(row["source_uri"] for row in rows) == sorted(chosen)
    assert all(row["ocr_pages"] == 0 and row["prompt_tokens"] > 500 for row in rows)
    (manifest,) = (json.loads(file.read_text()) for file in out.glob("_runs/*.json"))
    assert manifest["usage"]["engines"] == 1
    assert manifest["usage"]["gpus"] == 0
    assert manifest["usage"]["prefix_cache_hits"] == pytest.approx(
        sum(row["cached_tokens"] for row in rows) / sum(row["prompt_tokens"] for row in rows), abs=0.001
    )
    again = qwen_batch("run", "contract_summary", *chosen, *options)
    assert again.returncode == 0
    assert "nothing new" in again.stdout


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_stops_the_run_soon_and_leaves_no_process_and_no_half_file(
    number: signal.Signals, execution: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for index in range(400):
        (folder / f"{index}.txt").write_text(f"Contract {index}. " * 50)
    out = tmp_path / "out"
    marker = f"mark-{os.getpid()}-{number}"
    options = ("--set", "engine.kind=null", "--execution", execution)
    program = subprocess.Popen(
        [*PROGRAM, "run", "contract_summary", str(folder), "--output", str(out), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QWEN_BATCH_TEST_MARK": marker},
    )
    deadline = time.monotonic() + START_PATIENCE_S
    while not marked(marker, STARTED[execution]) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert marked(marker, STARTED[execution]), "nothing started"
    started = time.monotonic()
    program.send_signal(number)
    output, messages = program.communicate(timeout=60)
    assert time.monotonic() - started < STOP_LIMIT_S  # the bar of the issue, not a benchmark
    assert f"stopped by {number.name}" in messages + output
    assert "Traceback" not in messages
    if number == signal.SIGTERM:
        assert program.returncode == EXIT_DEADLINE
        assert ("400 documents are left" if execution == "ray" else "documents are left") in output
    else:
        assert (program.returncode, output) == (128 + number, "")
    assert marked(marker) == []
    assert not list(out.rglob("*.tmp"))
    if execution == "ray":  # the signal came before the first document could be done
        assert not list(out.glob("*/run=*"))


def marked(marker: str, name: str = "") -> list[str]:
    """Command lines of the processes that were started with the marker in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            if process.environ().get("QWEN_BATCH_TEST_MARK") == marker and name in line:
                found.append(line)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ray://127.0.0.1:{port}", "nonsense"])
def test_a_cluster_that_is_not_there_is_named_at_once(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]  # nobody listens there when it is closed
    address = address.format(port=port)
    config = load_config(None, (f"resources.ray_address={address}",))
    with (
        pytest.raises(EngineError, match=f"no Ray cluster can be reached at {address}: ") as caught,
        ray_session(config),
    ):
        pass
    assert "ray status" in caught.value.remedy
