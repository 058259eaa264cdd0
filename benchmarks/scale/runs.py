"""One null run over many small files, by any checkout of this program: its pace, its CPU time, its driver's memory.

CPU time is that of all processes of the run, as they were last seen alive.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.workplace import JOB, PROGRAM, Run, Workplace

SAMPLE_EVERY_S = 0.5
QUIET = ("--no-progress", "--set", "engine.kind=null", "--set", "cache.enabled=false")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """A command that has ended; memory in bytes is the driver's, `last` is what it had when it was last seen."""

    documents: int
    seconds: float
    cpu_s: float
    most: int
    last: int

    @property
    def pace(self) -> float:
        """Documents a second."""
        return self.documents / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU time a document, start and end of the run included."""
        return 1000 * self.cpu_s / self.documents


def run_command(folder: Path, output: Path, options: Sequence[str] = ()) -> list[str]:
    """The run of a job over a folder with the engine that needs no model."""
    return [PROGRAM, "run", JOB, str(folder), "--output", str(output), *QUIET, *options]


def measure(place: Workplace, checkout: Path, documents: int, arguments: Sequence[str]) -> Measured:
    """Runs a command by the code of a checkout. Raises RuntimeError, with its last words, if that fails."""
    run = place.start_program(arguments, {"PYTHONPATH": str(checkout)})
    cpu: dict[int, float] = {}
    sizes = [0]
    while run.running():
        _sample(place, run, cpu, sizes)
        time.sleep(SAMPLE_EVERY_S)
    ended = run.wait()
    if ended.code not in (0, 3):
        raise RuntimeError(f"{' '.join(arguments)}: exit {ended.code}: {ended.last_words}")
    sys.stderr.write(f"{checkout}: {ended.seconds:.1f} s, driver at most {max(sizes) / MIB:.0f} MiB\n")
    return Measured(documents, ended.seconds, sum(cpu.values()), max(sizes), sizes[-1])


def _sample(place: Workplace, run: Run, cpu: dict[int, float], sizes: list[int]) -> None:
    for process in place.processes():
        with suppress(psutil.Error):
            times = process.cpu_times()
            cpu[process.pid] = times.user + times.system
            if process.pid == run.process.pid:
                sizes.append(process.memory_info().rss)
