"""Nights on the command line, in this process and without Ray: what a command ended with and what it said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from helpers.places import ROOT
from helpers.runs import extract_serially, no_session, serially

from qwen_batch.cli import exit_code_of

JOB = "contract_summary"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Nights:
    """Commands on one output; `run` asks the job of a folder."""

    folder: str
    output: str
    form: str
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def command(self, *arguments: str) -> Said:
        self.capsys.readouterr()
        code = exit_code_of(list(arguments))
        return Said(code, *self.capsys.readouterr())

    def run(self, *options: str) -> Said:
        settings = ("--set", "engine.kind=null", "--set", f"jobs_dir={ROOT / 'jobs'}", "--format", self.form)
        return self.command("run", JOB, self.folder, "--output", self.output, "--no-progress", *settings, *options)

    def extract(self, *options: str) -> Said:
        return self.command(
            "extract", self.folder, "--output", self.output, "--no-progress", "--format", self.form, *options
        )

    def retry(self, *options: str) -> Said:
        return self.command("retry", self.output, "--no-progress", *options)

    def status(self) -> dict[str, Any]:
        said = self.command("status", self.output, "--json")
        assert said.code == 0, said.err
        found: dict[str, Any] = json.loads(said.out)
        return found

    def newest(self) -> dict[str, Any]:
        night: dict[str, Any] = self.status()["nights"][0]
        return night

    def told(self) -> str:
        return self.command("status", self.output).out

    def ray_raises(self, error: Callable[[], BaseException]) -> None:
        """The next runs' Ray does not come up."""

        @contextmanager
        def session(_config: Any) -> Iterator[None]:
            raise error()
            yield

        self.patch.setattr("qwen_batch.run.on_ray.ray_session", session)

    def ray_is_well(self) -> None:
        self.patch.setattr("qwen_batch.run.on_ray.ray_session", no_session)


def on_ray(patch: pytest.MonkeyPatch) -> None:
    """Every run goes to the binding to Ray, where a test has put something else."""
    patch.setattr("qwen_batch.run.in_process.choice.needs_ray", lambda *_, **__: "it is a test")


def nights(
    folder: str, output: str, form: str, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Nights:
    """The commands without Ray, though they believe to be on it."""
    on_ray(patch)
    patch.setattr("qwen_batch.run.on_ray.run_documents", serially)
    patch.setattr("qwen_batch.run.on_ray.extract_documents", extract_serially)
    made = Nights(folder, output, form, patch, capsys)
    made.ray_is_well()
    return made
