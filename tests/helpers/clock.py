"""Time that passes by waiting alone: what is measured is exact on a busy machine, and costs nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that, where it would sleep until a timer, sets its clock there."""

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._really_select = self._selector.select
        self._selector.select = self._select

    def time(self) -> float:
        return self._now_s

    def _select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            return self._really_select(None)
        events = self._really_select(0)
        if not events:
            self._now_s += timeout
        return events


def replace_sleep(monkeypatch: pytest.MonkeyPatch, module: ModuleType, sleep: Callable[[float], object]) -> None:
    """Lets one module that says `time.sleep` do something else; nobody else."""
    monkeypatch.setattr(module, "time", SimpleNamespace(**{**vars(time), "sleep": sleep}))


def replace_clock(monkeypatch: pytest.MonkeyPatch, module: ModuleType, now_s: Callable[[], float]) -> None:
    """Lets one module that says `time.monotonic` see another time; nobody else."""
    monkeypatch.setattr(module, "time", SimpleNamespace(**{**vars(time), "monotonic": now_s}))
