"""in_process: a document that ends its worker is found alone; a signal, a kill or the end of the time loses no row."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from helpers.places import ROOT
from helpers.runs import sources

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import EngineError
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.extract import EXTRACT, ExtractSpec
from qwen_batch.records import Document
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.documents import extract_documents, run_documents
from qwen_batch.run.progress import Counts
from qwen_batch.run.stopping import Limits, Stop

pytestmark = pytest.mark.subprocess

JOB = "contract_summary"
FAULTS = ROOT / "tests" / "faults"
KILLS = ("This document kills its reader.", "This document kills its engine.", "This document kills its settler.")
MEETS_AN_ERROR = "This document meets an error in the engine."
CHILD = "qwen_batch.reading.isolate.child"
PATIENCE_S = 120
READING_LIMIT_S = 30.0
PROGRAM = [sys.executable, "-c", "from qwen_batch.cli import main; main()"]


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("PYTHONPATH", str(FAULTS), prepend=os.pathsep)
    monkeypatch.setenv("QWEN_BATCH_FAULTS", "reader_dies,settler_dies,engine_dies,engine_raises")
    monkeypatch.syspath_prepend(str(FAULTS))  # a worker gets our path
    return load_config(None, ("engine.kind=null", "cache.enabled=false", "ocr.languages=[eng]"))


@pytest.fixture
def spec(config: Config, jobs_dir: Path) -> RunSpec:
    plan = engine_plan(config.engine, "null", gpus=0, cpu_dtype="no numbers")
    return RunSpec(config, (find_job(JOB, jobs_dir),), plan, "null", {JOB: "0" * 16})


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = set(children())
    yield
    assert set(children()) <= before


def children() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if CHILD in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def letters(count: int) -> list[str]:
    return [
        f"Letter {number} from Alpha Ltd to Beta Ltd about the lease of a warehouse. " * 5 for number in range(count)
    ]


def works_of(texts: Sequence[str], folder: Path) -> list[Work]:
    for number, text in enumerate(texts):
        (folder / f"{number:03}.txt").write_text(text)
    files = sorted(folder.glob("*.txt"))
    return [
        Work(Document(hashlib.sha256(content).hexdigest(), str(file), "", len(content)), (JOB,))
        for file, content in ((file, file.read_bytes()) for file in files)
    ]


def names(outcomes: Sequence[DocumentOutcome]) -> list[str]:
    return sorted(Path(outcome.document.uri).stem for outcome in outcomes)


def test_documents_that_kill_the_worker_of_a_stage_are_poison_and_their_neighbours_get_their_rows(
    spec: RunSpec, tmp_path: Path
) -> None:
    texts = letters(12)
    for number, mark in zip((3, 6, 9), KILLS, strict=True):
        texts[number] += mark
    said = list(run_documents(works_of(texts, tmp_path), spec, Stop()))
    outcomes = [one for one in said if isinstance(one, DocumentOutcome)]
    assert names(outcomes) == [f"{number:03}" for number in range(12)]
    failures = {Path(one.document.uri).stem: one.failures for one in outcomes if one.failures}
    assert {name: [(f.code, f.stage, f.job) for f in found] for name, found in failures.items()} == {
        "003": [("poison", "read", JOB)],
        "006": [("poison", "engine", JOB)],
        "009": [("poison", "merge", JOB)],
    }
    assert sum(len(one.records) for one in outcomes) == 9
    counts = Counts(12)
    for usage in said:
        if isinstance(usage, EngineUsage):
            counts.hear(usage)
    assert counts.usage
    assert counts.usage.restarts == 0
    assert sum(one.prompts for one in counts.engines.values()) >= 9


def test_an_error_that_nobody_foresaw_ends_the_run_with_its_words(spec: RunSpec, tmp_path: Path) -> None:
    works = works_of([f"{letters(1)[0]} {MEETS_AN_ERROR}"], tmp_path)
    with pytest.raises(EngineError) as raised:
        list(run_documents(works, spec, Stop()))
    assert raised.value.message == "the run stopped: LookupError: no such token: 17"


def test_killed_workers_cost_no_row(spec: RunSpec, tmp_path: Path) -> None:
    works = works_of(letters(40), tmp_path)
    outcomes = []
    for outcome in run_documents(works, spec, Stop()):
        outcomes += [outcome] if isinstance(outcome, DocumentOutcome) else []
        if len(outcomes) in {3, 15}:
            children()[0].kill()
    assert sorted(set(names(outcomes))) == names(outcomes) == [f"{number:03}" for number in range(40)]
    assert all(len(outcome.records) == 1 for outcome in outcomes)


def test_a_reading_that_hangs_crashes_or_eats_memory_is_one_documents_failure(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QWEN_BATCH_FAULTS", "reading_as_named")
    for name in ("hangs", "kills", "devours"):
        (tmp_path / f"{name}.txt").write_text(f"It {name}.")
    works = works_of(letters(3), tmp_path)
    limits = config.read.model_copy(update={"timeout_s": READING_LIMIT_S, "memory_mb": 2048})
    strict = config.model_copy(update={"read": limits})
    outcomes = [
        one for one in extract_documents(works, ExtractSpec(strict), Stop()) if isinstance(one, DocumentOutcome)
    ]
    codes = {Path(one.document.uri).stem: [failure.code for failure in one.failures] for one in outcomes}
    assert codes == {
        "000": [],
        "001": [],
        "002": [],
        "hangs": ["timeout"],
        "kills": ["crashed"],
        "devours": ["out_of_memory"],
    }
    assert {failure.job for one in outcomes for failure in one.failures} == {EXTRACT}


def test_a_stopped_run_gives_back_what_it_began(spec: RunSpec, tmp_path: Path) -> None:
    stop = Stop(Limits(grace_s=600))
    outcomes = []
    with stop.signals():
        for outcome in run_documents(works_of(letters(400), tmp_path), spec, stop):
            outcomes += [outcome] if isinstance(outcome, DocumentOutcome) else []
            if len(outcomes) == 3:
                stop.ask("a test")
    assert 3 <= len(outcomes) < 20
    assert all(len(outcome.records) == 1 for outcome in outcomes)


def test_a_run_out_of_time_begins_nothing_and_ends(spec: RunSpec, tmp_path: Path) -> None:
    stop = Stop(Limits(end_s=time.time()))
    assert list(run_documents(works_of(letters(5), tmp_path), spec, stop)) == []


def test_whoever_stops_listening_waits_for_nothing(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QWEN_BATCH_FAULTS", "reading_as_named")
    (tmp_path / "hangs.txt").write_text("It hangs.")
    works = works_of(letters(1), tmp_path)  # the letter comes first
    began = time.monotonic()
    with closing(extract_documents(works, ExtractSpec(config), Stop())) as outcomes:  # type: ignore[type-var]
        next(outcomes)
    assert time.monotonic() - began < config.read.timeout_s / 2


@pytest.mark.parametrize("moment", ["a worker starts", "rows are staged", "at the end"])
def test_kill_9_at_any_moment_and_the_same_command_again_gives_the_whole_table(moment: str, tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number, text in enumerate(letters(40)):
        (folder / f"{number:03}.txt").write_text(text)
    command = [*PROGRAM, "run", JOB, str(folder), "--output", str(out), "--execution", "in_process"]
    command += ["--set", "engine.kind=null", "--set", "sink.flush_seconds=0.05", "--set", "sink.rows_per_file=5"]
    killed = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for(moment, killed, out)
    finally:
        below = psutil.Process(killed.pid).children(recursive=True)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    _, alive = psutil.wait_procs(below, timeout=PATIENCE_S)
    assert alive == []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert sources(out, JOB) == [f"{number:03}.txt" for number in range(40)]
    assert not list((out / ".staging").rglob("*.parquet"))


def wait_for(moment: str, run: subprocess.Popen[bytes], out: Path) -> None:
    def has_come() -> bool:
        match moment:
            case "a worker starts":
                return bool(psutil.Process(run.pid).children())
            case "rows are staged":
                return bool(list((out / ".staging").rglob("*.parquet")))
            case _:
                return bool(list(out.glob(f"{JOB}/run=*")))

    deadline, come = time.monotonic() + PATIENCE_S, False
    while not (come := has_come()) and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    assert come  # not asked again: what has started may have ended
