"""bench.run: a row and advice from any engine; as many prompts as fit; no process is left behind, however it ends."""

from __future__ import annotations

import asyncio
import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import yaml
from helpers.clock import VirtualLoop

from qwen_batch.cli.bench import bench as command
from qwen_batch.config import EngineSettings
from qwen_batch.config_file import load_config
from qwen_batch.engine.bench import measure as bench_measure
from qwen_batch.engine.bench import run as bench
from qwen_batch.engine.bench.figures import Figures, Shape, Task
from qwen_batch.engine.bench.report import COLUMNS
from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.kinds.null import ENGINE
from qwen_batch.engine.plan import engine_plan
from qwen_batch.errors import EngineError, ModelError, QwenBatchError
from qwen_batch.records import Completion, Prompt

QUICK = ["--seconds", "1", "--set", "engine.kind=null", "--set", "engine.max_model_len=64"]
CACHED_TOKENS = 50


def plan(*, gpus: int = 0, **settings: Any) -> EnginePlan:
    return engine_plan(EngineSettings(**settings), "/models/m", gpus=gpus, cpu_dtype="float32")


class FakeEngine:
    """Takes the same time for a shard however many are in flight, and keeps what it was asked."""

    def __init__(self, shard_s: float, error: str | None = None) -> None:
        self.shard_s = shard_s
        self.error = error
        self.asked: list[Prompt] = []
        self.seen: set[tuple[int, ...]] = set()
        self.closed = False
        self.seconds = 0.0

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        await asyncio.sleep(self.shard_s)
        return [self._completion(prompt) for prompt in shard]

    def _completion(self, prompt: Prompt) -> Completion:
        beginning = prompt.token_ids[:CACHED_TOKENS]
        cached = CACHED_TOKENS if beginning in self.seen else 0
        self.seen.add(beginning)
        self.asked.append(prompt)
        return Completion("", "length", len(prompt.token_ids), prompt.max_tokens, cached, error=self.error)

    def close(self) -> None:
        self.closed = True


def starts_as(monkeypatch: pytest.MonkeyPatch, start: Callable[[EnginePlan], FakeEngine]) -> None:
    kind = replace(ENGINE, name="fake", start=start)
    monkeypatch.setattr(bench_measure, "ENGINES", SimpleNamespace(load=lambda _name: kind))


def measured(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, seconds: float = 1.0, **settings: Any) -> Figures:
    """The figures of a fake engine, by a clock that its answers alone move on."""
    starts_as(monkeypatch, lambda _plan: engine)
    task = Task(plan(max_num_seqs=16, **settings), Shape(100, 10), seconds)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        monkeypatch.setattr(bench_measure, "time", SimpleNamespace(perf_counter=runner.get_loop().time))
        figures = runner.run(bench_measure.measure(task, lambda _line: None))
        engine.seconds = runner.get_loop().time()
    return figures


@pytest.mark.subprocess
def test_the_row_has_a_cell_for_each_column_and_the_advice_can_be_pasted(capfd: pytest.CaptureFixture[str]) -> None:
    assert command.main(QUICK, standalone_mode=False) == 0
    printed = capfd.readouterr()
    table, _, advice = printed.out.partition("\n\n")
    header, rule, row = table.splitlines()
    assert header == f"| {' | '.join(COLUMNS)} |"
    assert header.count("|") == rule.count("|") == row.count("|")
    assert " 48/16 " in row
    EngineSettings.model_validate(yaml.safe_load(advice)["engine"])
    assert all("  # " in line for line in advice.splitlines()[1:-1])
    assert "bench: started in" in printed.err
    assert all(line.startswith("bench: ") for line in printed.err.splitlines())


@pytest.mark.subprocess
def test_all_figures_come_as_json(capfd: pytest.CaptureFixture[str]) -> None:
    assert command.main([*QUICK, "--json"], standalone_mode=False) == 0
    said = json.loads(capfd.readouterr().out)
    figures = said["figures"]
    assert [rate["batch_size"] for rate in figures["sweep"]] == [1, 4, 16]
    for rate in (figures["alone"], figures["full"], *figures["sweep"]):
        assert min(rate[key] for key in ("documents", "seconds", "documents_per_s", "input_tokens_per_s")) > 0
    assert figures["speed_up"] > 0
    assert figures["start_s"] > 0
    assert said["plan"]["settings"]["kind"] == "null"
    assert {one["key"] for one in said["advice"]} == {"batch_size", "in_flight"}


def test_a_model_that_is_not_there_is_the_error_of_a_run() -> None:
    with pytest.raises(ModelError, match="nowhere") as caught:
        bench.bench(load_config(None, ("engine.model=./nowhere",)), 1, lambda _line: None)
    assert caught.value.remedy


def test_the_time_given_decides_how_many_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(0.05)
    figures = measured(engine, monkeypatch, seconds=2)
    assert engine.seconds < 6
    assert engine.closed
    assert 3 < figures.speed_up < 9  # 16 sequences in shards of 4, twice: eight shards at a time
    assert [(rate.batch_size, rate.in_flight) for rate in figures.sweep] == [(1, 32), (4, 8), (16, 2)]
    assert figures.full.documents > figures.sweep[0].documents > figures.alone.batch_size
    assert figures.full.input_tokens_per_s == pytest.approx(100 * figures.full.documents_per_s)
    assert figures.full.output_tokens_per_s == pytest.approx(10 * figures.full.documents_per_s)
    assert measured(FakeEngine(0.05), monkeypatch, seconds=4).full.documents > figures.full.documents


def test_a_slow_engine_is_asked_the_least_that_tells_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(0.2)
    figures = measured(engine, monkeypatch, seconds=0.1)
    assert (figures.alone.documents, figures.full.documents, figures.sweep) == (4, 8, ())
    assert len(engine.asked) == 1 + 2 + 4 + 8
    assert figures.sweep_needs_s > 0.1
    assert figures.full_needs_s == pytest.approx(16 / figures.full.documents_per_s / 0.4)


def test_no_prompt_begins_like_another_except_the_pair_that_shares_its_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = FakeEngine(0.005)
    figures = measured(engine, monkeypatch)
    _warm_up, first, second, *others = engine.asked
    assert first.token_ids[:90] == second.token_ids[:90]
    assert first.token_ids[90:] != second.token_ids[90:]
    assert figures.cached_share == 0.5
    beginnings = [prompt.token_ids[:4] for prompt in (first, *others)]
    assert len(set(beginnings)) == len(beginnings)
    assert all(len(prompt.token_ids) == 100 and prompt.json_schema is None for prompt in others)
    assert {prompt.max_tokens for prompt in others} == {10}


def test_the_same_seed_asks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    for seed in (1, 1, 2):
        engine = FakeEngine(0.01)
        measured(engine, monkeypatch, seconds=0.1, seed=seed)
        asked.append(engine.asked[3:7])
    assert asked[0] == asked[1] != asked[2]


def test_a_refused_prompt_ends_the_measurement_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(0, error="too long")
    with pytest.raises(EngineError, match="too long"):
        measured(engine, monkeypatch)
    assert engine.closed


def test_the_error_of_the_engine_comes_back_from_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_plan: EnginePlan) -> FakeEngine:
        raise ModelError("it cannot be loaded", "another one")

    starts_as(monkeypatch, broken)
    (tmp_path / "task").write_bytes(pickle.dumps(Task(plan(), Shape(10, 1), 1)))
    bench_measure.main(tmp_path / "task", tmp_path / "result")
    error = pickle.loads((tmp_path / "result").read_bytes())  # noqa: S301  written above
    assert isinstance(error, QwenBatchError)
    assert (error.message, error.remedy) == ("it cannot be loaded", "another one")


def test_a_measurement_that_dies_is_an_error_with_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_run_module", lambda *_: -11)
    with pytest.raises(EngineError, match="exit code -11"):
        bench.measured_apart(Task(plan(kind="null"), Shape(10, 1), 1))


@pytest.mark.subprocess
def test_a_signal_leaves_no_process_behind() -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = psutil.Process().children()
    usual = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            bench.measured_apart(Task(plan(kind="null"), Shape(30_000, 1), 60))
    finally:
        signal.signal(signal.SIGALRM, usual)
    assert psutil.Process().children() == before


@pytest.mark.subprocess
def test_a_measurement_whose_parent_is_gone_ends(tmp_path: Path) -> None:
    (tmp_path / "task").write_bytes(pickle.dumps(Task(plan(kind="null"), Shape(30_000, 1), 60)))
    child = subprocess.Popen(
        [sys.executable, "-m", "qwen_batch.engine.bench.measure", str(tmp_path / "task"), str(tmp_path / "result")],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    child.stdin.close()
    assert child.wait(60) == -signal.SIGKILL
    assert not (tmp_path / "result").exists()


def test_the_documents_fit_the_machine_and_the_context() -> None:
    assert bench.fitting_shape(plan(gpus=1)) == Shape(3_000, 256)
    assert bench.fitting_shape(plan()) == Shape(300, 32)
    assert bench.fitting_shape(plan(max_model_len=100)) == Shape(75, 25)
    assert bench.fitting_shape(plan(gpus=1, max_model_len=2_048)) == Shape(1_792, 256)
    assert bench.fitting_shape(replace(plan(max_model_len=2_048), kind="http")) == Shape(1_728, 256)


def test_token_ids_are_ordinary_ones(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"vocab_size": 151936}')
    assert bench_measure.ordinary_tokens(str(tmp_path)) == range(1_000, 136_742)
    assert bench_measure.ordinary_tokens("null") == range(1_000, 28_800)


def test_a_gpu_is_named_with_how_many_an_engine_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "nvidia_smi", lambda *arguments: ["NVIDIA H200, 9.0"])
    monkeypatch.setattr(bench, "gpu_memory_bytes", lambda: 1 << 37)
    machine = bench.this_machine(plan(gpus=8, tensor_parallel=2))
    assert (machine.name, machine.capability) == ("2 x NVIDIA H200 (one engine of 4)", (9, 0))
    assert machine.gpu_bytes == 1 << 37
    monkeypatch.setattr(bench, "nvidia_smi", lambda *arguments: None)
    assert bench.this_machine(plan(gpus=1)).capability == (0, 0)


def test_a_server_is_named_by_its_address() -> None:
    server = replace(plan(kind="http"), settings=EngineSettings(kind="http"))
    assert bench.this_machine(server).name == "http://127.0.0.1:8000/v1"
