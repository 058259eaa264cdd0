"""Prints what `outcomes` measures: `python -m benchmarks.reading.corpus DATA`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.reading.corpus import outcomes

if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m benchmarks.reading.corpus", description=outcomes.__doc__)
    parser.add_argument("data", type=Path)
    print(outcomes.measure(parser.parse_args().data))
