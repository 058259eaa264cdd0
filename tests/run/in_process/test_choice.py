"""choice: Ray only where it brings something, and a reason for either."""

from __future__ import annotations

import pytest

from qwen_batch.config_file import load_config
from qwen_batch.errors import UsageError
from qwen_batch.records import Document
from qwen_batch.run.in_process.choice import MOST_BYTES, MOST_DOCUMENTS, check_execution, choose_execution

ADDRESS, PORT = "resources.ray_address=auto", "resources.metrics_port=9090"


def documents(count: int, size: int = 10) -> list[Document]:
    return [Document(str(number), f"{number}.txt", "text/plain", size) for number in range(count)]


@pytest.mark.parametrize(
    ("settings", "count", "size", "has_model", "execution", "why"),
    [
        ((), 3, 2 << 20, False, "in_process", "3 documents of 6.0 MiB, no model: Ray would cost its start"),
        ((), MOST_DOCUMENTS, 1, False, "in_process", "no model"),
        ((), MOST_DOCUMENTS + 1, 1, False, "ray", "documents of 0.0 MiB, no model"),
        ((), 1, MOST_BYTES + 1, False, "ray", "1 documents of"),
        ((), 3, 1, True, "ray", "engines with a model run on Ray"),
        ((ADDRESS,), 3, 1, False, "ray", "resources.ray_address names a cluster"),
        ((PORT,), 3, 1, False, "ray", "resources.metrics_port is answered by Ray"),
        (("execution=ray",), 3, 1, False, "ray", "execution is ray"),
        (("execution=in_process",), MOST_DOCUMENTS + 1, 1, False, "in_process", "execution is in_process"),
    ],
)
def test_ray_is_started_only_where_it_brings_something(
    settings: tuple[str, ...], count: int, size: int, has_model: bool, execution: str, why: str
) -> None:
    chosen = choose_execution(load_config(None, settings), documents(count, size), has_model=has_model)
    assert (chosen.execution, why in chosen.why) == (execution, True), chosen
    assert str(chosen).startswith("execution: on Ray (" if execution == "ray" else "execution: in process, without Ray (")


@pytest.mark.parametrize(("settings", "has_model"), [((), True), ((ADDRESS,), False), ((PORT,), False)])
def test_what_needs_ray_is_refused_in_process_with_the_reason(settings: tuple[str, ...], has_model: bool) -> None:
    with pytest.raises(UsageError, match="execution is in_process, but ") as raised:
        check_execution(load_config(None, ("execution=in_process", *settings)), has_model=has_model)
    assert "auto or ray" in raised.value.remedy
    check_execution(load_config(None, settings), has_model=has_model)
