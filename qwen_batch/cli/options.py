"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qwen_batch.plugins import plugin_names

if TYPE_CHECKING:
    from qwen_batch.config import Config

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_CONFIG = Path("pipeline.yaml")


class PluginName(click.ParamType):  # type: ignore[type-arg]  # generic in newer clicks only
    """The name of a plugin of a package; which there are is looked up when the option is used or explained."""

    name = "name"

    def __init__(self, package: str) -> None:
        self._package = package

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """The known names, as of a click.Choice."""
        return f"[{'|'.join(plugin_names(self._package))}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The value, if it is a known name."""
        return str(click.Choice(plugin_names(self._package)).convert(value, param, ctx))


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


def param_option(command: F) -> F:
    """--param."""
    return click.option(
        "--param",
        "params",
        multiple=True,
        metavar="NAME=VALUE",
        help="A parameter of the jobs that have it, such as region=North. Repeatable.",
    )(command)


def read_config(config_path: Path | None, overrides: tuple[str, ...]) -> Config:
    """The settings from --config (or ./pipeline.yaml) and --set."""
    from qwen_batch.config_file import load_config

    if config_path is None and DEFAULT_CONFIG.is_file():
        config_path = DEFAULT_CONFIG
    return load_config(config_path, overrides)


def jobs_folder(config: Config) -> Path:
    """The folder of job files: the configured one, else the one beside the package in a checkout."""
    folder = Path(config.jobs_dir)
    beside = Path(__file__).parents[2] / "jobs"
    return beside if not folder.is_dir() and beside.is_dir() else folder
