"""Finds plugins: a module in a package is a plugin, and its file name is the plugin's name.

Knows no list of them and keeps none: a newcomer adds one file that exports the package's constant (`READER`,
`OCR_ENGINE`, ...). Modules whose name starts with an underscore are helpers, not plugins. Another distribution adds a
member by an entry point: the group is the package (`qwen_batch.reading.readers`), the name the plugin's, the value a
module that exports the constant.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Generic, TypeVar

from qwen_batch.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutsidePlugin:
    """A member that another distribution brings: the module that exports it, and who brings it in which version."""

    name: str
    module: str
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class PluginKind(Generic[T]):
    """A kind of plugin: the package of its members, the constant that each exports, the setting that names one."""

    package: str
    constant: str
    setting: str = ""

    def names(self) -> tuple[str, ...]:
        """The names of all members, sorted; imports none of them."""
        return plugin_names(self.package)

    def outside(self) -> tuple[OutsidePlugin, ...]:
        """The members that other distributions bring, by name."""
        return tuple(plugin for _, plugin in sorted(outside_plugins(self.package).items()))

    def load(self, name: str) -> T:
        """The member of that name. Raises ConfigError as `load_plugin` does."""
        member: T = load_plugin(self.package, name, self.constant, self.setting)
        return member


def plugin_names(package: str) -> tuple[str, ...]:
    """The names of the plugins of a package such as "qwen_batch.reading.readers", sorted; imports none of them."""
    return tuple(sorted({*_own_names(package), *outside_plugins(package)}))


def outside_plugins(package: str) -> Mapping[str, OutsidePlugin]:
    """The members that other distributions bring, by name. Names of our own are ours."""
    own = _own_names(package)
    return {
        entry.name: OutsidePlugin(entry.name, entry.module, entry.dist.name, entry.dist.version)
        for entry in _entry_points()
        if entry.group == package and entry.name not in own and entry.dist is not None
    }


@cache
def _entry_points() -> tuple[EntryPoint, ...]:
    """Those that are ours, of all distributions: each process looks once, which takes tens of milliseconds."""
    ours = f"{__name__.partition('.')[0]}."
    found = entry_points()
    return tuple(entry for group in found.groups if group.startswith(ours) for entry in found.select(group=group))


def load_plugin(package: str, name: str, constant: str, setting: str = "") -> Any:
    """The constant that a plugin exports, such as `READER`.

    Raises ConfigError naming the known plugins for an unknown name (and the setting that has it), the file that lacks
    the constant, or the distribution whose module cannot be imported.
    """
    if name in _own_names(package):
        module = import_module(f"{package}.{name}")
    elif outside := outside_plugins(package).get(name):
        module = _outside_module(outside)
    else:
        asked = f"{setting}: there is no {name!r}" if setting else f"no {name!r} in {package.rpartition('.')[2]}"
        known = ", ".join(plugin_names(package))
        raise ConfigError(f"{asked}; known: {known}", f"set {setting or 'it'} to one of these")
    if not hasattr(module, constant):
        raise ConfigError(f"{module.__file__} has no {constant}", f"let the module export the constant {constant}")
    return getattr(module, constant)


@cache
def _own_names(package: str) -> frozenset[str]:
    modules = pkgutil.iter_modules(import_module(package).__path__)
    return frozenset(module.name for module in modules if not module.name.startswith("_"))


def _outside_module(plugin: OutsidePlugin) -> ModuleType:
    try:
        return import_module(plugin.module)
    except Exception as error:  # another's code may raise anything as it is imported
        raise ConfigError(
            f"{plugin.name} of {plugin.distribution} {plugin.version} cannot be loaded: "
            f"{type(error).__name__}: {error}",
            f"mend or uninstall {plugin.distribution}",
        ) from error
