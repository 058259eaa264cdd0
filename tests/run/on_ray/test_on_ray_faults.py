"""on_ray: lost workers and actors cost time, not rows; a document that kills its workers is found alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from helpers.places import ROOT
from PIL import Image, ImageDraw, ImageFont

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.errors import EngineError
from qwen_batch.job.files import find_job
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.records import Document
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray import ray_session, run_documents
from qwen_batch.run.on_ray.datasets import _answered, gpus_missing
from qwen_batch.run.on_ray.engine_stage import host_options
from qwen_batch.run.on_ray.watch import start_watch
from qwen_batch.run.progress import Counts
from qwen_batch.run.stopping import Limits, Stop

pytestmark = pytest.mark.ray

MORE_THAN_IS_READ_AT_ONCE = 3000
MORE_THAN_IS_ANSWERED_AT_ONCE = 600
JOB = "contract_summary"
FAULTS = ROOT / "tests" / "faults"
ALL_FAULTS = (
    *("reader_dies", "settler_dies", "engine_dies", "engine_raises", "engine_has_child"),
    *("engine_cannot_start", "engines_start_apart"),
)
KILLS = ("This document kills its reader.", "This document kills its engine.", "This document kills its settler.")
FINDS_IT_DEAD = "This document finds the engine dead."
MEETS_AN_ERROR = "This document meets an error in the engine."
ENGINE_CHILD = "sleep 86399"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """One Ray for all tests here: a fault does nothing without its document. Its end spares a neighbour."""
    settings = ("engine.kind=null", "cache.enabled=false", "ocr.languages=[eng]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(FAULTS), prepend=os.pathsep)
        patch.setenv("QWEN_BATCH_FAULTS", ",".join(ALL_FAULTS))
        patch.setenv("QWEN_BATCH_ENGINES", str(tmp_path_factory.mktemp("engines")))
        config = load_config(None, settings)
        with subprocess.Popen(["sleep", "86398"]) as neighbour:
            try:
                with ray_session(config):
                    yield config
                assert neighbour.poll() is None
            finally:
                neighbour.kill()


@pytest.fixture
def spec(config: Config, jobs_dir: Path) -> RunSpec:
    plan = engine_plan(config.engine, "null", gpus=0, cpu_dtype="no numbers")
    return RunSpec(config, (find_job(JOB, jobs_dir),), plan, "null", {JOB: "0" * 16})


@pytest.fixture
def several(spec: RunSpec) -> RunSpec:
    """Two engines, each in an actor of its own."""
    return replace(spec, plan=replace(spec.plan, replicas=2))


def works_of(texts: Sequence[str], folder: Path) -> list[Work]:
    for number, text in enumerate(texts):
        (folder / f"{number:03}.txt").write_text(text)
    return [work_of(file) for file in sorted(folder.iterdir())]


def work_of(file: Path) -> Work:
    content = file.read_bytes()
    return Work(Document(hashlib.sha256(content).hexdigest(), str(file), "", len(content)), (JOB,))


def letters(count: int) -> list[str]:
    return [
        f"Letter {number} from Alpha Ltd to Beta Ltd about the lease of a warehouse. " * 5 for number in range(count)
    ]


def page_image(number: int) -> Image.Image:
    page = Image.new("L", (1700, 2200), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(40)
    for line in range(30):
        draw.text((150, 150 + 60 * line), f"Clause {number}.{line} binds the buyer and the seller alike.", font=font)
    return page


def names(outcomes: Sequence[DocumentOutcome]) -> list[str]:
    return sorted(Path(outcome.document.uri).stem for outcome in outcomes)


def documents_run(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
    """Outcomes alone, without what the engines used."""
    return (outcome for outcome in run_documents(works, spec, stop) if isinstance(outcome, DocumentOutcome))


def ours(words: str) -> list[psutil.Process]:
    """Processes below us by what their command line says; Ray's workers write there what they do."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if words in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill_one(words: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := ours(words)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found, f"no process says {words}"
    found[0].kill()


def wait_until_gone(words: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while ours(words) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ours(words) == []


def test_letters_go_through_the_stages_together(spec: RunSpec, tmp_path: Path) -> None:
    said = list(run_documents(works_of(letters(256), tmp_path), spec, Stop()))
    calls = sum(isinstance(one, EngineUsage) for one in said)
    assert len(said) - calls == 256
    assert calls < 128


def test_engines_are_given_their_gpus(spec: RunSpec) -> None:
    import ray

    def stage_of(plan: EnginePlan) -> Any:
        dataset = _answered(ray.data.from_items([{"row": b""}]), 1, replace(spec, plan=plan), start_watch(Stop()))
        return dataset._logical_plan.dag.input_dependencies[0]

    one = replace(spec.plan, gpus=2, replicas=1, tensor_parallel=2)
    assert stage_of(one).ray_remote_args_fn() == {"num_gpus": 2}
    two = replace(spec.plan, gpus=4, replicas=2, tensor_parallel=2)
    assert stage_of(two).ray_remote_args_fn is None  # each has an actor of its own
    assert host_options(replace(spec, plan=two))["num_gpus"] == 2
    assert stage_of(one).compute.min_size == stage_of(two).compute.min_size == 1


def test_too_few_gpus_are_said_before_engines_wait_for_them(
    spec: RunSpec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = replace(spec.plan, gpus=8, replicas=4, tensor_parallel=2)
    assert gpus_missing(plan, 8.0) == gpus_missing(spec.plan, 0.0) == ""
    said = "the cluster has 6 GPUs now, engine.replicas 4 x engine.tensor_parallel 2 need 8: "
    assert gpus_missing(plan, 6.0).startswith(said)
    outcomes = run_documents(works_of(letters(1), tmp_path), replace(spec, plan=plan), Stop())
    assert "the cluster has 0 GPUs now" in capsys.readouterr().err
    outcomes.close()


def test_the_engine_that_is_up_first_does_not_get_all_documents(several: RunSpec, tmp_path: Path) -> None:
    counts = Counts(256)
    apart = replace(several, plan=replace(several.plan, model="apart"))
    for said in run_documents(works_of(letters(256), tmp_path), apart, Stop()):
        if isinstance(said, EngineUsage):
            counts.hear(said)
    answered = [engine.prompts for engine in counts.engines.values()]
    assert len(answered) == 2
    assert sum(answered) == 256
    assert min(answered) > 256 / 3


@pytest.mark.parametrize("killed", ["EngineHost", "(SeveralEnginesStage)"])
def test_a_killed_one_of_several_engines_or_the_stage_before_them_costs_no_row(
    several: RunSpec, tmp_path: Path, killed: str
) -> None:
    works = works_of(letters(MORE_THAN_IS_ANSWERED_AT_ONCE), tmp_path)
    outcomes = []
    for outcome in documents_run(works, several, Stop()):
        outcomes.append(outcome)
        if len(outcomes) == 5:
            kill_one(killed)
    assert len(set(names(outcomes))) == len(outcomes) == MORE_THAN_IS_ANSWERED_AT_ONCE
    assert all(len(outcome.records) == 1 for outcome in outcomes)
    wait_until_gone("EngineHost")
    wait_until_gone(ENGINE_CHILD)


def test_one_of_several_engines_dies_of_a_document_and_the_others_get_their_rows(
    several: RunSpec, tmp_path: Path
) -> None:
    texts = letters(20)
    texts[9] += KILLS[1]
    outcomes = list(documents_run(works_of(texts, tmp_path), several, Stop()))
    assert names(outcomes) == [f"{number:03}" for number in range(20)]
    (failure,) = [failure for one in outcomes for failure in one.failures]
    assert (failure.code, failure.stage, Path(failure.document.uri).stem) == ("poison", "engine", "009")
    assert sum(len(one.records) for one in outcomes) == 19


def test_documents_that_kill_the_worker_of_a_stage_are_poison_and_their_neighbours_get_their_rows(
    spec: RunSpec, tmp_path: Path
) -> None:
    texts = letters(20)
    for number, mark in zip((3, 9, 14), KILLS, strict=True):
        texts[number] += mark
    outcomes = list(documents_run(works_of(texts, tmp_path), spec, Stop()))
    assert names(outcomes) == [f"{number:03}" for number in range(20)]
    failures = {Path(one.document.uri).stem: one.failures for one in outcomes if one.failures}
    assert {name: [(f.code, f.stage, f.job) for f in found] for name, found in failures.items()} == {
        "003": [("poison", "read", JOB)],
        "009": [("poison", "engine", JOB)],
        "014": [("poison", "merge", JOB)],
    }
    assert sum(len(one.records) for one in outcomes) == 17
    wait_until_gone("(EngineStage)")
    wait_until_gone(ENGINE_CHILD)  # what a killed engine had started has gone with it


def test_an_engine_that_dies_again_and_again_ends_the_run_with_its_own_words(spec: RunSpec, tmp_path: Path) -> None:
    works = works_of([f"{text} {FINDS_IT_DEAD}" for text in letters(6)], tmp_path)
    with pytest.raises(EngineError) as raised:
        list(documents_run(works, spec, Stop()))
    assert "in a row without answering" in raised.value.message
    assert "the core process ran out of memory" in raised.value.message
    assert "safe" in raised.value.remedy


@pytest.mark.parametrize("engines", ["spec", "several"])
def test_an_error_that_nobody_foresaw_ends_the_run_with_its_words_not_with_advice_of_rays(
    request: pytest.FixtureRequest, tmp_path: Path, engines: str
) -> None:
    works = works_of([f"{letters(1)[0]} {MEETS_AN_ERROR}"], tmp_path)
    with pytest.raises(EngineError) as raised:
        list(documents_run(works, request.getfixturevalue(engines), Stop()))
    assert raised.value.message == "the run stopped: LookupError: no such token: 17"


@pytest.mark.parametrize("engines", ["spec", "several"])
def test_an_engine_that_cannot_start_ends_the_run_with_what_it_said(
    request: pytest.FixtureRequest, tmp_path: Path, engines: str
) -> None:
    spec: RunSpec = request.getfixturevalue(engines)
    unreadable = replace(spec, plan=replace(spec.plan, model="unreadable"))
    with pytest.raises(EngineError) as raised:
        list(documents_run(works_of(letters(2), tmp_path), unreadable, Stop()))
    said = "the engine did not start with unreadable: error: unpack requires a buffer of 8 bytes"
    assert raised.value.message == said


def test_killed_actors_and_workers_cost_no_row(spec: RunSpec, tmp_path: Path) -> None:
    works = works_of(letters(60), tmp_path)
    outcomes = []
    for outcome in documents_run(works, spec, Stop()):
        outcomes.append(outcome)
        match len(outcomes):
            case 5:
                kill_one("(DocumentStages)")
            case 15:
                kill_one("(EngineStage)")
            case 25:
                kill_one("settle")
    assert names(outcomes) == [f"{number:03}" for number in range(60)]
    assert all(len(outcome.records) == 1 for outcome in outcomes)


@pytest.mark.ocr
def test_a_killed_ocr_worker_costs_no_page(spec: RunSpec, tmp_path: Path) -> None:
    first, *others = [page_image(number) for number in range(1, 5)]
    first.save(tmp_path / "scan.tiff", save_all=True, append_images=others, dpi=(200, 200))
    with ThreadPoolExecutor(1) as thread:
        killed = thread.submit(kill_one, "ray::ocr_page")
        (outcome,) = documents_run([work_of(tmp_path / "scan.tiff")], spec, Stop())
        killed.result()
    assert (outcome.pages, outcome.ocr_pages, len(outcome.records)) == (4, 4, 1)
    assert outcome.records[0].warnings == ()


def test_a_stopped_run_gives_back_what_it_began_and_takes_itself_down(spec: RunSpec, tmp_path: Path) -> None:
    stop = Stop(Limits(grace_s=600))
    outcomes = []
    with stop.signals():
        for outcome in documents_run(works_of(letters(MORE_THAN_IS_READ_AT_ONCE), tmp_path), spec, stop):
            outcomes.append(outcome)
            if len(outcomes) == 10:
                stop.ask("a test")
    assert 10 <= len(outcomes) < MORE_THAN_IS_READ_AT_ONCE
    assert all(len(outcome.records) == 1 for outcome in outcomes)
    wait_until_gone("(EngineStage)")


def test_a_run_out_of_time_begins_nothing_and_ends(spec: RunSpec, tmp_path: Path) -> None:
    stop = Stop(Limits(end_s=time.time()))
    assert list(documents_run(works_of(letters(20), tmp_path), spec, stop)) == []
