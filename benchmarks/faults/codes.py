"""Commands that only look, or find nothing to do, called again and again: each must end with a code of the table.

pyarrow's threads once aborted such a process as it ended, in most calls and after its answer had been printed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.setting import FINISHED
from benchmarks.faults.tables import Result, say
from benchmarks.letters import write_documents
from benchmarks.workplace import PROGRAM, Command, Workplace, workplace
from qwen_batch.errors import EXIT_CODES, EXIT_FATAL, EXIT_LOCKED, EXIT_OK, EXIT_USAGE

AT_A_TIME = 2
NO_TOOL = (EXIT_OK, EXIT_FATAL)
"""`doctor` fails where something is missing, which is for the machine to say."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command, the codes that it may end with here, and how many of it run side by side."""

    name: str
    arguments: Sequence[str]
    codes: tuple[int, ...] = (EXIT_OK,)
    at_a_time: int = AT_A_TIME


def measure(documents: int, times: int, seed: int) -> Iterator[Result]:
    """A line for each command and format."""
    with workplace("codes") as place:
        write_documents(place.root / "in", documents, seed)
        for form in ("parquet", "jsonl"):
            run = Command(str(place.root / "in"), str(place.root / form), ("--format", form))
            made = place.start(run).wait()
            place.tidy()
            if made.code not in FINISHED:
                raise RuntimeError(f"the first run ended with {made.code}: {made.last_words}")
            for call in _calls(place, run):
                yield _called(place, f"{call.name}, {form}", call, times)


def _calls(place: Workplace, run: Command) -> Iterator[Call]:
    source = min(path.name for path in Path(run.source).rglob("*") if path.is_file())
    gold = place.root / "gold.jsonl"
    gold.write_text(json.dumps({"source": source, "fields": {"summary": None}}) + "\n")
    yield Call("status", [PROGRAM, "status", run.output])
    yield Call("status --json", [PROGRAM, "status", run.output, "--json"])
    yield Call("retry --code nope", [PROGRAM, "retry", run.output, "--code", "nope"], (EXIT_USAGE,))
    yield Call("eval", [PROGRAM, "eval", str(gold), run.output])
    yield Call("doctor", [PROGRAM, "doctor", "--set", "engine.kind=null"], NO_TOOL)
    yield Call("jobs list", [PROGRAM, "jobs", "list"])
    yield Call("run, nothing new", run.arguments(), at_a_time=1)
    yield Call("run, two at a time", run.arguments(), (EXIT_OK, EXIT_LOCKED))


def _called(place: Workplace, name: str, call: Call, times: int) -> Result:
    result = Result(name)
    found: Counter[int] = Counter()
    while result.tries < times:
        together = [place.start_program(call.arguments) for _ in range(min(call.at_a_time, times - result.tries))]
        for ended in [run.wait() for run in together]:
            result.tries += 1
            found[ended.code] += 1
            result.must(ended.code in EXIT_CODES, f"exit {ended.code} is in no table: {ended.last_words}")
            result.must(ended.code in call.codes, f"exit {ended.code}, not {call.codes}: {ended.last_words}")
    result.remarks.append(", ".join(f"{count} x exit {code}" for code, count in sorted(found.items())))
    say(result.fault, result.remarks[-1])
    return result
