"""How right the timeline of a log is, and what it takes, `python -m benchmarks.timeline`: a Markdown table.

Without a model the null engine reads the log: time and memory alone. With `--model DIR` events are found and counted.
`--size` is in MiB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.timeline.made import MIB, MadeLog, write_log
from benchmarks.timeline.score import timeline_score
from qwen_batch.output.views.reading import latest_records

PROGRAM = str(Path(sys.executable).with_name("qwen-batch"))
JOB = "incident_timeline"
HEAD = (
    "| log | lines | events found | extra | without its line | in order | first cause | s | MiB |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
SAMPLE_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds, and the most resident memory of all processes together; shared pages count in each."""

    seconds: float
    peak_mib: float


def run(log: MadeLog, output: Path, engine: list[str]) -> Took:
    """One run of the job, and of the one that it is of. Raises SystemExit where it fails."""
    command = [PROGRAM, "run", JOB, str(log.path), "--output", str(output), "--no-progress", *engine]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(SAMPLE_EVERY_S)
    if process.returncode:
        raise SystemExit(process.stdout.read() if process.stdout else "the run failed")
    return Took(time.monotonic() - began, peak / MIB)


def _resident(pid: int) -> int:
    total = 0
    try:
        for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def line(log: MadeLog, output: Path, took: Took, *, with_model: bool) -> str:
    """A row of the table that is printed."""
    (row,) = latest_records(output, JOB)
    score = timeline_score(log, row)
    said = [
        f"{score.found} of {score.planted} ({score.share:.0%})",
        str(score.extra),
        str(score.uncited),
        "yes" if score.in_order else "NO",
        "yes" if score.cause else "NO",
    ]
    cells = said if with_model else ["-"] * len(said)
    name = f"{log.path.stem}, {log.path.stat().st_size / MIB:.0f} MiB"
    return f"| {name} | {log.lines:,} | {' | '.join(cells)} | {took.seconds:.0f} | {took.peak_mib:,.0f} |"


def main() -> None:
    """Makes the logs, runs the job, scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, nargs="+", default=[5.0], help="MiB of each log")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 4, 8], help="each another incident and style")
    parser.add_argument("--model", help="a model's folder or name; without it the null engine")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    options = parser.parse_args()
    settings = [f"engine.model={options.model}"] if options.model else ["engine.kind=null"]
    engine = [part for one in (*settings, *options.overrides) for part in ("--set", one)]
    print(HEAD)
    for size in options.size:
        for seed in options.seeds:
            with TemporaryDirectory() as folder:
                log = write_log(Path(folder) / f"seed-{seed}.log", seed, size)
                took = run(log, Path(folder) / "out", engine)
                print(line(log, Path(folder) / "out", took, with_model=bool(options.model)), flush=True)


if __name__ == "__main__":
    main()
