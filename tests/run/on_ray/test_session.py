"""on_ray.session: how much of a machine or cluster is taken, and what a session leaves behind. Ray itself is a fake."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import psutil
import pytest

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.errors import EngineError
from qwen_batch.run.on_ray import session
from qwen_batch.run.on_ray.session import MIN_LOGICAL_CPUS, OCR_SLOTS, logical_cpus, ocr_slots, ray_session, read_actors

SLEEP = "86397"


class FakeRay(ModuleType):
    """Notes how it was started and ended; `starts` happens in `init`."""

    def __init__(self, **resources: float) -> None:
        super().__init__("ray")
        self.resources = resources
        self.inits: list[dict[str, Any]] = []
        self.shutdowns = 0
        self.starts: Any = lambda: None
        utils = SimpleNamespace(set_sigterm_handler=lambda handler: signal.signal(signal.SIGTERM, handler))
        self._private = SimpleNamespace(services=SimpleNamespace(get_node=lambda *_: {}), utils=utils)

    def init(self, **options: Any) -> None:
        self.inits.append(options)
        self._private.utils.set_sigterm_handler(lambda *_: sys.exit(1))
        self.starts()

    def shutdown(self) -> None:
        self.shutdowns += 1

    def cluster_resources(self) -> dict[str, float]:
        return self.resources


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    fake = FakeRay(CPU=32, GPU=2)
    monkeypatch.setitem(sys.modules, "ray", fake)
    monkeypatch.setitem(sys.modules, "ray._private", fake._private)
    errors = SimpleNamespace(AuthenticationError=PermissionError, RayError=RuntimeError)
    monkeypatch.setitem(sys.modules, "ray.exceptions", errors)
    monkeypatch.setattr(session, "STOP_GRACE_S", 0.2)
    for name in ("RAY_USAGE_STATS_ENABLED", "RAY_BACKEND_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    return fake


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_cores", lambda: 8)


def config(*settings: str) -> Config:
    return load_config(None, ("engine.kind=null", *settings))


@pytest.mark.usefixtures("cores")
@pytest.mark.parametrize(
    ("settings", "cpus"),
    [
        ((), 8 + 3),
        (("resources.read_tasks=2",), 2 + 3),
        (("resources.num_cpus=5",), 5),
        (("resources.num_cpus=1",), 1),
    ],
)
def test_each_reading_actor_has_a_cpu_and_the_small_stages_some(settings: tuple[str, ...], cpus: int) -> None:
    assert logical_cpus(config(*settings)) == cpus


def test_a_machine_of_one_core_has_cpus_enough_for_all_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_cores", lambda: 1)
    assert logical_cpus(config()) == logical_cpus(config("resources.read_tasks=1")) == MIN_LOGICAL_CPUS


@pytest.mark.usefixtures("cores")
def test_reading_takes_each_core_here_and_half_of_a_cluster(ray: FakeRay) -> None:
    on_cluster = "resources.ray_address=10.0.0.1:6379"
    assert read_actors(config()) == 8
    assert read_actors(config(on_cluster)) == 16
    assert (
        read_actors(config(on_cluster, "resources.read_tasks=3")) == read_actors(config("resources.read_tasks=3")) == 3
    )
    ray.resources = {"CPU": 1}
    assert read_actors(config(on_cluster)) == 1


def test_pages_take_slots_of_their_own_where_there_are_some_and_cpus_where_not(ray: FakeRay) -> None:
    without = ocr_slots()
    assert (without.count, without.one) == (32, {"num_cpus": 1})
    ray.resources[OCR_SLOTS] = 5
    slots = ocr_slots()
    assert (slots.count, slots.one) == (5, {"num_cpus": 0, "resources": {OCR_SLOTS: 1}})
    ray.resources = {}
    assert ocr_slots().count == 1


def test_our_own_ray_gets_our_settings_says_nothing_and_is_ended(
    ray: FakeRay, capfd: pytest.CaptureFixture[str]
) -> None:
    def speaks() -> None:
        os.write(1, b"Ray says much\n")
        os.write(2, b"and warns of more\n")

    ray.starts = speaks
    with ray_session(config("resources.object_store_mb=100", "resources.metrics_port=9090")):
        os.write(1, b"Ray speaks on\n")
        (options,) = ray.inits
        folder = Path(options["_temp_dir"])
        assert folder.is_dir()
    assert capfd.readouterr() == ("", "")
    print("a result")  # noqa: T201
    assert capfd.readouterr().out == "a result\n"
    assert (options["address"], options["object_store_memory"]) == ("local", 100 << 20)
    assert (options["_metrics_export_port"], options["include_dashboard"]) == (9090, False)
    assert options["num_cpus"] == logical_cpus(config())
    assert options["resources"] == {OCR_SLOTS: len(os.sched_getaffinity(0))}
    assert (ray.shutdowns, folder.exists()) == (1, False)


def test_a_ray_that_does_not_start_is_an_error_with_its_last_words_and_is_ended(ray: FakeRay) -> None:
    def fails() -> None:
        raise RuntimeError("much text\nno room for the object store")

    ray.starts = fails
    with pytest.raises(EngineError, match="Ray did not start: no room for the object store"), ray_session(config()):
        pytest.fail("it is not open")
    assert ray.shutdowns == 1


@pytest.mark.parametrize("settings", [(), ("resources.ray_address=auto",)], ids=["own", "cluster"])
def test_a_signal_to_stop_ended_in_rays_handler_and_was_lost_there(ray: FakeRay, settings: tuple[str, ...]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    at_start: list[Any] = []
    ray.starts = lambda: at_start.append(signal.getsignal(signal.SIGTERM))
    with ray_session(config(*settings)):
        assert signal.getsignal(signal.SIGTERM) is before
    assert at_start == [before]


@pytest.fixture
def neighbour() -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours from before Ray, with a child of its own."""
    with subprocess.Popen(["sh", "-c", f"sleep {SLEEP} & wait"], start_new_session=True) as process:
        yield process
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.subprocess
def test_what_ray_started_ends_with_it_and_its_orphans_too_and_a_neighbour_is_spared(
    ray: FakeRay, neighbour: subprocess.Popen[bytes]
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    orphan = f"sleep {SLEEP} >/dev/null & echo $!"  # of a shell that ends
    ray.starts = lambda: started.append(subprocess.Popen(["sleep", SLEEP]))
    with ray_session(config()):
        pid = int(subprocess.run(["sh", "-c", orphan], stdout=subprocess.PIPE, check=True).stdout)
        assert psutil.Process(pid).ppid() == os.getpid()
    assert started[0].wait(0) is not None
    assert [one for one in (started[0].pid, pid) if psutil.pid_exists(one)] == []
    assert neighbour.poll() is None
    assert len(psutil.Process(neighbour.pid).children()) == 1


@pytest.mark.subprocess
def test_a_cluster_is_joined_and_left_and_nothing_of_it_is_ended(
    ray: FakeRay, neighbour: subprocess.Popen[bytes]
) -> None:
    with ray_session(config("resources.ray_address=auto")):
        assert [options["address"] for options in ray.inits] == ["auto"]
        assert "num_cpus" not in ray.inits[0]
    assert ray.shutdowns == 1
    assert neighbour.poll() is None
