"""Finds plugins: a module in a package is a plugin, and its file name is the plugin's name.

Knows no list of them and keeps none: a newcomer adds one file that exports the package's constant
(`READER`, `OCR_ENGINE`, ...). Modules whose name starts with an underscore are helpers, not plugins.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from qwen_batch.errors import ConfigError


def plugin_names(package: str) -> tuple[str, ...]:
    """The names of the plugins in a package such as "qwen_batch.reading.readers", sorted; imports none of them."""
    modules = pkgutil.iter_modules(import_module(package).__path__)
    return tuple(sorted(module.name for module in modules if not module.name.startswith("_")))


def load_plugin(package: str, name: str, constant: str) -> Any:
    """The constant that the module `package.name` exports, such as `READER`.

    Raises ConfigError naming the known plugins for an unknown name, or the file that lacks the constant.
    """
    known = plugin_names(package)
    kind = package.rpartition(".")[2]
    if name not in known:
        raise ConfigError(f"no {name!r} in {kind}; known: {', '.join(known)}", "use one of the known names")
    module = import_module(f"{package}.{name}")
    if not hasattr(module, constant):
        raise ConfigError(f"{module.__file__} has no {constant}", f"let the module export the constant {constant}")
    return getattr(module, constant)
