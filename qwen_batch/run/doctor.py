"""What this machine has and lacks for a run: one line a check, with a remedy where something is missing.

Only looks: nothing is installed, fetched or loaded, and neither vllm, ray nor torch is imported.
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from qwen_batch.config import Config, OcrSettings, ReadSettings
from qwen_batch.engine.engine import ENGINES
from qwen_batch.errors import ConfigError, ToolMissingError
from qwen_batch.folders import cache_directory
from qwen_batch.output.catalog import CATALOGS
from qwen_batch.output.format import FORMATS
from qwen_batch.packages import Check, check_package
from qwen_batch.plugins import OutsidePlugin, PluginKind
from qwen_batch.reading.isolate.fence import Held, fence_in
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.reading.ocr.engine import OCR_ENGINES, OcrEngine
from qwen_batch.reading.parts.reader import READERS
from qwen_batch.reading.readers.old_office.programs import MISSING, TARGETS, installed

MIN_PYTHON, END_PYTHON = (3, 11), (3, 14)
MIN_FREE_DISK_GB = 5.0
MIN_FREE_MEMORY_GB = 4.0  # the embedded model in float32, its KV cache and Ray's object store
PROBE_S, PROBE_MB = 20, 512
NO_LANDLOCK = "files of others are not out of reach: this kernel has no Landlock (Linux 6.2) or has it switched off"
NO_NAMESPACE = "the network is not shut as a whole, at most TCP is: this machine allows no user namespaces"
PLUGIN_KINDS: tuple[PluginKind[Any], ...] = (READERS, OCR_ENGINES, ENGINES, FORMATS, CATALOGS)
AGENT_PACKAGES = ("aiohttp_cors", "opencensus")
"""Of ray[default] alone: Ray's agent, which answers Prometheus, starts only with them."""


def checks(config: Config) -> list[Check]:
    """Every check for a run with these settings, in the order in which a run needs the things."""
    return [
        check_python(),
        *check_ocr(config.ocr),
        *check_old_office(),
        check_sandbox(config.read),
        check_package("ray", ("ray",)),
        *ENGINES.load(config.engine.kind).checks(config),
        *check_plugins(),
        check_disk("disk for the cache", cache_directory()),
        check_disk("disk for the output", Path.cwd()),
        check_memory(),
    ]


def check_python() -> Check:
    """A Python that the locked packages hold for."""
    ok = MIN_PYTHON <= sys.version_info < END_PYTHON
    detail = ".".join(map(str, sys.version_info[:3]))
    return Check("python", ok, detail, "" if ok else "install Python 3.11, 3.12 or 3.13, then run `make install`")


def check_ocr(settings: OcrSettings) -> list[Check]:
    """The configured OCR engine and each language asked of it, by its own probe."""
    engine = OCR_ENGINES.load(settings.engine)
    try:
        program = Check(engine.name, ok=True, detail=engine.version().removeprefix(f"{engine.name} "))
    except ToolMissingError as error:
        program = Check(engine.name, ok=False, detail=error.message, remedy=error.remedy)
    return [program, *(_check_language(engine, language) for language in settings.languages)]


def _check_language(engine: OcrEngine, language: str) -> Check:
    name = f"{engine.name} language {language}"
    try:
        engine.probe((language,))
    except ToolMissingError as error:
        return Check(name, ok=False, detail=error.message, remedy=error.remedy)
    return Check(name, ok=True, detail="installed")


def check_old_office() -> list[Check]:
    """What reads each kind of old Office files; without it they are failures, and all others are read."""
    return [_check_old_office(kind) for kind in TARGETS]


def _check_old_office(kind: str) -> Check:
    programs = installed(kind)
    detail = ", then ".join(programs) or f"not installed: .{kind} files become failures. {MISSING[kind]}"
    return Check(f".{kind} files", ok=True, detail=detail)


def check_sandbox(settings: ReadSettings) -> Check:
    """What the kernel holds of the fence around the process that reads documents; a run does not need it."""
    if not settings.sandbox:
        return Check("sandbox", ok=True, detail="switched off by read.sandbox")
    with Isolator(PROBE_S, PROBE_MB) as isolator:
        held = isolator.call(fence_in, (), ())
    if not isinstance(held, Held):
        return Check("sandbox", ok=True, detail=f"not known: {held.message}")
    parts = [name for name, holds in (("files", held.files), ("network", held.network)) if holds]
    missing = [why for why, holds in ((NO_LANDLOCK, held.files), (NO_NAMESPACE, held.network)) if not holds]
    return Check("sandbox", ok=True, detail="; ".join([*([" and ".join(parts)] if parts else []), *missing]))


def check_plugins() -> list[Check]:
    """Each member of a kind that another distribution brings."""
    return [_check_plugin(kind, plugin) for kind in PLUGIN_KINDS for plugin in kind.outside()]


def _check_plugin(kind: PluginKind[Any], plugin: OutsidePlugin) -> Check:
    name = f"{kind.package.rpartition('.')[2]}: {plugin.name}"
    try:
        kind.load(plugin.name)
    except ConfigError as error:
        return Check(name, ok=False, detail=error.message, remedy=error.remedy)
    return Check(name, ok=True, detail=f"{plugin.module}, of {plugin.distribution} {plugin.version}")


def check_metrics(port: int | None) -> None:
    """Raises ConfigError if a port is wanted and Ray lacks what serves it: it would say nothing."""
    missing = [name for name in AGENT_PACKAGES if find_spec(name) is None]
    if port is not None and missing:
        raise ConfigError(
            f"resources.metrics_port: Ray cannot serve metrics on {port} without {', '.join(missing)}",
            "pip install 'ray[default]' (the extra `metrics`), or leave resources.metrics_port away",
        )


def check_disk(name: str, folder: Path) -> Check:
    """Free space where the folder is or will be."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free_gb = shutil.disk_usage(existing).free / 1e9
    enough = free_gb >= MIN_FREE_DISK_GB
    remedy = "" if enough else f"make room: {MIN_FREE_DISK_GB:.0f} GB is what a model and a run need"
    return Check(name, ok=enough, detail=f"{free_gb:.1f} GB free at {folder}", remedy=remedy)


def check_memory() -> Check:
    """Memory that is available now, swap not counted."""
    free_gb = psutil.virtual_memory().available / 1e9
    enough = free_gb >= MIN_FREE_MEMORY_GB
    remedy = "" if enough else "close other programs, or set engine.kv_cache_gb and resources.object_store_mb lower"
    return Check("memory", ok=enough, detail=f"{free_gb:.1f} GB available", remedy=remedy)
