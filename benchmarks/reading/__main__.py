"""All that is measured of reading, in one run: `python -m benchmarks.reading DATA [--only SECTION ...] [--jobs N]`.

DATA is the folder of real documents. Each section is a program of its own (`python -m benchmarks.reading.SECTION`),
which says what it compares with what; both sides read the same files on the same cores. Prints Markdown for
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks.reading import cells, decision, headers, kept, large, ocr, robust, speed
from benchmarks.reading.corpus import outcomes
from benchmarks.reading.others import beside

PACKAGES = ("pypdfium2", "pdfplumber", "pillow", "rapidfuzz")


def sections(data: Path, jobs: int, limit: int | None) -> dict[str, Callable[[], str]]:
    """The measurements by name."""
    return {
        "headers": lambda: headers.measure(data),
        "kept": lambda: kept.measure(data),
        "decision": lambda: decision.measure(data),
        "cells": lambda: cells.measure(data),
        "speed": lambda: speed.measure(data, limit),
        "robust": lambda: robust.measure(data),
        "ocr": lambda: ocr.measure(data, jobs, limit),
        "corpus": lambda: outcomes.measure(data),
        "large": large.measure,
        "others": lambda: beside.measure(data, limit),
    }


def main() -> None:
    """Runs the sections asked for, all by default."""
    parser = argparse.ArgumentParser("python -m benchmarks.reading", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(sections(Path(), 1, None)))
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--limit", type=int, help="files or pages of each set, for a quick look")
    arguments = parser.parse_args()
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}, {arguments.jobs} jobs")
    for name, measure in sections(arguments.data, arguments.jobs, arguments.limit).items():
        if not arguments.only or name in arguments.only:
            print(f"\n## {name}\n\n{measure()}", flush=True)


if __name__ == "__main__":
    main()
