"""start: a slow start of Ray is waited for and said; one that is out of time or dead is explained."""

from __future__ import annotations

import inspect
import os
import time
from types import SimpleNamespace

import pytest

from qwen_batch.errors import EngineError
from qwen_batch.run.on_ray import start
from qwen_batch.run.on_ray.start import START_LIMIT_S, patiently, rays_reason

RAYS_OWN_LIMIT_S = 30


class FakeClock:
    """Time passes by sleeping alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        monkeypatch.setattr(start, "time", SimpleNamespace(monotonic=lambda: self.now_s, sleep=self.sleep))

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    return FakeClock(monkeypatch)


class FakeNode:
    """Registers at a moment of the clock."""

    def __init__(self, clock: FakeClock, up_after_s: float) -> None:
        self.clock = clock
        self.up_s = clock.now_s + up_after_s

    def __call__(self, gcs_address: str, node_id: str) -> dict[str, str]:
        if self.clock.now_s < self.up_s:
            raise RuntimeError(f"no node {node_id} at {gcs_address}")
        return {"node": node_id}


def test_a_node_that_takes_longer_than_ray_allows_is_waited_for(clock: FakeClock) -> None:
    began_s = clock.now_s
    ask = patiently(FakeNode(clock, 4 * RAYS_OWN_LIMIT_S), START_LIMIT_S, lambda: True)
    assert ask("127.0.0.1:1", "n") == {"node": "n"}
    assert clock.now_s - began_s >= 4 * RAYS_OWN_LIMIT_S


def test_a_node_that_is_never_there_is_given_up_at_the_limit(clock: FakeClock) -> None:
    began_s = clock.now_s
    with pytest.raises(RuntimeError, match="no node n at"):
        patiently(FakeNode(clock, 10_000), START_LIMIT_S, lambda: True)("127.0.0.1:1", "n")
    assert START_LIMIT_S <= clock.now_s - began_s < START_LIMIT_S + 2 * start.ASK_AGAIN_S


def test_a_node_that_has_died_is_given_up_at_once(clock: FakeClock) -> None:
    began_s = clock.now_s
    with pytest.raises(RuntimeError):
        patiently(FakeNode(clock, 10_000), START_LIMIT_S, lambda: False)("127.0.0.1:1", "n")
    assert clock.now_s == began_s


@pytest.fixture
def rays_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(start.GCS_LIMIT, raising=False)
    services = pytest.importorskip("ray._private.services")
    monkeypatch.setattr(services, "get_node", lambda *_: {"node": "there"})


@pytest.mark.usefixtures("rays_question")
def test_a_slow_start_is_said_on_stderr_although_that_is_redirected(capfd: pytest.CaptureFixture[str]) -> None:
    with start.patient_start(limit_s=150, say_after_s=0.05):
        elsewhere, here = os.open(os.devnull, os.O_WRONLY), os.dup(2)
        os.dup2(elsewhere, 2)
        time.sleep(0.3)
        os.dup2(here, 2)
    assert capfd.readouterr().err == ("Ray has not started after 0 s, the machine may be busy: waiting up to 150 s\n")
    assert os.environ[start.GCS_LIMIT] == "150"


@pytest.mark.usefixtures("rays_question")
def test_a_quick_start_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with start.patient_start(say_after_s=30):
        pass
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("rays_question")
def test_what_goes_wrong_is_an_error_with_a_remedy() -> None:
    with pytest.raises(EngineError, match="Ray did not start: the node timed out") as caught, start.patient_start():
        raise OSError("Ray says much\nthe node timed out")
    assert "run the same command again" in caught.value.remedy


def test_ray_still_asks_the_question_that_is_answered_later() -> None:
    """The pinned Ray has its limit in its code, and asks by this name; when that changes `start` must."""
    from ray._private.node import Node

    code = inspect.getsource(Node.__init__)
    assert f"raylet_start_wait_time_s = {RAYS_OWN_LIMIT_S}\n" in code
    assert "ray._private.services.get_node(" in code
    assert start.GCS_LIMIT in inspect.getsource(Node)


def test_ray_still_sets_its_handler_by_the_name_that_is_kept_from_it() -> None:
    from ray._private import worker

    assert "ray._private.utils.set_sigterm_handler(sigterm_handler)" in inspect.getsource(worker.init)


GCS_TEXT = """Failed to connect to GCS. Last connection error: Traceback (most recent call last):
  File "python/ray/_raylet.pyx", line 3198, in ray._raylet.GcsClient.__cinit__
ray.exceptions.AuthenticationError: RPC error: InvalidAuthToken: Authentication token is missing or incorrect.

"""


def test_why_a_cluster_refuses_was_hidden_behind_that_it_did() -> None:
    refused = ConnectionError("Failed to connect to Ray cluster at 10.0.0.1:6379")
    refused.__cause__ = RuntimeError(GCS_TEXT)
    assert rays_reason(refused).startswith("ray.exceptions.AuthenticationError: RPC error: InvalidAuthToken: ")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no port\nmore"), "no port"),
        (ConnectionError(), "ConnectionError"),
        (OSError(111, "No"), "[Errno 111] No"),
    ],
)
def test_an_error_that_says_what_it_is_is_its_own_reason(error: Exception, reason: str) -> None:
    assert rays_reason(error) == reason
