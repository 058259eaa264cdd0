"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from qwen_batch.config import Config

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_CONFIG = Path("pipeline.yaml")


def config_options(command: F) -> F:
    """--config and --set."""
    command = click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="One setting, such as engine.model=DIR. Repeatable.",
    )(command)
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        help="Settings file; ./pipeline.yaml is taken if it is there.",
    )(command)


def run_options(command: F) -> F:
    """What every command has that writes tables: --output, --format, --limit, --progress, --ray-address, settings."""
    options = (
        click.option(
            "--output", type=click.Path(path_type=Path), required=True, help="Folder of the tables; made if missing."
        ),
        click.option(
            "--format", "file_format", type=click.Choice(["parquet", "jsonl"]), help="File format of the tables."
        ),
        click.option("--limit", type=click.IntRange(min=1), help="Take only the first N files."),
        click.option("--progress/--no-progress", default=True, help="Show progress on stderr."),
        click.option("--ray-address", help="Use this Ray cluster instead of starting Ray here."),
    )
    command = config_options(command)
    for option in reversed(options):
        command = option(command)
    return command


def read_config(
    config_path: Path | None,
    overrides: tuple[str, ...],
    file_format: str | None = None,
    ray_address: str | None = None,
) -> Config:
    """The settings from --config (or ./pipeline.yaml), --set, and the options that have a name of their own."""
    from qwen_batch.config import load_config

    if file_format:
        overrides = (*overrides, f"sink.format={file_format}")
    if ray_address:
        overrides = (*overrides, f"resources.ray_address={ray_address}")
    if config_path is None and DEFAULT_CONFIG.is_file():
        config_path = DEFAULT_CONFIG
    return load_config(config_path, overrides)


def jobs_folder(config: Config) -> Path:
    """The folder of job files: the configured one, else the one beside the package in a checkout."""
    folder = Path(config.jobs_dir)
    beside = Path(__file__).parents[2] / "jobs"
    return beside if not folder.is_dir() and beside.is_dir() else folder
