"""From staged shards to a publication: few files of a sensible size, counted and checked, made visible in one step.

Reads shard after shard, so that memory holds one file's rows and no more. What people decided about a content stands in
every row of it that is published, whoever asked for the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from qwen_batch.output.corrections.kept import Kept, KeptFile, Standing, read_kept, standing
from qwen_batch.output.corrections.onto_table import with_decisions
from qwen_batch.output.format import FileFormat, count_rows
from qwen_batch.output.key_set import KeySet
from qwen_batch.output.layout import CORRECTED, Table, TablePart, corrections_move, run_manifests
from qwen_batch.output.ledger import Ledger, must_add_up
from qwen_batch.output.manifest import KnownTable, Move, Publication, RunFile, RunManifest, RunTable
from qwen_batch.output.tables.columns import with_columns
from qwen_batch.output.tables.known import known_table, new_table, schema_of, with_run
from qwen_batch.output.tables.stamps import next_moment, stamped

MAX_FILE_BYTES = 256 << 20
"""Rows that take more memory than this go into the next file, however few they are."""
SORTED_BY = ("source_uri", "job", "page")


@dataclass(frozen=True, slots=True)
class PublishAs:
    """How rows are published; `catalog` is told of their files."""

    format: FileFormat
    rows_per_file: int
    catalog: str = "plain"


@dataclass(slots=True)
class _Files:
    """The files of one published table, as they are written, with the columns of all runs."""

    part: TablePart
    known: KnownTable
    schema: pa.Schema
    waiting: list[pa.Table] = field(default_factory=list)
    waiting_rows: int = 0
    waiting_bytes: int = 0
    written: list[RunFile] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.written)

    def about(self) -> RunTable:
        """What the run's manifest says of them."""
        return RunTable(
            staged_as=self.known.staged_as,
            format=self.known.format,
            schema_version=self.known.schema_version,
            rows=self.rows,
            files=tuple(self.written),
        )


def publish(
    ledger: Ledger, tables: list[Table], manifest: RunManifest, how: PublishAs, decisions: Sequence[Kept] = ()
) -> dict[str, int]:
    """Publishes all staged rows of the tables as the manifest's run; gives rows by published table.

    New `decisions` of people are published with them, and stand in the rows beside those that the output keeps.
    Raises OutputError, with nothing published, if a key stands in two rows or a file does not hold what it should.
    """
    shards = {table.name: ledger.staged(table) for table in tables}
    keys = _checked_keys(ledger, shards)
    writer = _Writer(ledger, manifest.run_id, how, standing([*read_kept(ledger.store), *decisions]))
    for table in tables:
        writer.compact(table, shards[table.name])
    counts = {files.part.table: files.rows for files in writer.tables}
    for table in tables:
        if table.name in counts:
            must_add_up(
                counts[table.name] == keys[table.name],
                ledger.store.root,
                f"{keys[table.name]} rows of {table.name} are staged, {counts[table.name]} would be published",
            )
    about = {files.part.table: files.about() for files in writer.tables}
    publication = Publication(
        moves=(*(files.part.move for files in writer.tables), *writer.keep(decisions)),
        shards=tuple(shard for paths in shards.values() for shard in paths),
        manifest=manifest.model_copy(update={"published_at": writer.published_at, "rows": counts, "tables": about}),
        known=tuple(files.known for files in writer.tables),
        catalog=how.catalog,
    )
    ledger.commit(publication)
    return counts


def _checked_keys(ledger: Ledger, shards: Mapping[str, list[str]]) -> dict[str, int]:
    """Number of keys by staged table. A key may stand once, and in failures only if it has no row."""
    seen = KeySet()
    counts: dict[str, int] = {}
    for name, paths in shards.items():
        counts[name] = 0
        for path in paths:
            for key in ledger.staged_keys(path):
                must_add_up(
                    seen.add(key.asked()),
                    ledger.store.root,
                    f"{key.job} of {key.source_uri} is staged twice, again in {path}",
                )
                counts[name] += 1
    return counts


class _Writer:
    """Writes a publication's files into its folder, aside of the published ones."""

    def __init__(self, ledger: Ledger, run_id: str, how: PublishAs, standing: Standing) -> None:
        self._ledger = ledger
        self._store = ledger.store
        self._run_id = run_id
        self._how = how
        self._standing = standing
        self.published_at = next_moment(run.published_at or run.finished for run in run_manifests(self._store))
        self.tables: list[_Files] = []

    def compact(self, table: Table, shards: list[str]) -> None:
        """A table's shards as few files; a table without rows becomes one empty file with its schema."""
        empty = table.published(table.schema.empty_table())
        series = {name: self._files(table, name, part.schema) for name, part in empty.items()}
        for shard in shards:
            rows = with_decisions(self._ledger.read_staged(table, shard), self._standing)
            for name, part in table.published(rows).items():
                self._add(series[name], part)
        for files in series.values():
            if files.waiting_rows or not files.written:
                self._write(files, files.waiting_rows)
        self.tables += series.values()

    def keep(self, decisions: Sequence[Kept]) -> list[Move]:
        """Writes the decisions aside, if there are any; gives what shows them."""
        if not decisions:
            return []
        move = corrections_move(self._run_id)
        self._store.put(move.source, KeptFile(run_id=self._run_id, decisions=tuple(decisions)).write)
        return [move]

    def _files(self, table: Table, name: str, schema: pa.Schema) -> _Files:
        run = new_table(name, table.name, self._how.format.name, schema)
        if table.shape == CORRECTED:  # the columns of all runs, not those of a job
            run = run.model_copy(update={"fields": ()})
        known = with_run(known_table(self._store, name), run)
        return _Files(TablePart(name, self._run_id), known, schema_of(known))

    def _add(self, files: _Files, rows: pa.Table) -> None:
        rows = with_columns(rows, files.schema)
        files.waiting.append(rows)
        files.waiting_rows += len(rows)
        files.waiting_bytes += rows.nbytes
        while files.waiting_rows >= self._how.rows_per_file:
            self._write(files, self._how.rows_per_file)
        if files.waiting_bytes >= MAX_FILE_BYTES:
            self._write(files, files.waiting_rows)

    def _write(self, files: _Files, count: int) -> None:
        """The first `count` of the waiting rows as one file."""
        rows = pa.concat_tables(files.waiting) if files.waiting else files.schema.empty_table()
        rest = rows.slice(count)
        files.waiting, files.waiting_rows, files.waiting_bytes = [rest], len(rest), rest.nbytes
        rows = rows.slice(0, count)
        rows = stamped(rows, self._run_id, self.published_at)
        rows = rows.sort_by([(key, "ascending") for key in SORTED_BY if key in rows.schema.names])
        form = self._how.format
        name = files.part.file(len(files.written), form.extension)
        path = f"{files.part.prepared}/{name}"
        self._store.put(path, partial(form.write, rows))
        found = count_rows(self._store, path, form)
        must_add_up(found == len(rows), self._store.root, f"{path} holds {found} rows, not {len(rows)}")
        files.written.append(RunFile(path=f"{files.part.folder}/{name}", rows=len(rows)))
