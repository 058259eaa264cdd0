"""Odd, broken, encrypted, looping and huge PDFs through the read stage: how each ends, its time, the child's memory.

    python -m benchmarks.reading.robust ../shared/data
    python -m benchmarks.reading.robust ../shared/data --documents 2000

Without --documents: all of DATA/robust, in a child process with limits, as a run reads it, without the cache. What
Poppler does with the same files (DATA/robust/facts_dev.jsonl) is not the truth: disagreements are listed for a person.
With --documents: so many reads in a row of small contracts, this project's samples and photographed receipts; the
memory of this process and of its child, first in one child that is never replaced, then as a run replaces it.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import linear_regression

from benchmarks.common import SAMPLES, path_to_document
from benchmarks.reading.setting import CONFIG
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import ReadTools, make_tools, read_stage
from qwen_batch.reading.isolate import isolator as isolate
from qwen_batch.reading.parts.reader import ReadResult

TIME_SLACK_S = 1
"""What ending a child and starting the next one may add to the time limit."""
POPPLER_PAGES = 5
"""The facts count the characters of so many pages."""
MIN_CHARS = 20
"""A page number alone is no text to disagree about."""
MAX_SMALL_BYTES = 60_000
PHOTOS = 5
SAMPLE_EVERY = 200
LEAST_SAMPLES = 3
"""The first one is left out."""
KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended: `code` is "text", "text, OCR to come" or the failure's; `peak_mib` the child's peak RSS."""

    name: str
    code: str
    message: str
    pages: int
    chars: int
    seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Poppler:
    """What Poppler does with a file: `error` is empty if it opens it; `chars` are those of POPPLER_PAGES pages."""

    error: str
    encrypted: bool
    pages: int
    chars: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in KiB after so many documents."""

    documents: int
    parent_kib: int
    child_kib: int
    child_pid: int


def measure(data: Path) -> str:
    """Markdown: files by outcome, the slowest, the largest, those over a limit, disagreements with Poppler."""
    folder = data / "robust"
    facts = _poppler(folder / "facts_dev.jsonl")
    tools = make_tools(CONFIG)
    with tools.isolator:
        outcomes = [_outcome(path, folder, tools) for path in robust_files(folder)]
    ended_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB_PER_MIB
    by_code = Counter(outcome.code for outcome in outcomes)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    largest = max(outcomes, key=lambda outcome: outcome.peak_mib)
    limits = CONFIG.read
    over = [
        item.name
        for item in outcomes
        if item.seconds > limits.timeout_s + TIME_SLACK_S or item.peak_mib > limits.memory_mb
    ]
    return "\n".join(
        [
            f"Odd and broken PDFs: {len(outcomes)} files, {sum(outcome.seconds for outcome in outcomes):.1f} s in all",
            "",
            "| outcome | files |",
            "|---|---:|",
            *(f"| {code} | {count} |" for code, count in by_code.most_common()),
            "",
            f"- slowest: {slowest.name}, {slowest.seconds:.2f} s ({slowest.code})",
            f"- most memory: {largest.name}, {largest.peak_mib:.0f} MiB; any child that ended: {ended_mib:.0f} MiB",
            f"- over {limits.timeout_s:g} s or {limits.memory_mb} MiB: {', '.join(over) or 'none'}",
            "",
            "| file | Poppler | ours |",
            "|---|---|---|",
            *_disagreements(outcomes, facts),
        ]
    )


def robust_files(folder: Path) -> list[Path]:
    """The documents of DATA/robust, without licences and facts."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".pdf", ".fuzz"})


def _outcome(path: Path, folder: Path, tools: ReadTools) -> Outcome:
    forget_peak(tools)
    started = time.monotonic()
    result = read_stage(path_to_document(path), tools)
    seconds = time.monotonic() - started
    peak_mib = child_status_kib(tools)["VmHWM"] / KIB_PER_MIB
    name = str(path.relative_to(folder))
    if isinstance(result, Failure):
        return Outcome(name, result.code, result.message, 0, 0, seconds, peak_mib)
    code = "text, OCR to come" if any(page.needs_ocr for page in result.pages) else "text"
    return Outcome(name, code, "", len(result.pages), _chars(result), seconds, peak_mib)


def _chars(result: ReadResult) -> int:
    return sum(len(line.text) for page in result.pages[:POPPLER_PAGES] for line in page.lines)


def _poppler(path: Path) -> dict[str, Poppler]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {
        row["file"].removeprefix("robust/"): Poppler(
            row["pdfinfo_err"].strip().splitlines()[-1] if row["pdfinfo_rc"] else "",
            bool(row["encrypted"]) or row["class"] == "enc",
            row["pages"] or 0,
            row["chars_first5p"] or 0,
        )
        for row in rows
    }


def _disagreements(outcomes: Sequence[Outcome], facts: dict[str, Poppler]) -> Iterator[str]:
    for outcome in outcomes:
        theirs = facts.get(outcome.name)
        if theirs is None or not _disagree(outcome, theirs):
            continue
        poppler = theirs.error or f"{theirs.pages} pages, {theirs.chars} characters"
        ours = outcome.message or f"{outcome.pages} pages, {outcome.chars} characters"
        yield f"| {outcome.name} | {poppler} | {outcome.code}: {ours} |"


def _disagree(ours: Outcome, theirs: Poppler) -> bool:
    if ours.message or theirs.error:
        return not (ours.message and theirs.error)
    return ours.pages != theirs.pages or (ours.code == "text" and ours.chars < MIN_CHARS <= theirs.chars)


def measure_memory(data: Path, documents: int) -> str:
    """Markdown: resident memory every SAMPLE_EVERY documents, and its slope, in one child and in several."""
    if documents < LEAST_SAMPLES * SAMPLE_EVERY:
        raise SystemExit(f"a slope needs at least {LEAST_SAMPLES * SAMPLE_EVERY} documents")
    files = _small_files(data)
    usual = isolate.MAX_CALLS_PER_CHILD
    blocks = [f"{documents} documents in a row: {len(files)} files, again and again", ""]
    for title, calls in (("One child for all", documents * 2), (f"A new child every {usual} calls", usual)):
        isolate.MAX_CALLS_PER_CHILD = calls
        blocks += [title, "", *_memory_table(_watch(files, documents)), ""]
    isolate.MAX_CALLS_PER_CHILD = usual
    return "\n".join(blocks)


def _small_files(data: Path) -> list[Path]:
    contracts = [path for path in (data / "cuad").rglob("*.[pP][dD][fF]") if path.stat().st_size < MAX_SMALL_BYTES]
    samples = [path for path in SAMPLES.rglob("*") if path.is_file() and path.parent.name != "bad"]
    return sorted([*contracts, *samples, *sorted((data / "sroie").rglob("*.jpg"))[:PHOTOS]])


def _watch(files: Sequence[Path], documents: int) -> list[Memory]:
    taken = []
    tools = make_tools(CONFIG)
    with tools.isolator:
        for number, path in enumerate(islice(cycle(files), documents), start=1):
            result = read_stage(path_to_document(path), tools)
            if isinstance(result, Failure):
                raise SystemExit(f"{path}: {result.code}: {result.message}")
            if number % SAMPLE_EVERY == 0:
                child = child_status_kib(tools)
                own = _kib(Path("/proc/self/status").read_text("ascii"))
                taken.append(Memory(number, own["VmRSS"], child["VmRSS"], child["Pid"]))
    return taken


def forget_peak(tools: ReadTools) -> None:
    """Lets the kernel count the child's peak from now on."""
    tools.isolator.call(Path.write_text, Path("/proc/self/clear_refs"), "5")


def child_status_kib(tools: ReadTools) -> dict[str, int]:
    """What the kernel says of the reading child: VmHWM is its peak, VmRSS what it holds, Pid its number."""
    return _kib(tools.isolator.call(Path.read_text, Path("/proc/self/status"), "ascii"))


def _kib(status: str | isolate.Crash) -> dict[str, int]:
    if isinstance(status, isolate.Crash):
        raise SystemExit(f"the child cannot say what it uses: {status.message}")
    lines = (line.split() for line in status.splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB" or words[0] == "Pid:"}


def _memory_table(taken: Sequence[Memory]) -> Iterator[str]:
    yield "| documents | this process, MiB | child, MiB | child's pid |"
    yield "|---:|---:|---:|---:|"
    for item in taken:
        own, child = item.parent_kib / KIB_PER_MIB, item.child_kib / KIB_PER_MIB
        yield f"| {item.documents} | {own:.1f} | {child:.1f} | {item.child_pid} |"
    yield ""
    lives = defaultdict(list)
    for item in taken[1:]:  # the first reads import what reading needs
        lives[item.child_pid].append((item.documents, item.child_kib))
    yield f"- this process: {_slope([(item.documents, item.parent_kib) for item in taken[1:]])} KiB a document"
    slopes = (_slope(points) for points in lives.values() if len(points) > 1)
    yield f"- child, in one life: {', '.join(slopes)} KiB a document"


def _slope(points: Sequence[tuple[int, int]]) -> str:
    return f"{linear_regression(*zip(*points, strict=True)).slope:.2f}"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--documents", type=int, help="read so many in a row and watch the memory")
    arguments = parser.parse_args()
    print(measure_memory(arguments.data, arguments.documents) if arguments.documents else measure(arguments.data))


if __name__ == "__main__":
    main()
