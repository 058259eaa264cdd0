"""What the engine benchmarks share: sizes, both sides as processes, what they measured."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from tempfile import gettempdir
from typing import Any

from benchmarks.common import FAULTS, python_path
from benchmarks.engine.measured import COURSE_S, Measured, course, measured
from benchmarks.engine.steps import steps_to_figures
from qwen_batch.engine.devices import visible_gpus
from qwen_batch.engine.gpu_meter import visible_devices

LIMIT_S = 560
PATCHES = "benchmarks.engine.patches"
JOB = '''"""A job for measuring."""
from pydantic import BaseModel, Field
from qwen_batch import Job
class Facts(BaseModel):
    """What is measured does not matter."""
    pages: int = Field(ge=0, le=9999, description="how many pages the {what} of this document take")
JOB = Job("speed_{name}", Facts, "{instruction}", max_output_tokens={tokens})
'''
INSTRUCTION = (
    "Read the document as the auditor of the {what} would and count the pages that its {what} take, "
    "with those of its schedules and annexes, but without blank ones, covers and tables of contents."
)
SUBJECTS = ("definitions", "payments", "obligations", "remedies")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: `shapes` are (tokens in, tokens out, documents)."""

    shapes: tuple[tuple[int, int, int], ...]
    jobs_shape: tuple[int, int, int]
    jobs: tuple[int, ...]
    precisions: tuple[str, ...]
    pdf_copies: int
    pdf_tokens: int
    sweep: tuple[int, ...]
    sweep_prompts: int
    alone_prompts: int
    long_tokens: int
    short_beside: int
    replicas: tuple[int, ...] = ()


@dataclass(slots=True)
class Setting:
    """One invocation of the benchmark."""

    model: Path
    out: Path
    size: Size
    pdfs: Path | None
    dummy: bool
    settings: tuple[str, ...]
    steps: bool = False
    results: list[dict[str, Any]] = field(default_factory=list)

    def say(self, section: str, what: str, **figures: Any) -> None:
        """Keeps and prints one result."""
        rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()}
        self.results.append({"section": section, "what": what, **rounded})
        with (self.out / "results.jsonl").open("a") as file:
            file.write(json.dumps(self.results[-1]) + "\n")
        print(f"{time.strftime('%H:%M:%S')} {section}: {what}: {rounded}", flush=True)

    def engine_settings(self) -> list[str]:
        """Settings of both sides as section.key=value."""
        dummy = ("engine.vllm={load_format: dummy}",) if self.dummy else ()
        return [f"engine.model={self.model}", *dummy, *self.settings]

    def both_patches(self) -> tuple[str, ...]:
        """What is applied to the engine on both sides."""
        return ("steps",) if self.steps else ()

    def say_steps(self, side: str, folder: Path) -> None:
        """Where the time of the engine's steps went, if they were recorded (patches/steps.py)."""
        for file in folder.glob("*.txt") if self.steps else ():
            (self.out / f"steps-{side}-{len(self.results)}.txt").write_bytes(file.read_bytes())
            for kind, figures in steps_to_figures(file.read_text().splitlines()).items():
                self.say("steps", f"{side}, {kind}", **figures)

    def work_folder(self, name: str) -> Path:
        """A new folder for one measurement."""
        folder = Path(
            os.environ.get("QB_WORK", gettempdir()), f"qb-engine-{os.getpid()}", f"{name}-{len(self.results)}"
        )
        folder.mkdir(parents=True)
        return folder


def patched(folder: Path, *patches: str) -> dict[str, str]:
    """The environment in which the patches named are applied; `steps` writes into the folder."""
    return {
        "PYTHONPATH": python_path(FAULTS),
        "QWEN_BATCH_FAULTS": ",".join(f"{PATCHES}.{name}" for name in patches),
        "QB_STEPS": str(folder),
    }


def speed_jobs(folder: Path, count: int, output_tokens: int) -> list[Path]:
    """So many job files that ask for one number each."""
    files = []
    for what in SUBJECTS[:count]:
        files.append(folder / f"speed_{what}.py")
        text = JOB.format(name=what, what=what, instruction=INSTRUCTION.format(what=what), tokens=output_tokens)
        files[-1].write_text(text)
    return files


def ours(setting: Setting, folder: Path, documents: Path, output_tokens: int, jobs: int = 1, *more: str) -> Measured:
    """The command line over a folder of documents; `jobs` for measuring are asked of each."""
    return ours_with(setting, folder, documents, output_tokens, speed_jobs(folder, jobs, output_tokens), *more)


def ours_with(
    setting: Setting, folder: Path, documents: Path, output_tokens: int, files: Sequence[Path], *more: str
) -> Measured:
    """The command line over a folder of documents with these job files."""
    record = folder / "record"
    record.mkdir()
    settings = ["sink.flush_seconds=2", f"cache.directory={folder / 'cache'}", *setting.engine_settings(), *more]
    command = [sys.executable, "-c", "import sys; from qwen_batch.cli import main; sys.exit(main())", "run"]
    command += [*map(str, files), str(documents), "--output", str(folder / "out")]
    command += [part for one in settings for part in ("--set", one)]
    environment = patched(folder, "fixed_length", "older_ray", *setting.both_patches()) | {
        "QB_OUTPUT_TOKENS": str(output_tokens),
        "QB_RECORD": str(record),
    }
    with _busy() as samples, (setting.out / f"{folder.name}.log").open("w") as log:
        done = subprocess.run(
            command, env=os.environ | environment, stdout=log, stderr=log, timeout=LIMIT_S, check=False
        )
    log_text = (setting.out / f"{folder.name}.log").read_text()
    print("\n".join(log_text.splitlines()[-7:]), flush=True)
    if done.returncode:
        raise RuntimeError(f"ours ended with {done.returncode}")
    setting.say_steps("ours", folder)
    found = measured(record, samples)
    print(f"every {COURSE_S} s, prompts that entered the engine and answers that left it: {course(record)}", flush=True)
    (manifest,) = (folder / "out" / "_runs").glob("*.json")
    found.usage = json.loads(manifest.read_text())["usage"] or {}
    return found


def helper(setting: Setting, name: str, asked: dict[str, Any], *more: str) -> list[dict[str, Any]]:
    """Runs raw.py, shards.py or loop.py with what is asked of it; gives its results, a line each."""
    asked |= {"settings": [*setting.engine_settings(), *more]}
    folder = setting.work_folder(name)
    (folder / "asked.pickle").write_bytes(pickle.dumps(asked))
    log_path = setting.out / f"{folder.name}.log"
    environment = os.environ | patched(folder, *setting.both_patches())
    command = [sys.executable, "-m", f"benchmarks.engine.{name}", str(folder / "asked.pickle")]
    with log_path.open("w") as log:
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, timeout=LIMIT_S, check=False
        )
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"')]
    setting.say_steps(name, folder)
    if done.returncode:
        print("\n".join(log_path.read_text().splitlines()[-12:]), flush=True)
    return [json.loads(line) for line in lines]


@contextmanager
def _busy() -> Iterator[list[tuple[float, float]]]:
    """The visible GPUs' busy share twice a second, with its moment; nothing without NVIDIA's driver."""
    samples: list[tuple[float, float]] = []
    over = threading.Event()

    def sample() -> None:
        import pynvml

        pynvml.nvmlInit()
        devices = visible_devices(pynvml, visible_gpus())
        while not over.wait(0.5):
            shares = [pynvml.nvmlDeviceGetUtilizationRates(device).gpu / 100 for device in devices]
            samples.append((time.time(), mean(shares)))

    def sample_if_possible() -> None:
        with suppress(Exception):
            sample()

    thread = threading.Thread(target=sample_if_possible, daemon=True)
    thread.start()
    yield samples
    over.set()
    thread.join()
