"""What is published, and how it differs from what an undisturbed run published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from qwen_batch.output.layout import (
    FAILURES,
    all_shards,
    publication_folder,
    published_files,
    run_manifests,
    unfinished_publications,
)
from qwen_batch.storage.parquet import count_parquet, read_parquet
from qwen_batch.storage.places import is_s3, open_store

OF_THE_RUN = {"run_id", "processed_at", "published_at"}
"""Columns that differ between any two runs."""
KEY = ("doc_id", "source_uri", "job", "job_fingerprint")


@dataclass(frozen=True, slots=True)
class Published:
    """All published rows: how often each key and each whole row stands, and rows by table and run."""

    keys: Counter[str]
    rows: Counter[str]
    runs: dict[tuple[str, str], int]

    def failure_codes(self, name: str) -> list[str]:
        """The codes under which documents of that file name failed."""
        rows = (json.loads(row) for row in self.rows.elements() if f"/{name}" in row)
        return [row["code"] for table, row in rows if table == FAILURES and row["source_uri"].endswith(f"/{name}")]

    def without(self, names: Iterable[str]) -> Published:
        """The same without the documents of these file names."""
        dropped = tuple(f'/{name}"' for name in names)

        def kept(counter: Counter[str]) -> Counter[str]:
            return Counter(
                {text: count for text, count in counter.items() if not any(name in text for name in dropped)}
            )

        return Published(kept(self.keys), kept(self.rows), self.runs)


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows that a table lacks, has too often, or has with another content than the reference."""

    lost: int
    twice: int
    changed: int

    def __str__(self) -> str:
        return f"lost {self.lost}, twice {self.twice}, changed {self.changed}"


@dataclass(slots=True)
class Result:
    """A scenario's line of the table. `trouble` is all that must not happen beside rows lost or twice."""

    fault: str
    tries: int = 0
    lost: int = 0
    twice: int = 0
    again: str = "-"
    remarks: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        """Whether anything went wrong."""
        return bool(self.lost or self.twice or self.trouble)

    def add(self, difference: Difference) -> None:
        """Counts a try."""
        self.tries += 1
        self.lost += difference.lost
        self.twice += difference.twice
        if difference.changed:
            self.trouble.append(f"{difference.changed} rows differ from the reference")

    def must(self, holds: object, what: str) -> None:
        """Notes what must not be, and says so at once."""
        if not holds:
            self.trouble.append(what)
            say(self.fault, f"WRONG: {what}")


def say(fault: str, line: str) -> None:
    """A line as it happens, for a benchmark that is ended before its table."""
    print(f"{fault}: {line}", flush=True)


def published(output: str) -> Published:
    """Reads every published file of an output."""
    store = open_store(output)
    keys: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    runs: Counter[tuple[str, str]] = Counter()
    for file in published_files(store):
        with store.open(file.path) as opened:
            content = read_parquet(opened).to_pylist()
        runs[file.table, file.run_id] += len(content)
        for row in content:
            keys[json.dumps([row[name] for name in KEY])] += 1
            kept = {name: value for name, value in row.items() if name not in OF_THE_RUN}
            rows[json.dumps([file.table, kept], ensure_ascii=False, sort_keys=True, default=str)] += 1
    return Published(keys, rows, dict(runs))


def difference(found: Published, reference: Published) -> Difference:
    """Key by key first; rows whose key is right may still differ."""
    lost = (reference.keys - found.keys).total()
    twice = (found.keys - reference.keys).total()
    return Difference(lost, twice, max(0, (reference.rows - found.rows).total() - lost))


def unaccounted(output: str) -> list[str]:
    """Files of rows that no run counts, and what is left in staging, after a run has come to its end."""
    store = open_store(output)
    counted = {file.path for file in published_files(store)}
    files = [entry.path for entry in store.files() if entry.path.endswith(".parquet")]
    staged = {shard.path for shard in all_shards(store)}
    return [path for path in files if path not in counted and ("/run=" in path or path in staged)]


def staged_rows(output: str) -> int:
    """Rows that are done and not published."""
    store = open_store(output)
    total = 0
    for shard in all_shards(store):
        with store.open(shard.path) as opened:
            total += count_parquet(opened)
    return total


def phase(output: str) -> str:
    """How far a run was when it was killed."""
    store = open_store(output)
    if publications := unfinished_publications(store):
        return "publishing, decided" if any(one.decided for one in publications) else "publishing, undecided"
    if staged_rows(output):
        return "rows staged"
    return "published" if run_manifests(store) else "no rows yet"


def publishing(output: str) -> bool:
    """Whether a publication is on its way; asked every few milliseconds."""
    if is_s3(output):
        return bool(open_store(output).files(publication_folder()))
    return any(Path(output, publication_folder()).glob("*"))


def markdown(results: list[Result]) -> str:
    """The table of all scenarios."""
    lines = [
        "| fault | tries | rows lost | rows twice | documents done again (share of work) | remarks |",
        "|---|---:|---:|---:|---|---|",
    ]
    for result in results:
        remarks = "; ".join([*result.remarks, *(f"WRONG: {what}" for what in result.trouble)])
        lines.append(
            f"| {result.fault} | {result.tries} | {result.lost} | {result.twice} | {result.again} | {remarks} |"
        )
    return "\n".join(lines)
