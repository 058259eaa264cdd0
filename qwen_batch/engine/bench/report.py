"""What `qwen-batch bench` prints: a row for a table, settings for pipeline.yaml, or all figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from qwen_batch.engine.bench.advice import Advice, Machine
from qwen_batch.engine.bench.figures import Figures
from qwen_batch.engine.engine import EnginePlan

COLUMNS = (
    "machine",
    "model",
    "precision",
    "versions",
    "tokens in/out",
    "documents/s",
    "tokens/s in",
    "tokens/s out",
    "times one shard at a time",
    "start s",
)
WHOLE_FROM = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What a measurement found: `model` as rows of a run say it, `versions` by package."""

    machine: Machine
    model: str
    plan: EnginePlan
    versions: dict[str, str]
    figures: Figures
    advice: tuple[Advice, ...]


def report_to_table(report: Report) -> str:
    """A Markdown table of one row."""
    figures, full = report.figures, report.figures.full
    cells = (
        report.machine.name,
        report.model,
        report.plan.precision,
        ", ".join(f"{package} {number}" for package, number in report.versions.items()) or "-",
        f"{figures.shape.input_tokens:,}/{figures.shape.output_tokens:,}",
        _number(full.documents_per_s),
        _number(full.input_tokens_per_s),
        _number(full.output_tokens_per_s),
        f"{figures.speed_up:.2f}",
        f"{figures.start_s:.1f}",
    )
    return "\n".join(map(_line, (COLUMNS, ("---",) * len(COLUMNS), cells)))


def _number(value: float) -> str:
    """Three digits, or all of a larger number."""
    return f"{value:,.0f}" if value >= WHOLE_FROM else f"{value:.3g}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def report_to_yaml(report: Report) -> str:
    """The advice as the `engine` section of pipeline.yaml, a reason beside each key."""
    settings = [f"  {advice.key}: {advice.value}" for advice in report.advice]
    width = max(map(len, settings))
    lines = (f"{line:<{width}}  # {advice.reason}" for line, advice in zip(settings, report.advice, strict=True))
    share = (
        f"# of two jobs on one document, the second took {report.figures.cached_share:.0%} of its prompt from the cache"
    )
    return "\n".join(("engine:", *lines, share))


def report_to_json(report: Report) -> str:
    """All figures: rates a second, times in seconds, memory in bytes."""
    settings = report.plan.settings.model_dump(mode="json")
    return json.dumps(
        {
            "machine": asdict(report.machine),
            "model": report.model,
            "versions": report.versions,
            "plan": asdict(report.plan) | {"settings": settings},
            "figures": asdict(report.figures) | {"speed_up": report.figures.speed_up},
            "advice": [asdict(advice) for advice in report.advice],
        },
        indent=2,
        ensure_ascii=False,
    )
