"""Settings from a YAML file and --set, and what is wrong with them, said by key."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from qwen_batch.config import Config
from qwen_batch.errors import ConfigError


def load_config(path: Path | None, overrides: tuple[str, ...] = ()) -> Config:
    """Settings from a YAML file (none: all defaults) and `section.key=value` overrides.

    Raises ConfigError naming the file or option, the key and what would be accepted.
    """
    data = {key: value for key, value in (_read_yaml(path) if path else {}).items() if value is not None}
    for override in overrides:
        _apply_override(data, override)
    return _checked(data, path, overrides)


def _checked(data: dict[str, Any], path: Path | None, overrides: tuple[str, ...]) -> Config:
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        set_keys = {override.partition("=")[0] for override in overrides}
        raise ConfigError(_explain(error, path, set_keys), "see docs/configuration.md for every key") from None


def recorded_config(recorded: dict[str, Any], overrides: tuple[str, ...]) -> Config:
    """The settings that a run manifest recorded, with `section.key=value` overrides. Raises ConfigError."""
    data = deepcopy(recorded)
    for override in overrides:
        _apply_override(data, override)
    return _checked(data, None, overrides)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "give --config a readable file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {error}", "correct the file at the place named") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected keys and values at the top", "start from the pipeline.yaml of the project")
    return data


def _apply_override(data: dict[str, Any], override: str) -> None:
    key, equals, raw = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {override}: expected section.key=value", "for example --set engine.batch_size=4")
    *parents, last = key.split(".")
    for parent in parents:
        below = data.setdefault(parent, {})
        if not isinstance(below, dict):
            raise ConfigError(f"--set {override}: {parent} is not a section", "see docs/configuration.md for every key")
        data = below
    try:
        data[last] = yaml.safe_load(raw)
    except yaml.YAMLError:
        data[last] = raw


def _explain(error: ValidationError, path: Path | None, set_keys: set[str]) -> str:
    """A line a key; of a value that may be of several kinds it says of each why it is not of it."""
    by_key: dict[str, list[ErrorDetails]] = {}
    for item in error.errors():
        by_key.setdefault(_key(item["loc"]), []).append(item)
    lines = []
    for key, items in by_key.items():
        where = "--set" if key in set_keys or path is None else str(path)
        if items[0]["type"] == "extra_forbidden":
            lines.append(f"{where}: unknown key {key!r}; known here: {', '.join(_known_keys(items[0]['loc']))}")
        else:
            reasons = ", or ".join(item["msg"] for item in items)
            lines.append(f"{where}: {key}: {reasons} (got {items[0]['input']!r})")
    return "\n".join(lines)


def _key(loc: tuple[str | int, ...]) -> str:
    """The key of a setting, without the kinds of value that pydantic names behind it."""
    model: type[BaseModel] | None = Config
    parts = []
    for part in loc:
        if model is None and isinstance(part, str):
            continue
        parts.append(str(part))
        model = _section(model, str(part)) if model else None
    return ".".join(parts)


def _section(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    annotation = model.model_fields[name].annotation if name in model.model_fields else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _known_keys(loc: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = Config
    for part in loc[:-1]:
        model = _section(model, str(part)) or model
    return list(model.model_fields)
