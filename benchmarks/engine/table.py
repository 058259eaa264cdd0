"""All results of the engine benchmarks as one table."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any


def markdown(results: Sequence[dict[str, Any]]) -> str:
    """A line a measurement; the median of each figure and its runs where a measurement was repeated."""
    repeated: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in results:
        repeated.setdefault((one["section"], one["what"]), []).append(one)
    lines = ["| section | what | figures |", "|---|---|---|"]
    for (section, what), runs in repeated.items():
        named = [key for key in runs[0] if key not in {"section", "what"}]
        figures = ", ".join(f"{key} {_of_runs([run[key] for run in runs if key in run])}" for key in named)
        lines.append(f"| {section} | {what} | {figures} |")
    return "\n".join(lines) + "\n"


def _of_runs(values: Sequence[Any]) -> str:
    if len(values) == 1 or not all(isinstance(value, int | float) for value in values):
        return str(values[-1])
    return f"{median(values):g} (of {', '.join(f'{value:g}' for value in values)})"
