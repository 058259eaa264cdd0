"""What the JSON files of an output say: of a run, of a table over all runs, of a publication that was decided.

Each file is written and read by the same model here. A file of another version reads too: keys that this version does
not know are kept and written again as they are, keys that it does not have are at their default.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, BinaryIO, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError

from qwen_batch.errors import OutputError

Moment = Annotated[datetime, PlainSerializer(datetime.isoformat)]
"""A time in UTC; in a file in ISO 8601, as Python writes it."""


class Written(BaseModel):
    """A JSON file of an output: only what was set is written, indented for people."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def to_json(self) -> bytes:
        """UTF-8, one key a line."""
        content = self.model_dump(mode="json", exclude_unset=True)
        return json.dumps(content, indent=2, ensure_ascii=False).encode()

    def write(self, file: BinaryIO) -> None:
        """Into an open file."""
        file.write(self.to_json())

    @classmethod
    def from_json(cls, content: bytes, place: str) -> Self:
        """What a file says. Raises OutputError with its place for one that says something else."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise OutputError(
                f"{place}: {where}: {first['msg']}",
                "restore the file from a copy of the output, or take a new --output",
            ) from None


class SourceState(Written):
    """The checkout that the program ran from."""

    commit: str
    dirty: bool


class RunFile(Written):
    """A published file: its path in the output, and its rows."""

    path: str
    rows: int


class RunTable(Written):
    """A run's part of one table: which files it has, in which format and version of the table's columns.

    `staged_as` is the table whose staged rows these were split from, or the table itself.
    """

    staged_as: str
    format: str
    schema_version: int
    rows: int
    files: tuple[RunFile, ...]


class RunManifest(Written):
    """What a run records about itself; its file is written last, and a run without one does not count.

    `published_at` is that of its rows, and `tables` has its files; a run of an earlier version has neither. `left`
    documents were not done because the run had to stop. `jobs` are fingerprints and `job_files` paths by job,
    `job_params` the parameters that were given to it.
    `messages` are what the user was told of the inputs. `execution` is what ran the stages, whatever was set; None
    where nothing had to run. `usage` is None where no engine worked, `source` outside of a checkout. What a run has
    published before its end has the run's id in `part_of`, and neither `counts` nor `usage`.
    """

    run_id: str
    part_of: str | None = None
    started: Moment
    finished: Moment
    published_at: Moment | None = None
    inputs: tuple[str, ...] = ()
    documents: int = 0
    left: int = 0
    counts: dict[str, int] = {}
    usage: dict[str, Any] | None = None
    failures_by_code: dict[str, int] = {}
    skips_by_job: dict[str, int] = {}
    messages: tuple[str, ...] = ()
    jobs: dict[str, str] = {}
    job_files: dict[str, str] = {}
    job_params: dict[str, dict[str, str]] = {}
    model: str | None = None
    engine: dict[str, Any] | None = None
    execution: str | None = None
    config: dict[str, Any] = {}
    versions: dict[str, str] = {}
    source: SourceState | None = None
    rows: dict[str, int] = {}
    tables: dict[str, RunTable] = {}


class KnownColumn(Written):
    """A column of a table over all runs: its type in Arrow, as `tables.type_text` has it, and in DuckDB."""

    name: str
    arrow: Any
    duckdb: str


class KnownTable(Written):
    """What a table is, over all of its runs.

    `staged_as` is the table whose rows its own were split from, or itself. Rows of the settings `job_fingerprint` come
    first among those of one source. `schema_version` counts up when the columns change. Not every file has every
    column. Columns are `guessed` where an earlier version wrote JSON Lines. `fields` are the paths of what the job
    answers at present; of other columns only older rows have values.
    """

    table: str
    staged_as: str
    format: str
    job_fingerprint: str | None = None
    schema_version: int
    guessed: bool = False
    fields: tuple[str, ...] = ()
    columns: tuple[KnownColumn, ...]


class FormerFile(Written):
    """A file in a FormerManifest: its name in its folder, and its rows."""

    name: str
    rows: int


class FormerManifest(Written):
    """What an earlier version wrote beside a run's files of one table. A RunTable says it now."""

    run_id: str
    table: str
    staged_as: str
    format: str
    files: tuple[FormerFile, ...]
    rows: int


class Preferred(Written):
    """What an earlier version wrote beside a table. A KnownTable says it now."""

    staged_as: str
    job_fingerprint: str


class Move(NamedTuple):
    """A file or folder that becomes visible: from where it was prepared to where readers look."""

    source: str
    target: str


class Publication(Written):
    """A publication that is decided: what is moved, which staged shards it makes superfluous, who is told.

    `known` are its tables as they are with it. Its file is the commit. It says all that completing it takes, so that
    another run can.
    """

    moves: tuple[Move, ...]
    shards: tuple[str, ...]
    manifest: RunManifest
    known: tuple[KnownTable, ...] = ()
    catalog: str = "plain"

    @property
    def run_id(self) -> str:
        """The run that made it."""
        return self.manifest.run_id
