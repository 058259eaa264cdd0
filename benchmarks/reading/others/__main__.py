"""Prints what `beside` measures: `python -m benchmarks.reading.others DATA [--limit N]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.reading.others import beside

if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m benchmarks.reading.others", description=beside.__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, help="take only the first N cases")
    arguments = parser.parse_args()
    print(beside.measure(arguments.data, arguments.limit))
