"""How much work processes side by side do here: two threads of one core do less than twice as much as one."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from statistics import mean

from qwen_batch.config import Config

_WORK = """
import time, zlib
text = bytes(range(256)) * 4096
began_s = time.perf_counter()
for _ in range(12):
    zlib.compress(text[::-1], 6)
    sum(number * number for number in range(100_000))
print(time.perf_counter() - began_s)
"""
"""A fifth of a second of what reading does too: bytes, numbers, and a little of everything's memory."""


def read_workers(config: Config) -> int:
    """Documents that are read side by side."""
    wanted = config.resources.read_tasks
    return len(os.sched_getaffinity(0)) if wanted == "auto" else wanted


@lru_cache
def cores_worth(workers: int) -> float:
    """So many times the work of one process is done by so many of them; between 1 and `workers`."""
    if workers == 1:
        return 1.0
    alone_s = min(_seconds(1) for _ in range(2))
    return max(1.0, min(float(workers), workers * alone_s / _seconds(workers)))


def _seconds(processes: int) -> float:
    command = [sys.executable, "-I", "-S", "-c", _WORK]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return mean(float(one.communicate()[0]) for one in started)
