"""A Ray of our own for one run, or a connection to a cluster: started quietly, ended with all its processes."""

from __future__ import annotations

import ctypes
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import psutil

from qwen_batch.config import Config
from qwen_batch.errors import EngineError
from qwen_batch.run.on_ray.start import no_handler_of_rays, patient_start, rays_reason

MIN_LOGICAL_CPUS = 4  # with fewer, Ray Data's own actors and tasks wait for each other
OCR_SLOTS = "ocr_slots"
"""Ray resource, one a core: `ray start --resources='{"ocr_slots": 16}'` gives a cluster the same."""
CONNECT_TIMEOUT_S = 10.0
ADDRESS_REMEDY = "check --ray-address, and `ray status` on the cluster's head"
REFUSED_REMEDY = (
    "set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to the token that the cluster was started with"
)
STOP_GRACE_S = 3.0
STOP_ROUNDS = 5
SYSTEM_CONFIG = {
    "prestart_worker_first_driver": False,  # each takes seconds of a small machine
    # a killed engine actor takes vLLM's own processes, and the GPU memory that they hold, along
    "process_group_cleanup_enabled": True,
}
PR_SET_CHILD_SUBREAPER = 36
"""Linux: a process whose parent ends becomes a child of ours, so that none of Ray's is lost from sight."""


@contextmanager
def ray_session(config: Config) -> Iterator[None]:
    """A Ray instance of our own, ended with all its processes; or a connection to the cluster of the settings."""
    import ray

    resources = config.resources
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters reaches the user as an exception
    if resources.ray_address:
        _connect(resources.ray_address)
        try:
            yield
        finally:
            ray.shutdown()
        return
    with tempfile.TemporaryDirectory(prefix="qb-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "driver.log")
        others = _descendants(psutil.Process())
        # Ray prints its own remarks to stdout, which belongs to results, and its log level to stderr
        with _redirected(sys.stdout, log):
            _adopt_orphans(True)
            try:
                with patient_start(), _redirected(sys.stderr, log):
                    ray.init(
                        address="local",
                        num_cpus=logical_cpus(config),
                        resources={OCR_SLOTS: _cores()},
                        include_dashboard=False,
                        log_to_driver=False,
                        logging_level=logging.ERROR,
                        object_store_memory=resources.object_store_mb << 20,
                        _temp_dir=folder,
                        _system_config=SYSTEM_CONFIG,
                        _metrics_export_port=resources.metrics_port,
                    )
                yield
            finally:
                _stop_ray(others)
                _adopt_orphans(False)


def _connect(address: str) -> None:
    """Connects to a cluster. Raises EngineError with Ray's own reason if it refuses, or is not there.

    For one that is not there Ray itself would wait without a word.
    """
    import ray
    from ray.exceptions import AuthenticationError, RayError

    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        if port.isdigit():
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_S).close()
        with (
            tempfile.NamedTemporaryFile(prefix="qb-") as log,
            _redirected(sys.stderr, Path(log.name)),
            no_handler_of_rays(),
        ):
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError, RayError) as error:
        reason = rays_reason(error)
        remedy = REFUSED_REMEDY if AuthenticationError.__name__ in reason else ADDRESS_REMEDY
        raise EngineError(f"no Ray cluster can be reached at {address}: {reason}", remedy) from error


def logical_cpus(config: Config) -> int:
    """Ray's CPUs here: a slot for each reading actor and some for the small stages, whatever the machine has."""
    wanted = config.resources.num_cpus
    readers = config.resources.read_tasks
    return wanted if wanted != "auto" else max(MIN_LOGICAL_CPUS, (_cores() if readers == "auto" else readers) + 3)


def read_actors(config: Config) -> int:
    """Reading actors: one a core here, on a cluster half of its CPUs, for OCR takes the others."""
    import ray

    wanted = config.resources.read_tasks
    if wanted != "auto":
        return wanted
    if config.resources.ray_address is None:
        return _cores()
    return max(1, int(ray.cluster_resources().get("CPU", 1) / 2))


@dataclass(frozen=True, slots=True)
class OcrSlots:
    """How many pages are recognised at a time, and what one of them takes, as options of a Ray task."""

    count: int
    one: dict[str, Any]


def ocr_slots() -> OcrSlots:
    """Slots of our own Ray, so that OCR never holds up the stages; on a cluster without them, its CPUs."""
    import ray

    cluster = ray.cluster_resources()
    if OCR_SLOTS in cluster:
        return OcrSlots(int(cluster[OCR_SLOTS]), {"num_cpus": 0, "resources": {OCR_SLOTS: 1}})
    return OcrSlots(max(1, int(cluster.get("CPU", 1))), {"num_cpus": 1})


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@contextmanager
def _redirected(stream: TextIO, file: Path) -> Iterator[None]:
    """Sends what Python and C++ write to stdout or stderr to the end of a file."""
    stream.flush()
    number = 2 if stream is sys.stderr else 1
    saved = os.dup(number)
    with file.open("ab") as target:
        os.dup2(target.fileno(), number)
    try:
        yield
    finally:
        stream.flush()
        os.dup2(saved, number)
        os.close(saved)


def _stop_ray(others: Sequence[psutil.Process]) -> None:
    """Ends Ray and whatever is left of its processes: an engine may outlive the actor that started it.

    Ray starts workers until its last moment: what is left is looked for after it, until nothing is. `others` are
    processes of ours that have nothing to do with it.
    """
    import ray

    ray.shutdown()
    grace_s = STOP_GRACE_S
    for _ in range(STOP_ROUNDS):
        spared = {process for other in others for process in (other, *_descendants(other))}
        rays = [process for process in _descendants(psutil.Process()) if process not in spared]
        _, alive = psutil.wait_procs(rays, timeout=grace_s)
        grace_s = 0.0
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=STOP_GRACE_S)


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return list(process.children(recursive=True))
    return []


def _adopt_orphans(adopt: bool) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(adopt))
