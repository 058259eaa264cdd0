"""Groups: a thousand documents in fifty folders, members that fail, one that changes, and the driver's memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.faults.tables import Result, say
from benchmarks.workplace import PROGRAM, Ended, Workplace, workplace
from qwen_batch.output.views.reading import latest_records

DOCUMENTS_A_GROUP = 20
LARGE_GROUP = 400
FAIL_EVERY = 97
"""Of the documents one in so many is an empty file."""
SAMPLE_EVERY_S = 1.0
MAX_GROWTH_MIB = 100.0
"""What the driver may take more from its first sample with groups to its last."""
MIB = 1 << 20
MEMBER_JOB = """
from pydantic import BaseModel, Field
from qwen_batch import Job

class Words(BaseModel):
    words: str = Field(max_length=40)

JOB = Job(name="words", schema=Words, instruction="Say it in a few words.")
"""
GROUP_JOB = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import FromMembers, Job

class Folder(BaseModel):
    documents: Annotated[int, FromMembers("count")] = 0
    words: str = Field(max_length=40)

JOB = Job(name="folders", schema=Folder, instruction="Say it in a few words.", of="words", over="folder")
"""


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder of documents in groups, an output and the jobs."""

    place: Workplace

    @property
    def documents(self) -> Path:
        return self.place.root / "in"

    @property
    def output(self) -> Path:
        return self.place.root / "out"

    def write(self, documents: int, a_group: int) -> None:
        """Small documents, so many a folder; some are empty files."""
        for number in range(documents):
            path = self.documents / f"{number // a_group:04}" / f"{number:06}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("" if number % FAIL_EVERY == 1 else f"Document {number} is about {number * 7}.\n" * 20)
        for name, text in (("words", MEMBER_JOB), ("folders", GROUP_JOB)):
            (self.place.root / f"{name}.py").write_text(text)

    def run(self, rss: list[int] | None = None) -> Ended:
        """One run of the group job; `rss` gets the driver's resident memory while groups are asked."""
        quiet = ("--no-progress", "--set", "engine.kind=null", "--set", "cache.enabled=false")
        job = str(self.place.root / "folders.py")
        run = self.place.start_program([PROGRAM, "run", job, str(self.documents), "--output", str(self.output), *quiet])
        driver = psutil.Process(run.process.pid)
        while run.running():
            if rss is not None and (self.output / ".staging" / "folders").exists():
                rss.append(driver.memory_info().rss)
            time.sleep(SAMPLE_EVERY_S if rss is None else SAMPLE_EVERY_S / 10)
        return run.wait()

    def rows(self) -> list[dict[str, Any]]:
        return latest_records(self.output, "folders")


def measure(documents: int) -> Iterator[Result]:
    """Many groups, and one large one."""
    yield _measure(documents, DOCUMENTS_A_GROUP)
    yield _measure(LARGE_GROUP, LARGE_GROUP)


def _measure(documents: int, a_group: int) -> Result:
    groups = -(-documents // a_group)
    result = Result(f"{documents} documents in {groups} groups", tries=3)
    with workplace("groups") as root:
        place = _Place(root)
        place.write(documents, a_group)
        rss: list[int] = []
        ended = place.run(rss)
        failed = sum(number % FAIL_EVERY == 1 for number in range(documents))
        result.must(ended.code == (3 if failed else 0), f"exit {ended.code}: {ended.last_words}")
        rows = place.rows()
        result.must(len(rows) == groups, f"{len(rows)} rows, not {groups}")
        members = sum(row["result"]["documents"] for row in rows)
        result.must(members == documents - failed, f"{members} members, not {documents - failed}")
        named = sum(len(row["failed_members"]) for row in rows)
        result.must(named == failed, f"{named} failed members are named, not {failed}")
        result.remarks.append(f"{ended.seconds:.0f} s, {failed} members that failed are named")
        rss = [size for size in rss if size]  # none as it ends
        if rss:
            growth = (rss[-1] - rss[0]) / MIB
            result.must(growth <= MAX_GROWTH_MIB, f"the driver grew by {growth:.0f} MiB among groups")
            result.remarks.append(f"driver {max(rss) / MIB:.0f} MiB, grew by {growth:.0f} among groups")
        say("groups", f"{ended.seconds:.0f} s")
        again = place.run()
        result.must("nothing new" in again.stdout, f"the rerun: {again.stdout}")
        result.remarks.append(f"rerun {again.seconds:.0f} s")
        (place.documents / "0000" / "000000.txt").write_text("Another document.\n")
        changed = place.run()
        result.must("folders: 1 rows" in changed.stdout, f"one changed: {changed.stdout}")
        result.remarks.append("one changed: its group alone")
    return result
