"""Ray's start on a busy machine: waited for, said when it takes long, explained when it fails.

Ray gives up on its own node after 30 s (`raylet_start_wait_time_s` in ray/_private/node.py, which no setting
changes), though at a load over 14 on two cores a start takes longer than that and then works. So the question that
Ray asks meanwhile, whether the node is there, is answered only when it is, or when it is out of time or dead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

import psutil

from qwen_batch.errors import EngineError

START_LIMIT_S = 180.0
SAY_AFTER_S = 15.0
ASK_AGAIN_S = 0.5
GCS_LIMIT = "RAY_gcs_server_port_wait_time_s"
"""Ray's variable for the first of its processes, the only one that has such a setting."""
STDERR = 2


@contextmanager
def patient_start(limit_s: float = START_LIMIT_S, say_after_s: float = SAY_AFTER_S) -> Iterator[None]:
    """Around `ray.init` of a Ray of our own. Raises EngineError for whatever keeps it from starting."""
    os.environ.setdefault(GCS_LIMIT, f"{limit_s:.0f}")
    with _said_when_slow(limit_s, say_after_s), _explained(), _patient_about_the_node(limit_s), no_handler_of_rays():
        yield


@contextmanager
def no_handler_of_rays() -> Iterator[None]:
    """Around `ray.init`: keeps our handler of SIGTERM.

    Ray puts its own in the place, which raises SystemExit wherever the signal comes. Where Ray's own code swallows
    that, the request to stop is lost.
    """
    from ray._private import utils

    usual = utils.set_sigterm_handler
    utils.set_sigterm_handler = lambda _handler: None
    try:
        yield
    finally:
        utils.set_sigterm_handler = usual


def patiently(ask: Callable[..., Any], limit_s: float, lives: Callable[[], bool]) -> Callable[..., Any]:
    """`ask`, asked again while it raises RuntimeError: until `limit_s` from now, or until what it asks for is dead."""
    end_s = time.monotonic() + limit_s

    def asked(*arguments: Any) -> Any:
        while True:
            try:
                return ask(*arguments)
            except RuntimeError:
                if time.monotonic() >= end_s or not lives():
                    raise
            time.sleep(ASK_AGAIN_S)

    return asked


def rays_reason(error: BaseException) -> str:
    """What an error of Ray's came from, in one line.

    Ray says of any refusal that it failed to connect. The reason is in the error that this was raised from, and there
    it may be the end of a traceback in the text.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1 if any("Traceback" in line for line in lines) else 0].strip()


@contextmanager
def _patient_about_the_node(limit_s: float) -> Iterator[None]:
    from ray._private import services

    usual = services.get_node
    services.get_node = patiently(usual, limit_s, _raylet_lives)
    try:
        yield
    finally:
        services.get_node = usual


def _raylet_lives() -> bool:
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.name() == "raylet" and child.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


@contextmanager
def _said_when_slow(limit_s: float, say_after_s: float) -> Iterator[None]:
    """Says so on what is stderr now, which Ray's start may redirect."""
    line = f"Ray has not started after {say_after_s:.0f} s, the machine may be busy: waiting up to {limit_s:.0f} s\n"
    with os.fdopen(os.dup(STDERR), "wb", buffering=0) as stderr:
        timer = Timer(say_after_s, stderr.write, [line.encode()])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


@contextmanager
def _explained() -> Iterator[None]:
    """What goes wrong while Ray starts as our own error."""
    try:
        yield
    except Exception as error:
        reason = str(error).strip().splitlines()[-1]
        remedy = "the machine may be too busy or out of memory: run the same command again when it is free"
        raise EngineError(f"Ray did not start: {reason}", remedy) from error
