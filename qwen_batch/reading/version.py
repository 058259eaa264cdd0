"""Which version of reading made a text: what it is kept under, and what asks for it anew.

The package is hashed whole, so that no list of its modules can be wrong. Of the modules below it `cjk` alone decides
over text; the others hold values, which the cache takes in with all of them.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from qwen_batch.packages import package_versions
from qwen_batch.reading.ocr.engine import OCR_ENGINES
from qwen_batch.reading.parts.reader import READERS, all_readers

READING = Path(__file__).parent
DIGITS = 16


@cache
def reading_code() -> str:
    """16 hex digits that change with the code that reads, recognises and cleans, a member of another package's too."""
    outside = [f"{plugin.distribution}=={plugin.version}" for plugin in (*READERS.outside(), *OCR_ENGINES.outside())]
    return _digest(code_of(READING), code_of(READING.parent, "cjk.py"), *sorted(outside))


@cache
def reading_version(ocr_engine: str) -> str:
    """16 hex digits that change with that code, with the values it makes, and with the packages that it calls."""
    engine = OCR_ENGINES.load(ocr_engine)
    packages = {*engine.packages, *(package for reader in all_readers() for package in reader.packages)}
    versions = (f"{name}=={version}" for name, version in package_versions(sorted(packages)).items())
    return _digest(reading_code(), code_of(READING.parent, "*.py"), *versions)


def programs_for(suffix: str) -> tuple[str, ...]:
    """The programs outside of this one, as far as installed, that decide what is read of files with a suffix."""
    readers = (reader for reader in all_readers() if suffix in reader.bytes_per_token and reader.programs is not None)
    return tuple(name for reader in readers if reader.programs is not None for name in reader.programs(suffix))


def code_of(folder: Path, pattern: str = "**/*.py") -> str:
    """A digest of the modules of a folder, by name and content. Raises FileNotFoundError where there are none."""
    files = sorted(folder.glob(pattern))
    if not files:
        raise FileNotFoundError(f"{folder}: no module matches {pattern}")
    return _digest(*(f"{file.relative_to(folder)} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:DIGITS]
