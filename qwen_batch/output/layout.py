"""Every path of an output, and which files of it count. No other module knows one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from qwen_batch.storage.places import Store

FAILURES = "failures"


STAGING = ".staging"


PUBLISHING = f"{STAGING}/.publishing"


COMMIT = "_commit.json"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the output: `shape` tells apart staged rows that may not be mixed.

    `split` makes of the staged rows the published tables by name, for rows that hold others (a document its pages):
    staged together they are whole or not there. Without it the rows are published as they are.
    """

    name: str
    shape: str
    schema: pa.Schema
    split: Callable[[pa.Table], Mapping[str, pa.Table]] | None = None

    def published(self, rows: pa.Table) -> Mapping[str, pa.Table]:
        """Staged rows as those of the published tables."""
        return self.split(rows) if self.split else {self.name: rows}


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a published table; `staged_as` is the table whose rows it was split from, or its own.

    `path` is relative to the output.
    """

    table: str
    staged_as: str
    run_id: str
    format: str
    path: str


def published_files(store: Store) -> Iterator[PublishedFile]:
    """All published files of an output, of every run that reached its manifest."""
    entries = [entry.path for entry in store.files() if not entry.path.startswith(".")]
    committed = {path.removeprefix("_runs/").removesuffix(".json") for path in entries if path.startswith("_runs/")}
    for path in entries:
        folder, _, name = path.rpartition("/")
        if not (name.startswith("_manifest") and name.endswith(".json")):
            continue
        content = json.loads(store.read(path))
        if content.get("run_id") not in committed:
            continue
        for file in content["files"]:
            yield PublishedFile(
                content["table"], content["staged_as"], content["run_id"], content["format"], f"{folder}/{file['name']}"
            )
