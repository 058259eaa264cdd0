"""cores: how many times one process's work several do here."""

from __future__ import annotations

import pytest

from qwen_batch.config_file import load_config
from qwen_batch.run.plan import cores


@pytest.fixture(autouse=True)
def unmeasured() -> None:
    cores.cores_worth.cache_clear()


def test_one_process_does_its_own_work() -> None:
    assert cores.cores_worth(1) == 1


@pytest.mark.subprocess
def test_two_do_between_once_and_twice_as_much() -> None:
    assert 1 <= cores.cores_worth(2) <= 2


@pytest.mark.parametrize(("beside_s", "worth"), [(1.0, 4.0), (2.0, 2.0), (8.0, 1.0), (0.5, 4.0)])
def test_what_they_do_slower_beside_each_other_counts_less(
    beside_s: float, worth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "_seconds", {1: 1.0, 4: beside_s}.__getitem__)
    assert cores.cores_worth(4) == worth


def test_the_settings_say_how_many_read_side_by_side() -> None:
    assert cores.read_workers(load_config(None, ("resources.read_tasks=3",))) == 3
