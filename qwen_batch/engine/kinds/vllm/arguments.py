"""A plan in vLLM's own words: the arguments of its engine, and the environment in which it starts.

Settings for the CPU are those measured in docs/benchmarks.md; white space is disabled in the grammar of the whole
engine, because a request's own setting has no effect.
"""

from __future__ import annotations

import logging
import os
import sys
from glob import glob
from pathlib import Path
from typing import Any

from qwen_batch.engine.engine import EnginePlan
from qwen_batch.engine.kinds.vllm.checks import PACKAGES
from qwen_batch.packages import package_versions

LOG = logging.getLogger(__name__)
SCHEDULER = "qwen_batch.engine.kinds.vllm.coalescing.coalescing_scheduler"
SCHEDULER_TESTED_WITH = ("0.26.0", "0.29.0")
"""Versions of vLLM whose internals that scheduler was tested against; with any other vLLM's own one runs."""
_TCMALLOC = "/usr/lib/*/libtcmalloc_minimal.so.4"


def engine_kwargs(plan: EnginePlan) -> dict[str, Any]:
    """The arguments of vLLM's AsyncEngineArgs."""
    kwargs: dict[str, Any] = {
        "model": plan.model,
        "dtype": plan.dtype,
        "quantization": plan.quantization,
        "kv_cache_dtype": plan.kv_cache,
        "max_model_len": plan.max_model_len,
        "max_num_seqs": plan.max_num_seqs,
        "max_num_batched_tokens": plan.max_batched_tokens,
        "tensor_parallel_size": plan.tensor_parallel,
        "enforce_eager": plan.eager,
        "enable_prefix_caching": True,
        "seed": plan.settings.seed,
        "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
        "generation_config": "vllm",  # the job's sampling alone decides, not the model's defaults
        "enable_log_requests": False,
        "disable_log_stats": True,  # objects for every token of every step in the one thread that feeds the engine
        "distributed_executor_backend": "mp" if plan.tensor_parallel > 1 else "uni",
        "scheduler_cls": SCHEDULER if scheduler_fits(vllm_version()) else None,
    }
    if plan.gpus:
        kwargs["gpu_memory_utilization"] = plan.settings.gpu_memory_utilization
    return kwargs | plan.settings.vllm


def engine_env(plan: EnginePlan) -> dict[str, str]:
    """Environment that must stand before the engine's process starts."""
    env = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_WORKER_MULTIPROC_METHOD": "spawn"}
    env["VLLM_LOGGING_LEVEL"] = os.environ.get("VLLM_LOGGING_LEVEL", "WARNING")
    if Path(plan.model).is_dir():
        env["HF_HUB_OFFLINE"] = "1"
    if plan.settings.deterministic and plan.gpus:
        env["VLLM_BATCH_INVARIANT"] = "1"
    if not plan.gpus:
        threads = str(len(os.sched_getaffinity(0)))
        env |= {
            "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
            "VLLM_CPU_KVCACHE_SPACE": str(round(plan.settings.kv_cache_gb) or 1),
            # The model in the engine's own process: with a worker beside it, that process spins on shared memory
            # and takes a third of two cores. vLLM allows it only without its own OpenMP set-up; and binding
            # threads here (KMP_AFFINITY) would bind this actor first, and the engine with it, to one core.
            "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
            "VLLM_CPU_OMP_THREADS_BIND": "nobind",
            "OMP_NUM_THREADS": threads,
            "OMP_THREAD_LIMIT": threads,  # a limit meant for tesseract may stand in the environment
            "KMP_BLOCKTIME": "5",
            "KMP_TPAUSE": "0",
        }
        preload = [*glob(_TCMALLOC), *glob(f"{sys.prefix}/lib/libiomp5.so")]
        env["LD_PRELOAD"] = ":".join(preload)
    return env


def vllm_version() -> str:
    """Of the vLLM that is installed, without what its build is for; "" if none is."""
    return next(iter(package_versions(PACKAGES).values()), "").partition("+")[0]


def scheduler_fits(version: str) -> bool:
    """Whether our scheduler was tested with this version of vLLM; a line in the log says so if not."""
    if version in SCHEDULER_TESTED_WITH:
        return True
    tested = " and ".join(SCHEDULER_TESTED_WITH)
    LOG.warning("vLLM %s runs with its own scheduler: ours was tested with %s", version, tested)
    return False
