"""From how many documents on does Ray begin to win? `python -m benchmarks.execution`: a Markdown table.

Both executors run one job over small letters with the null engine, one after the other, without the text cache. The
processor time is that of all processes of a run, taken several times a second, so it leaves out the last moments of
each; on a machine that others use it says more than the wall time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from qwen_batch.output.layout import open_output, run_manifests

COUNTS = (100, 300, 1_000, 3_000)
EXECUTIONS = ("in_process", "ray")
SAMPLED_EVERY_S = 0.2
PROGRAM = (sys.executable, "-c", "from qwen_batch.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Took:
    """A run: seconds of wall time, and of all its processes' processor time; documents without a row."""

    wall_s: float
    processor_s: float
    failures: int


def main() -> None:
    """Runs all sizes with both, and prints a line as soon as a size is through."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, metavar="N")
    parser.add_argument("--job", default="contract_basics")
    options = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} before")
    print(
        "| documents | in process, s | on Ray, s | their ratio | processor time, s | on Ray | ratio | failures | load |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for count in options.counts:
        with tempfile.TemporaryDirectory(prefix="qwen-batch-execution-") as folder:
            print(_row(count, measured(Path(folder), count, options.job)), flush=True)


def measured(folder: Path, count: int, job: str) -> dict[str, Took]:
    """Both executors over so many letters."""
    letters = folder / "letters"
    letters.mkdir()
    for number in range(count):
        (letters / f"{number:05}.txt").write_text(_letter(number), "utf-8")
    return {one: took([job, str(letters), "--output", str(folder / one)], one) for one in EXECUTIONS}


def took(arguments: Sequence[str], execution: str) -> Took:
    """A run from its command to its end. Raises SystemExit if it fails.

    A document that fails, for a busy machine may run into a limit, is counted.
    """
    settings = (
        "--execution",
        execution,
        "--no-progress",
        "--fail-on",
        "none",
        "--set",
        "engine.kind=null",
        "--set",
        "cache.enabled=false",
    )
    began = time.monotonic()
    with subprocess.Popen([*PROGRAM, "run", *arguments, *settings], stdout=subprocess.DEVNULL) as process:
        seconds: dict[tuple[int, float], float] = {}
        while process.poll() is None:
            seconds.update(_processor_seconds(process.pid))
            time.sleep(SAMPLED_EVERY_S)
    if process.returncode:
        raise SystemExit(f"{execution}: exit code {process.returncode}")
    wall_s = time.monotonic() - began
    (manifest,) = run_manifests(open_output(arguments[-1]))
    return Took(wall_s, sum(seconds.values()), sum(manifest.failures_by_code.values()))


def _processor_seconds(pid: int) -> Iterator[tuple[tuple[int, float], float]]:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                yield (one.pid, one.create_time()), times.user + times.system


def _letter(number: int) -> str:
    day = f"{1 + number % 28} May {2000 + number % 25}"
    return f"""Letter {number}

This agreement is made on {day} between Alder {number} Ltd and Birch {number % 97} GmbH.
Birch pays EUR {number},000 within thirty days of each invoice. The agreement runs for {1 + number % 9} years.
It is governed by the laws of Ireland. Either side may end it with three months' notice.
"""


def _row(count: int, of: dict[str, Took]) -> str:
    ours, rays = (of[one] for one in EXECUTIONS)
    walls = f"{ours.wall_s:.1f} | {rays.wall_s:.1f} | {rays.wall_s / ours.wall_s:.2f}"
    processor = f"{ours.processor_s:.1f} | {rays.processor_s:.1f} | {rays.processor_s / ours.processor_s:.2f}"
    return f"| {count:,} | {walls} | {processor} | {ours.failures}, {rays.failures} | {os.getloadavg()[0]:.1f} |"


if __name__ == "__main__":
    main()
