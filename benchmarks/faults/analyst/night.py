"""One command of a night in this process, without Ray; or as a program that stops in the middle, to be killed there.

`python -m benchmarks.faults.analyst.night PLACE MARK ARGUMENTS...` writes the file MARK when it has come to the place,
and waits there without end.
"""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from benchmarks.common import ROOT, python_path
from benchmarks.faults.analyst.leases import QuotingEngine
from qwen_batch.asking.answering import Answering
from qwen_batch.cli import exit_code_of
from qwen_batch.config import Config
from qwen_batch.engine.shards import Shards
from qwen_batch.errors import EngineError
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.reading.extract import ExtractSpec, document_to_extract
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.stopping import Stop

IN_THE_MIDDLE = "middle"
BEFORE_DECIDED = "undecided"
AFTER_DECIDED = "decided"
WORKS_BEFORE_KILL = 2
PATIENCE_S = 180.0
KILLED = -9

Execute = Callable[..., Iterator[DocumentOutcome]]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def command(arguments: Sequence[str], *, trouble: bool = False, ray_starts: bool = True) -> Done:
    """A command, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with _without_ray(_executor(trouble), ray_starts=ray_starts), redirect_stdout(out), redirect_stderr(err):
        code = exit_code_of(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())


def killed(arguments: Sequence[str], place: str, folder: Path) -> Done:
    """The same as a program of its own, which gets a kill -9 at that place."""
    mark = folder / f"reached-{time.monotonic_ns()}"
    program = [sys.executable, "-m", "benchmarks.faults.analyst.night", place, str(mark), *arguments]
    with (folder / "killed.txt").open("w+") as said:
        process = subprocess.Popen(program, cwd=ROOT, stdout=said, stderr=said, env=_environment())
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not mark.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
        finally:
            process.kill()
            process.wait()
        said.seek(0)
        return Done(process.returncode if mark.exists() else 0, "", said.read())


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": python_path()}


@contextmanager
def _without_ray(execute: Execute, *, ray_starts: bool = True) -> Iterator[None]:
    @contextmanager
    def session(_config: Config) -> Iterator[None]:
        if not ray_starts:
            raise EngineError("Ray did not start: no room", "free some memory")
        yield

    with ExitStack() as patches:
        for name, value in (
            ("ray_session", session),
            ("run_documents", execute),
            ("extract_documents", _extract),
        ):
            patches.enter_context(patch(f"qwen_batch.run.on_ray.{name}", value))
        patches.enter_context(patch("qwen_batch.run.in_process.choice.needs_ray", lambda *_, **__: "that is replaced"))
        yield


def _executor(trouble: bool) -> Execute:
    """The stages of a run as plain loops."""

    def serially(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        jobs, tokenizer, tools = load_jobs(spec), make_tokenizer(spec), make_tools(spec.config)
        shards = Shards(QuotingEngine(trouble=trouble), spec.plan.batch_size, in_flight=2)
        answering = Answering(shards, spec.plan, jobs, tokenizer)
        try:
            for one in works:
                if not stop.taking():
                    return
                work = document_to_prompts(one, spec, tools, tokenizer, jobs)
                (done,) = asyncio.run(engine_stage([work], answering))
                yield settle_stage(done, spec, jobs, tools.isolator)
        finally:
            tools.isolator.close()

    return serially


def _extract(works: Sequence[Work], spec: ExtractSpec, _stop: Stop) -> Iterator[DocumentOutcome]:
    tools = make_tools(spec.config)
    try:
        for work in works:
            yield document_to_extract(work.document, tools)
    finally:
        tools.isolator.close()


def _stops_at(place: str, mark: Path) -> Any:
    """A patch that waits there without end."""

    def wait(*_: Any, **__: Any) -> NoReturn:
        mark.touch()
        time.sleep(PATIENCE_S * 2)
        raise SystemExit("nobody killed this")

    if place == BEFORE_DECIDED:
        return patch("qwen_batch.output.ledger.Ledger.commit", wait)
    if place == AFTER_DECIDED:
        return patch("qwen_batch.output.ledger.put_known", wait)
    whole = _executor(trouble=False)

    def some(*arguments: Any) -> Iterator[DocumentOutcome]:
        for number, outcome in enumerate(whole(*arguments)):
            if number == WORKS_BEFORE_KILL:
                wait()
            yield outcome

    return patch("qwen_batch.run.on_ray.run_documents", some)


def main(place: str, mark: str, *arguments: str) -> int:
    """The command, which waits at the place."""
    with _without_ray(_executor(trouble=False)), _stops_at(place, Path(mark)):
        return exit_code_of(list(arguments))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
