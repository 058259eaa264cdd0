"""Python packages as they are installed: their versions, whether one is there, and how it gets here if not.

Looks at what the installer noted and imports nothing, which would take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

__version__ = "0.1.0"
"""Of this package itself."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `detail` says what was found, `remedy` what to do, empty where nothing is to be done."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of those that are installed, in the order in which they are named."""
    found = {}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def check_package(name: str, distributions: tuple[str, ...]) -> Check:
    """Whether one of several distributions of a package is installed: the first that is."""
    for distribution, found in package_versions(distributions).items():
        return Check(name, ok=True, detail=f"{distribution} {found}")
    return Check(
        name, ok=False, detail="not installed", remedy="`make install`, or pip install 'qwen-batch[cpu]' or [gpu]"
    )
