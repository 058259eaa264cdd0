"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qwen_batch.plugins import plugin_names

if TYPE_CHECKING:
    from qwen_batch.config import Config
    from qwen_batch.run.stopping import Stop

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = "qwen_batch.output.formats"
DEFAULT_CONFIG = Path("pipeline.yaml")
_RUN_OPTIONS = (
    click.option("--progress/--no-progress", default=True, help="Show progress on stderr."),
    click.option(
        "--until", metavar="HH:MM", help="Be through by this time of the day; exit code 4 if not all is done."
    ),
    click.option("--time-limit", metavar="SPAN", help="Be through after this time, such as 4h, 90m or 45s."),
    click.option("--grace", metavar="SPAN", default="30s", show_default=True, help="Time to publish after SIGTERM."),
    click.option("--break-lock", is_flag=True, help="Take the lock of a run that is dead on another host."),
)


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
    """What every command has that writes tables: --output, --format, --limit, when to stop, settings."""
    options = (
        click.option("--output", required=True, help="Folder of the tables, or s3://bucket/prefix; made if missing."),
        click.option(
            "--format", "file_format", type=click.Choice(plugin_names(FORMATS)), help="File format of the tables."
        ),
        click.option("--limit", type=click.IntRange(min=1), help="Take only the first N files."),
        click.option("--ray-address", help="Use this Ray cluster instead of starting Ray here."),
    )
    command = again_options(command)
    for option in reversed(options):
        command = option(command)
    return command


def again_options(command: F) -> F:
    """What also a command has that knows input and tables: progress, when to stop, the lock, settings."""
    command = config_options(command)
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


def stop_of(until: str | None, time_limit: str | None, grace: str) -> Stop:
    """When a run stops, from --until, --time-limit and --grace."""
    from datetime import datetime

    from qwen_batch.run.stopping import Limits, Stop, text_to_moment_s, text_to_span_s

    now = datetime.now().astimezone()
    ends = [text_to_moment_s(until, now)] if until else []
    ends += [now.timestamp() + text_to_span_s(time_limit)] if time_limit else []
    return Stop(Limits(min(ends, default=math.inf), text_to_span_s(grace)))


def read_config(
    config_path: Path | None,
    overrides: tuple[str, ...],
    file_format: str | None = None,
    ray_address: str | None = None,
    *,
    eager: bool = False,
) -> Config:
    """The settings from --config (or ./pipeline.yaml), --set, and the options that have a name of their own."""
    from qwen_batch.config_file import load_config

    if file_format:
        overrides = (*overrides, f"sink.format={file_format}")
    if ray_address:
        overrides = (*overrides, f"resources.ray_address={ray_address}")
    if eager:
        overrides = (*overrides, "engine.eager=true")
    if config_path is None and DEFAULT_CONFIG.is_file():
        config_path = DEFAULT_CONFIG
    return load_config(config_path, overrides)


def jobs_folder(config: Config) -> Path:
    """The folder of job files: the configured one, else the one beside the package in a checkout."""
    folder = Path(config.jobs_dir)
    beside = Path(__file__).parents[2] / "jobs"
    return beside if not folder.is_dir() and beside.is_dir() else folder
