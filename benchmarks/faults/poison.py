"""Documents that kill, hang or devour the process that reads them: three failures, and all others fine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.faults.setting import FINISHED, local_setting
from benchmarks.faults.tables import Result, difference, published, say
from benchmarks.letters import write_documents

OPTIONS = ("--set", "read.timeout_s=15", "--set", "read.memory_mb=700")
FAKE = "reading_as_named"
CODES = {"kills.txt": "crashed", "hangs.txt": "timeout", "devours.txt": "out_of_memory"}
"""What tests/faults/reading_as_named.py does by a document's name, and the failure that it must become."""


def measure(documents: int, seed: int) -> Result:
    """One run over good documents and the three deadly ones."""
    result = Result("documents that kill, hang, devour")
    with local_setting("documents", documents, seed, OPTIONS, _write) as setting:
        output = setting.output("deadly")
        ended = setting.place.start(replace(setting.into(output), fakes=(FAKE,))).wait()
        table = published(output)
        codes = {name: table.failure_codes(name) for name in CODES}
        say(result.fault, f"{ended.seconds:.1f} s, exit {ended.code}, {codes}")
        result.must(ended.code in FINISHED, f"exit {ended.code}: {ended.last_words}")
        for name, code in CODES.items():
            result.must(codes[name] == [code], f"{name} must be one failure with the code {code}, not {codes[name]}")
        result.add(difference(table.without(CODES), setting.reference.without(CODES)))
        result.must(table.keys.total() == setting.reference.keys.total(), "not one row or failure for each document")
        result.remarks.append(", ".join(f"{name}: {', '.join(found)}" for name, found in codes.items()))
        result.remarks.append(f"{ended.seconds:.0f} s, undisturbed {setting.undisturbed.seconds:.0f} s")
    return result


def _write(folder: Path, count: int, seed: int) -> None:
    """In the undisturbed run the deadly ones are read like any text."""
    write_documents(folder, count, seed)
    for name in CODES:
        (folder / name).write_text(f"A document called {name}.\n")
