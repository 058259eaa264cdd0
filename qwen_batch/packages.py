"""Which packages are installed, in which version, and how one gets here if it is not. Imports none of them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `detail` says what was found, `remedy` what to do, empty where nothing is to be done."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def package_versions(distributions: Iterable[str]) -> dict[str, str]:
    """The versions of those that are installed."""
    versions = {}
    for distribution in distributions:
        with suppress(metadata.PackageNotFoundError):
            versions[distribution] = metadata.version(distribution)
    return versions


def check_package(name: str, distributions: tuple[str, ...]) -> Check:
    """A Python package, by its version alone: importing it would take seconds."""
    for distribution in distributions:
        try:
            return Check(name, ok=True, detail=f"{distribution} {metadata.version(distribution)}")
        except metadata.PackageNotFoundError:
            continue
    return Check(
        name, ok=False, detail="not installed", remedy="`make install`, or pip install 'qwen-batch[cpu]' or [gpu]"
    )
