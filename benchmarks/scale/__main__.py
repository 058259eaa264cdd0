"""What a document costs without its reading and answering, two codes in one go.

`python -m benchmarks.scale --base DIR`: DIR is a checkout of the code to compare with. Without it only this code is
measured. Figures of a busy machine are good for their ratio alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.common import ROOT
from benchmarks.letters import write_documents
from benchmarks.scale.keys import write_output
from benchmarks.scale.runs import MIB, Measured, measure, run_command
from benchmarks.workplace import PROGRAM, Workplace, workplace

SECTIONS = ("runs", "memory", "keys")


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, help="a checkout of the code to compare with")
    parser.add_argument("--documents", type=int, default=10_000, help="small text files of a run")
    parser.add_argument("--more", type=int, default=100_000, help="small text files of the larger run, for memory")
    parser.add_argument("--keys", type=int, default=1_000_000, help="files that an output knows")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], help="a setting of all runs, as in a run")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    wanted = parser.parse_args()
    codes = {"base": wanted.base.resolve()} if wanted.base else {}
    codes["ours"] = ROOT
    with workplace("scale") as place:
        for section in wanted.only:
            for line in _SECTIONS[section](place, codes, wanted):
                print(line, flush=True)


def _runs(place: Workplace, codes: Mapping[str, Path], wanted: argparse.Namespace) -> Iterator[str]:
    found = _both(place, codes, wanted.documents, wanted)
    yield "| code | documents | seconds | documents/s | CPU ms a document | driver MiB, most, last |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, one in found.items():
        yield (
            f"| {name} | {one.documents} | {one.seconds:.1f} | {one.pace:.1f} | {one.cpu_ms:.1f} "
            f"| {one.most / MIB:.0f}, {one.last / MIB:.0f} |"
        )
    if "base" in found:
        pace, cpu = found["ours"].pace / found["base"].pace, found["base"].cpu_ms / found["ours"].cpu_ms
        yield f"{pace:.2f} times the documents a second, CPU time a document {cpu:.2f} times less"


def _memory(place: Workplace, codes: Mapping[str, Path], wanted: argparse.Namespace) -> Iterator[str]:
    """Of our code alone: the other may take hours."""
    ours = {"ours": codes["ours"]}
    few, many = (_both(place, ours, count, wanted)["ours"] for count in (wanted.documents, wanted.more))
    yield (
        f"driver at the end {few.last / MIB:.0f} MiB after {few.documents} documents, {many.last / MIB:.0f} after "
        f"{many.documents}; most {few.most / MIB:.0f} and {many.most / MIB:.0f}; "
        f"{1000 * few.seconds / few.documents:.2f} and {1000 * many.seconds / many.documents:.2f} ms a document"
    )


def _both(place: Workplace, codes: Mapping[str, Path], count: int, wanted: argparse.Namespace) -> dict[str, Measured]:
    folder = place.root / f"in-{count}"
    if not folder.exists():
        write_documents(folder, count, wanted.seed)
    options = [word for one in wanted.set for word in ("--set", one)]
    return {
        name: measure(place, code, count, run_command(folder, place.root / f"out-{name}-{count}", options))
        for name, code in codes.items()
    }


def _keys(place: Workplace, codes: Mapping[str, Path], wanted: argparse.Namespace) -> Iterator[str]:
    folder, output = place.root / "known", place.root / "known-out"
    write_output(folder, output, wanted.keys)
    yield f"| code | command on {wanted.keys} known files | seconds | driver MiB at most |"
    yield "|---|---|---:|---:|"
    commands: dict[str, Sequence[str]] = {
        "run": run_command(folder, output),
        "status": [PROGRAM, "status", str(output)],
    }
    for name, code in codes.items():
        for command, arguments in commands.items():
            one = measure(place, code, wanted.keys, arguments)
            yield f"| {name} | {command} | {one.seconds:.1f} | {one.most / MIB:.0f} |"


_SECTIONS = {"runs": _runs, "memory": _memory, "keys": _keys}

if __name__ == "__main__":
    main()
