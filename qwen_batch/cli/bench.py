"""qwen-batch bench: a self-test of the engine on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from qwen_batch.cli.options import config_options, read_config
from qwen_batch.errors import EXIT_OK


@click.command(short_help="How fast is the engine here?")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=60,
    show_default=True,
    help="About how long to measure, once the engine has started; the least that tells anything is done anyway.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@config_options
def bench(seconds: float, as_json: bool, config_path: Path | None, overrides: tuple[str, ...]) -> int:
    """Measures how fast the engine is on this machine, and advises settings for it.

    Prints a row for a table of machines, then an engine section for pipeline.yaml, a reason beside each key. The
    figures are kept on this machine: `qwen-batch plan` tells time by them where an output has no run yet.

    \b
    Example: qwen-batch bench
    Example: qwen-batch bench --seconds 120 --set engine.model=./my-model --json
    """
    from qwen_batch.engine.bench.kept import keep_bench
    from qwen_batch.engine.bench.report import report_to_json, report_to_table, report_to_yaml
    from qwen_batch.engine.bench.run import bench as measure

    report = measure(read_config(config_path, overrides), seconds, partial(click.echo, err=True))
    keep_bench(report)
    click.echo(report_to_json(report) if as_json else f"{report_to_table(report)}\n\n{report_to_yaml(report)}")
    return EXIT_OK
