"""Ours beside markitdown, docling and unstructured on documents with known right outcomes: how many, and how fast.

    python -m benchmarks.reading.others ../shared/data

The cases lie beside DATA, in `cases/`, and bring their own checks (`check.py`). Every file goes through all sides in
turn, ROUNDS times, so that what else the machine does hits them alike. Ours is `reading.document_to_text` in this
process with its child process, OCR included, without cache and without Ray.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

from benchmarks.common import json_lines
from benchmarks.reading.others.environment import DISTRIBUTIONS, Reading, Tool, environment_python, pinned_version
from benchmarks.reading.setting import CONFIG
from qwen_batch.outcomes import Failure
from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.reading.document_to_text import ReadTools, document_to_text, make_tools
from qwen_batch.records import Document

ROUNDS = 3
ON_ALL = "markitdown"
"""It is asked for every file; the others for those for which they need nothing that they would download."""
NEEDS_DOWNLOAD = re.compile(
    r"spaCy model|cached snapshot|docling-parse|unstructured_inference|unstructured\[(image|pdf)\]|outgoing traffic",
    re.IGNORECASE,
)
UNKNOWN_KIND = re.compile(
    r"not supported|UnsupportedFormat|UnsupportedFileFormat|File format not allowed|No converter attempted",
    re.IGNORECASE,
)
OWN_CHECKS = ("want", "ban", "refused")
"""Regular expressions over text and warnings, written with our Markdown in mind, and failures with a code."""
OURS, DOWNLOAD, UNKNOWN = "ours", "needs what it would download", "has no reader"


@dataclass(frozen=True, slots=True)
class Case:
    """A file and what is right of it."""

    path: Path
    checks: Mapping[str, Any]

    @property
    def words_only(self) -> bool:
        """Whether every check is about words of the plain text alone."""
        return not self.checks.get("special") and not any(self.checks.get(name) for name in OWN_CHECKS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case on one side: `state` is right, wrong, download or unknown kind; `text` if it gave one."""

    case: Case
    state: str
    seconds: float
    text: bool
    ocr: bool


def measure(data: Path, limit: int | None = None) -> str:
    """Markdown: right outcomes and times of each tool beside ours, and what is not compared."""
    folder = data.parent / "cases"
    check = _checks(folder / "check.py")
    rows = [row for row in json_lines(folder / "cases.jsonl") if row.get("special") not in check.BY_EYE]
    cases = [Case((folder / "files" / row["file"]).resolve(), row) for row in rows][:limit]
    others = [Tool(name, environment_python()) for name in DISTRIBUTIONS]
    tools = make_tools(CONFIG)
    documents, discovery_s = _documents(cases)
    with tools.isolator:
        sides = {OURS: lambda path: _ours(documents[str(path)], tools), **{tool.name: tool.read for tool in others}}
        taken = _in_turn(sides, cases)
    for tool in others:
        tool.close()
    outcomes = {
        name: [_outcome(case, readings, check.problems) for case, readings in zip(cases, of_side, strict=True)]
        for name, of_side in taken.items()
    }
    starts = ", ".join(f"{tool.name} {tool.import_s:.1f} s" for tool in others)
    starts += f"; discovery of all files by ours {discovery_s:.1f} s"
    return "\n".join(_report(outcomes, starts))


def _checks(path: Path) -> ModuleType:
    """The program that belongs to the cases, as a module."""
    spec = importlib.util.spec_from_file_location("check", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: no such program")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _documents(cases: Sequence[Case]) -> tuple[dict[str, list[Document]], float]:
    """The documents of each case's file, found at once as a run does, and the seconds that it took."""
    started = time.perf_counter()
    found: dict[str, list[Document]] = {str(case.path): [] for case in cases}
    for document in sources_to_documents(inputs_to_sources(list(found)), {}).documents:
        found[document.archive or document.uri].append(document)
    return found, time.perf_counter() - started


def _ours(documents: Sequence[Document], tools: ReadTools) -> Reading:
    """All documents that a file holds, their texts one after the other, as `check.py` takes them from the tables."""
    started = time.perf_counter()
    results = [document_to_text(document, tools) for document in documents]
    seconds = time.perf_counter() - started
    read = [result for result in results if not isinstance(result, Failure)]
    failures = [(result.code, result.message) for result in results if isinstance(result, Failure)]
    return Reading(
        "\n".join(result.clean.text for result in read),
        tuple(warning for result in read for warning in result.clean.warnings),
        failures[0] if failures and not read else None,
        seconds,
        any(result.clean.ocr_pages for result in read),
    )


def _in_turn(sides: Mapping[str, Callable[[Path], Reading]], cases: Sequence[Case]) -> dict[str, list[list[Reading]]]:
    """Every file through every side, and that ROUNDS times: of each side the readings of each case.

    What a side failed on is not asked again: only texts are timed.
    """
    taken: dict[str, list[list[Reading]]] = {name: [[] for _ in cases] for name in sides}
    for turn in range(ROUNDS):
        for number, case in enumerate(cases):
            for name, read in sides.items():
                readings = taken[name][number]
                if not (readings and readings[-1].failure):
                    readings.append(read(case.path))
            print(f"\rround {turn + 1}, {number + 1} of {len(cases)} cases", end="", file=sys.stderr, flush=True)
    return taken


def _outcome(case: Case, readings: Sequence[Reading], problems: Callable[..., list[str]]) -> Outcome:
    last = readings[-1]
    state = "wrong" if problems(case.checks, last.text, last.warnings, last.failure) else "right"
    if last.failure and NEEDS_DOWNLOAD.search(last.failure[1]):
        state = DOWNLOAD
    elif last.failure and UNKNOWN_KIND.search(last.failure[1]):
        state = UNKNOWN
    return Outcome(case, state, median(one.seconds for one in readings), not last.failure, last.ocr)


def _report(outcomes: Mapping[str, Sequence[Outcome]], starts: str) -> Iterator[str]:
    ours = outcomes[OURS]
    theirs = {name: of_side for name, of_side in outcomes.items() if name != OURS}
    yield f"{len(ours)} cases, {ROUNDS} rounds, all sides in turn. Imports, not counted: {starts}."
    yield f"Ours alone: {_share(ours)} right."
    yield ""
    yield "| tool | compared | right: it | ours | words only | it | ours | timed, no OCR | it, s | ours, s | ratio |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, of_side in theirs.items():
        pairs = [
            (one, own)
            for one, own in zip(of_side, ours, strict=True)
            if name == ON_ALL or one.state not in {DOWNLOAD, UNKNOWN}
        ]
        words = [pair for pair in pairs if pair[0].case.words_only]
        timed = [pair for pair in pairs if pair[0].text and pair[1].text and not pair[1].ocr]
        columns = [f"{len(pairs)}", *_shares(pairs), f"{len(words)}", *_shares(words), _times(timed)]
        yield f"| {name} {pinned_version(name)} | {' | '.join(columns)} |"
    yield ""
    yield "- timed are the files that both gave a text of and none of whose pages ours sent to OCR; ratio is it to ours"
    for name, of_side in theirs.items():
        recognised = [pair for pair in zip(of_side, ours, strict=True) if pair[0].text and pair[1].text and pair[1].ocr]
        yield f"- {name}, files that only ours recognises: {_times(recognised)} (files, it, ours in seconds, ratio)"
    for name, of_side in theirs.items():
        for state in (DOWNLOAD, UNKNOWN):
            kinds = Counter(one.case.path.suffix[1:] for one in of_side if one.state == state)
            told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
            counted = "counted as wrong" if name == ON_ALL else "not compared"
            yield f"- {name}, {state}: {told or 'none'}{f' ({counted})' if told else ''}"
    yield "- Word checks (must, never, once, order, rows) look at the plain text alone. Others are patterns over text"
    yield "  and warnings, which the other tools do not have, written with our Markdown in mind, or ask for a failure."


def _share(outcomes: Sequence[Outcome]) -> str:
    right = sum(one.state == "right" for one in outcomes)
    return f"{right} ({100 * right / len(outcomes):.1f} %)" if outcomes else "none"


def _shares(pairs: Sequence[tuple[Outcome, Outcome]]) -> list[str]:
    return [_share([one for one, _ in pairs]), _share([own for _, own in pairs])]


def _times(pairs: Sequence[tuple[Outcome, Outcome]]) -> str:
    if not pairs:
        return "0 | | | "
    its, ours = (sum(pair[side].seconds for pair in pairs) for side in (0, 1))
    return f"{len(pairs)} | {its:.1f} | {ours:.1f} | {its / ours:.2f}"
