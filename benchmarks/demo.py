"""How right are the answers of `make demo`? Right, wrong, invented and missed values against data/gold/demo.jsonl.

    python -m benchmarks.demo out/demo out/demo-2
    python -m benchmarks.demo --runs 3 --out DIR

Every value counts that gold has, and every one that a row has where gold has none: a share is the right ones of all of
these. The second form makes the runs too. Ends with 1 where a run is below `--least`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.common import ROOT
from qwen_batch.evaluate.evaluation import evaluate_output
from qwen_batch.evaluate.measures import Counts
from qwen_batch.evaluate.score import DocumentScore

GOLD = ROOT / "data" / "gold" / "demo.jsonl"
JOB = "contract_basics"
LEAST = 0.9


def share(counts: Counts) -> float:
    """Right values of all that gold has or a row has."""
    return counts.right / max(1, counts.right + counts.errors)


def judge(output: Path) -> Counts:
    """Prints what is not right in a demo's output, and its counts."""
    scores = evaluate_output(GOLD, str(output), JOB, ROOT / "jobs").scores
    print(f"{output}")
    for document in scores.documents:
        for line in mistakes(document):
            print(f"  {line}")
    counts = scores.counts
    print(
        f"  {counts.right + counts.wrong + counts.missed} values in gold: {counts.right} right, {counts.wrong} wrong, "
        f"{counts.spurious} invented, {counts.missed} missed: {share(counts):.1%}"
    )
    return counts


def mistakes(document: DocumentScore) -> list[str]:
    """A line a value that is not as gold has it."""
    return [
        f"{Path(document.source).name}: {one.path} {one.outcome}: {one.value!r} for {one.gold!r}"
        for one in document.judgements
        if one.outcome not in ("right", "absent")
    ]


def make_runs(count: int, folder: Path) -> list[Path]:
    """Runs the demo so often, each time into a folder of its own."""
    outputs = [folder / f"run-{number}" for number in range(1, count + 1)]
    for output in outputs:
        environment = os.environ | {"DEMO_OUTPUT": str(output)}
        subprocess.run([sys.executable, str(ROOT / "deploy" / "demo.py")], env=environment, cwd=ROOT, check=True)
    return outputs


def main() -> int:
    """Judges outputs, or makes and judges them; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outputs", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=0, metavar="N", help="make so many runs")
    parser.add_argument("--out", type=Path, help="where they go; a folder that is not there yet")
    parser.add_argument("--least", type=float, default=LEAST)
    options = parser.parse_args()
    if bool(options.runs) == bool(options.outputs) or (options.runs and options.out is None):
        parser.error("name outputs of the demo, or --runs with --out")
    outputs = make_runs(options.runs, options.out.resolve()) if options.runs else options.outputs
    shares = [share(judge(output)) for output in outputs]
    return 0 if all(one >= options.least for one in shares) else 1


if __name__ == "__main__":
    sys.exit(main())
