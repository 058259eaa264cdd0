"""choice: Ray only where it brings something, and a reason for either."""

from __future__ import annotations

import pytest

from qwen_batch.config_file import load_config
from qwen_batch.errors import UsageError
from qwen_batch.records import Document
from qwen_batch.run.in_process.choice import MOST_BYTES, check_execution, choose_execution

MANY = 20_000
ADDRESS, PORT = "resources.ray_address=auto", "resources.metrics_port=9090"


def documents(count: int, size: int = 10) -> list[Document]:
    return [Document(str(number), f"{number}.txt", "text/plain", size) for number in range(count)]


@pytest.mark.parametrize(
    ("settings", "asked", "execution", "why"),
    [
        ((), documents(3, 2 << 20), "in_process", "3 documents of 6.0 MiB, no model: Ray would cost its start"),
        ((), documents(MANY), "in_process", "20,000 documents of 0.2 MiB, no model"),
        ((), documents(2, MOST_BYTES // 2), "in_process", "no model"),
        ((), documents(1, MOST_BYTES + 1), "ray", "1 documents of"),
        ((ADDRESS,), documents(3), "ray", "resources.ray_address names a cluster"),
        ((PORT,), documents(3), "ray", "resources.metrics_port is answered by Ray"),
        (("execution=ray",), documents(3), "ray", "execution is ray"),
        (("execution=in_process",), documents(2, MOST_BYTES), "in_process", "execution is in_process"),
    ],
)
def test_ray_is_started_only_where_it_brings_something(
    settings: tuple[str, ...], asked: list[Document], execution: str, why: str
) -> None:
    chosen = choose_execution(load_config(None, settings), asked, has_model=False)
    assert (chosen.execution, why in chosen.why) == (execution, True), chosen
    where = {"ray": "on Ray", "in_process": "in process, without Ray"}[execution]
    assert str(chosen).startswith(f"execution: {where} (")


def test_a_model_stays_on_ray() -> None:
    chosen = choose_execution(load_config(None, ()), documents(3), has_model=True)
    assert str(chosen).startswith("execution: on Ray (an engine with a model runs on Ray; it loads while ")
    assert str(chosen).endswith("documents are read, for a minute or more)")


@pytest.mark.parametrize(("settings", "has_model"), [((), True), ((ADDRESS,), False), ((PORT,), False)])
def test_what_needs_ray_is_refused_in_process_with_the_reason(settings: tuple[str, ...], has_model: bool) -> None:
    with pytest.raises(UsageError, match="execution is in_process, but ") as raised:
        check_execution(load_config(None, ("execution=in_process", *settings)), has_model=has_model)
    assert "auto or ray" in raised.value.remedy
    check_execution(load_config(None, settings), has_model=has_model)
