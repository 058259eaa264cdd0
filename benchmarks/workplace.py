"""Starts the command line under test, finds every process that belongs to it, and leaves nothing behind.

A process belongs to a workplace if it has the workplace's mark in its environment or is of the session of a command
started there: Ray's processes write their titles over their environment, and outlive their parents. Knows nothing
of tables.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.common import FAULTS, python_path

PROGRAM = str(Path(sys.executable).with_name("qwen-batch"))
JOB = "contract_summary"
MARK = "QWEN_BATCH_WORKPLACE"
PATIENCE_S = 3600.0
"""A run that takes longer has hung."""
END_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; `code` is negative for a signal."""

    code: int
    seconds: float
    stdout: str
    stderr: str

    @property
    def last_words(self) -> str:
        """What it said last, on one line."""
        return " ".join(self.stderr.split())[-300:]


@dataclass(frozen=True, slots=True)
class Command:
    """A run of the job over `source` into `output`; `env` goes on top of the workplace's."""

    source: str
    output: str
    options: tuple[str, ...] = ()
    fakes: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def arguments(self) -> list[str]:
        """The command line."""
        quiet = ("--no-progress", "--set", "engine.kind=null", "--set", "cache.enabled=false")
        return [PROGRAM, "run", JOB, self.source, "--output", self.output, *quiet, *self.options]


@dataclass(frozen=True, slots=True)
class Run:
    """A command that was started; times are of time.monotonic()."""

    process: subprocess.Popen[bytes]
    started: float
    stdout: Path
    stderr: Path

    def running(self) -> bool:
        """Whether its driver has not ended."""
        return self.process.poll() is None

    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self.started

    def wait(self, patience_s: float = PATIENCE_S) -> Ended:
        """Waits for the driver, not for what it may leave behind. Raises TimeoutExpired."""
        code = self.process.wait(patience_s)
        seconds = self.seconds()
        return Ended(code, seconds, self.stdout.read_text("utf-8"), self.stderr.read_text("utf-8"))


class Workplace:
    """A folder for one scenario, short enough for Ray's sockets, and the processes that were started from it."""

    def __init__(self, name: str) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="qf-", dir="/tmp"))
        self.mark = f"{name}-{os.getpid()}-{self.root.name}"
        self._sessions: set[int] = set()
        self._started = 0

    def start(self, command: Command) -> Run:
        """Starts a command in a session of its own."""
        return self.start_program(command.arguments(), command.env, command.fakes)

    def start_program(
        self, arguments: Sequence[str], env: Mapping[str, str] | None = None, fakes: Sequence[str] = ()
    ) -> Run:
        """Starts any program, with fakes of tests/faults by name; what it says goes to files."""
        self._started += 1
        temporary = self.root / "t"
        temporary.mkdir(exist_ok=True)
        stdout, stderr = (self.root / f"{self._started}.{name}" for name in ("out", "err"))
        path = python_path(FAULTS)
        own = {MARK: self.mark, "TMPDIR": str(temporary), "PYTHONPATH": path, "QWEN_BATCH_FAULTS": ",".join(fakes)}
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = subprocess.Popen(
                list(arguments),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env={**os.environ, **own, **(env or {})},
            )
        self._sessions.add(process.pid)
        return Run(process, time.monotonic(), stdout, stderr)

    def processes(self) -> list[psutil.Process]:
        """All live processes that belong to this place."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def named(self, title: str) -> list[psutil.Process]:
        """Those of them that have the text in their command line."""
        found = []
        for process in self.processes():
            with suppress(psutil.Error):
                if title in " ".join(process.cmdline()):
                    found.append(process)
        return found

    def kill_all(self) -> int:
        """SIGKILL to everything at one moment, until nothing is left; gives the number of processes killed."""
        killed: set[int] = set()
        for _ in range(END_ROUNDS):
            ours = self.processes()
            for process in ours:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                    killed.add(process.pid)
            if not ours:
                break
            time.sleep(0.05)
        return len(killed)

    def tidy(self) -> None:
        """Ends what is left of the runs so far, and removes Ray's folders."""
        self.kill_all()
        shutil.rmtree(self.root / "t", ignore_errors=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            if os.getsid(process.pid) in self._sessions:
                return True
            return f"{MARK}={self.mark}".encode() in Path(f"/proc/{process.pid}/environ").read_bytes()
        except (OSError, psutil.Error):
            return False


@contextmanager
def workplace(name: str) -> Iterator[Workplace]:
    """A workplace that leaves nothing behind."""
    place = Workplace(name)
    try:
        yield place
    finally:
        place.tidy()
        shutil.rmtree(place.root, ignore_errors=True)
