"""What an output knows of its tables, `_tables/<table>.json`, and what of a new run does not go with it.

The file is written by each publication just before its run counts. For an output of an earlier version, which has
none, the columns are those of its files: JSON Lines keep no types, so these are guessed until the table's job runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from qwen_batch.errors import OutputError, UsageError
from qwen_batch.output.format import FORMATS, read_schema
from qwen_batch.output.layout import FAILURES, SKIPPED, PublishedFile, Table, known_path, known_tables, published_files
from qwen_batch.output.manifest import KnownColumn, KnownTable
from qwen_batch.output.record_table import FAILURE_SCHEMA, JOB_COLUMNS
from qwen_batch.output.skip_table import SKIPPED_SCHEMA
from qwen_batch.output.tables.columns import NoCommonType, joined
from qwen_batch.output.tables.type_text import arrow_to_json, duckdb_type, json_to_arrow
from qwen_batch.output.text_table import DOCUMENTS, DOCUMENTS_SCHEMA, PAGES, PAGES_SCHEMA
from qwen_batch.storage.places import Store
from qwen_batch.value_paths import EACH, key_path

FIXED = {FAILURES: FAILURE_SCHEMA, SKIPPED: SKIPPED_SCHEMA, DOCUMENTS: DOCUMENTS_SCHEMA, PAGES: PAGES_SCHEMA}
"""Tables of no job, whose columns are ours."""
ANOTHER = "take another --output"


def known_table(store: Store, table: str) -> KnownTable | None:
    """What the output says of a table; None if no run published it, or only runs of an earlier version."""
    path = known_path(table)
    return KnownTable.from_json(store.read(path), store.uri(path)) if store.exists(path) else None


def put_known(store: Store, known: KnownTable) -> None:
    """Writes the file, if it says anything new."""
    path = known_path(known.table)
    if not store.exists(path) or store.read(path) != known.to_json():
        store.put(path, known.write)


def schema_of(known: KnownTable) -> pa.Schema:
    """The columns of all of a table's runs. Raises OutputError for a type that this version does not know."""
    try:
        return pa.schema([(column.name, json_to_arrow(column.arrow)) for column in known.columns])
    except ValueError as error:
        raise OutputError(f"{known_path(known.table)}: {error}", "read it with the version that wrote it") from None


def table_of_files(store: Store, files: Sequence[PublishedFile]) -> KnownTable:
    """What the output knows of the table of these files, or what the files say of it.

    Raises OutputError if two files have types that nothing joins.
    """
    first = files[0]
    if known := known_table(store, first.table):
        return known
    schemas = [(read_schema(store, file.path, form), form) for file in files for form in [FORMATS.load(file.format)]]
    typed = [schema for schema, form in schemas if form.keeps_types]
    guessed = [schema for schema, form in schemas if not form.keeps_types]
    try:
        declared = joined([FIXED.get(first.table, JOB_COLUMNS), *typed])
        union = joined([declared, joined(guessed)], untyped=True)
    except NoCommonType as error:
        raise OutputError(
            f"{store.root}: {first.table}: {error.path} is {error.one} in some files and {error.other} in others",
            f"read the files of each run by themselves; for new runs {ANOTHER}",
        ) from None
    return KnownTable(
        table=first.table,
        staged_as=first.staged_as,
        format=files[-1].format,
        schema_version=1,
        columns=columns_of_schema(union),
        guessed=bool(guessed) and first.table not in FIXED,
    )


def with_run(known: KnownTable | None, run: KnownTable) -> KnownTable:
    """The table after a run that has the columns of `run`. Raises NoCommonType."""
    if known is None:
        return run
    own, before = schema_of(run), schema_of(known)
    union = joined([own, before], untyped=True) if known.guessed else joined([before, own])
    columns = columns_of_schema(union)
    version = known.schema_version + (columns != known.columns)
    fields = {"fields": run.fields} if run.fields else {}
    changes = {"format": run.format, "schema_version": version, "columns": columns, "guessed": False, **fields}
    return known.model_copy(update=changes)


def new_table(table: str, staged_as: str, file_format: str, schema: pa.Schema) -> KnownTable:
    """A table as its first run makes it."""
    columns = columns_of_schema(schema)
    known = KnownTable(table=table, staged_as=staged_as, format=file_format, schema_version=1, columns=columns)
    fields = tuple(_leaves(schema.field("result").type, "")) if "result" in schema.names else ()
    return known.model_copy(update={"fields": fields}) if fields else known


def _leaves(kind: pa.DataType, path: str) -> Iterator[str]:
    if pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(field.type, key_path(path, field.name))
    elif pa.types.is_list(kind):
        yield from _leaves(kind.value_type, path + EACH)
    else:
        yield path


def columns_of_schema(schema: pa.Schema) -> tuple[KnownColumn, ...]:
    """Columns with their types as text."""
    return tuple(
        KnownColumn(name=field.name, arrow=arrow_to_json(field.type), duckdb=duckdb_type(field.type))
        for field in schema
    )


def prefer(store: Store, fingerprints: Mapping[str, str]) -> None:
    """Notes the present settings of these staged tables, for those that were split from them too."""
    for name in known_tables(store):
        known = known_table(store, name)
        if known and known.staged_as in fingerprints:
            put_known(store, known.model_copy(update={"job_fingerprint": fingerprints[known.staged_as]}))


def check_run(store: Store, file_format: str, tables: Iterable[Table]) -> None:
    """Raises UsageError or OutputError if a run that makes these tables in this format does not go with what is there.

    Reads only, and writes nothing.
    """
    files = list(published_files(store))
    formats = sorted({file.format for file in files})
    if len(formats) > 1:
        raise OutputError(
            f"{store.root}: it has tables in {' and in '.join(formats)}, and readers of a table see only one of them",
            f"read it with qwen_batch.read_rows; for new runs {ANOTHER}",
        )
    if formats and formats != [file_format]:
        raise UsageError(
            f"{store.root}: its tables are in {formats[0]}, this run's would be in {file_format}",
            f"say --format {formats[0]}, or {ANOTHER}",
        )
    for table in tables:
        for name, rows in table.published(table.schema.empty_table()).items():
            mine = [file for file in files if file.table == name]
            if mine:
                run = new_table(name, table.name, file_format, rows.schema)
                _check_columns(store, table_of_files(store, mine), run)


def _check_columns(store: Store, known: KnownTable, run: KnownTable) -> None:
    try:
        with_run(known, run)
    except NoCommonType as error:
        before, now = (error.other, error.one) if known.guessed else (error.one, error.other)
        raise UsageError(
            f"{store.root}: {run.table}: {error.path} is {before} in runs before, {now} in this one",
            f"give the field another name, or {ANOTHER}",
        ) from None
