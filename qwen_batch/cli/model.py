"""qwen-batch model: fetch the embedded model, show which one a run would take."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.options import config_options, read_config
from qwen_batch.errors import EXIT_OK


@click.group(short_help="Fetches the embedded model, shows the one of a run.")
def model() -> None:
    """Fetches the embedded model, and says which model a run would take."""


@model.command()
def pull() -> int:
    """Fetches the embedded model, checks its hash and converts it once; nothing to do if it is there.

    \b
    Example: qwen-batch model pull
    """
    from qwen_batch.engine.model.resolve import pull_embedded

    click.echo(pull_embedded(lambda line: click.echo(line, err=True)))
    return EXIT_OK


@model.command()
@config_options
def show(config_path: Path | None, overrides: tuple[str, ...]) -> int:
    """Shows the model that a run would take, where it is and why.

    \b
    Example: qwen-batch model show --set engine.model=./my-model
    """
    from qwen_batch.engine.devices import gpu_count
    from qwen_batch.engine.model.resolve import resolve_model

    choice = resolve_model(read_config(config_path, overrides).engine.model, gpu=bool(gpu_count()))
    click.echo(f"{choice.label}\t{choice.path_or_id}\t{choice.why}")
    return EXIT_OK
