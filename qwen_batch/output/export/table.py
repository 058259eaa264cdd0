"""What of an output is exported: a job's latest rows with the columns of the flat view, and its lists item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from qwen_batch.errors import UsageError
from qwen_batch.output.layout import FAILURES, SKIPPED, open_output, published_files
from qwen_batch.output.text_table import DOCUMENTS, PAGES
from qwen_batch.output.views.flat import INCOMPLETE
from qwen_batch.output.views.reading import read_rows

QUOTES = "__quote"
PAGE_NUMBERS = "__page"
CONFIDENCE = "__confidence"
_NO_JOB = frozenset({FAILURES, SKIPPED, DOCUMENTS, PAGES})
_BATCH_ROWS = 1024
_OF_ITEM = ("document", "source_uri", "number")
_AFTER_ITEM = ("quote", "page", "confidence")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of a list's items; `key` is what it shows of an item, None for all of it."""

    name: str
    type: pa.DataType
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """A column of the flat view that holds a list, as a table of its items.

    `confidence` is the column of the field that the list stands in, if it has one.
    """

    name: str
    leaves: tuple[Leaf, ...]
    quoted: bool
    confidence: str | None

    @property
    def columns(self) -> tuple[Leaf, ...]:
        """The columns of its items: which document and which of them, what it says, and where that stands."""
        text, number = pa.string(), pa.int64()
        after = ((QUOTES, text), (PAGE_NUMBERS, number)) if self.quoted else ()
        last = ((CONFIDENCE, pa.float64()),) if self.confidence else ()
        beside = tuple(Leaf(name.removeprefix("__"), kind) for name, kind in (*after, *last))
        kinds = (text, text, number)
        before = tuple(Leaf(name, kind) for name, kind in zip(_OF_ITEM, kinds, strict=True))
        return (*before, *self.leaves, *beside)

    def items(self, row: Mapping[str, Any]) -> Iterator[list[Any]]:
        """The values of these columns for each item of a row."""
        quotes, pages = (row.get(f"{self.name}{ending}") or [] for ending in (QUOTES, PAGE_NUMBERS))
        for place, item in enumerate(row[self.name] or ()):
            values = [item if leaf.key is None else (item or {}).get(leaf.key) for leaf in self.leaves]
            beside = [_at(quotes, place), _at(pages, place)] if self.quoted else []
            last = [row[self.confidence]] if self.confidence else []
            yield [row["document"], row["source_uri"], place + 1, *values, *beside, *last]


@dataclass(frozen=True, slots=True)
class Exported:
    """A job's rows: `rows` has the columns of the flat view, `lists` are those that hold lists of facts."""

    job: str
    rows: pa.Table
    lists: tuple[ItemList, ...]

    def plain(self) -> Iterator[dict[str, Any]]:
        """The rows one by one."""
        for batch in self.rows.to_batches(max_chunksize=_BATCH_ROWS):
            yield from batch.to_pylist()


def output_to_exported(output: str, job: str | None) -> Exported:
    """Reads the latest rows of a job, or of the only one. Raises UsageError where there is no such job."""
    there = jobs_of(output)
    if not there:
        raise UsageError(f"{output}: no job has a published table", "give the --output of a run that has finished")
    if job is None and len(there) > 1:
        raise UsageError(f"{output}: there are several jobs", f"name one with --job: {', '.join(there)}")
    if job is not None and job not in there:
        raise UsageError(f"{output}: no published table of job {job!r}", f"jobs there: {', '.join(there)}")
    name = job or there[0]
    rows = read_rows(output, name, "flat")
    return Exported(name, rows, tuple(_lists(rows.schema)))


def jobs_of(output: str) -> list[str]:
    """The jobs that have a published table, sorted."""
    return sorted({file.table for file in published_files(open_output(output))} - _NO_JOB)


def _lists(schema: pa.Schema) -> Iterator[ItemList]:
    names = set(schema.names)
    of_lists = {field.name for field in schema if pa.types.is_list(field.type)}
    for field in schema:
        name = field.name
        beside = any(name.endswith(end) and name.removesuffix(end) in of_lists for end in (QUOTES, PAGE_NUMBERS))
        if name in of_lists and name != INCOMPLETE and not beside:
            quoted = f"{name}{QUOTES}" in names
            yield ItemList(name, _leaves(field), quoted, _confidence(name, names))


def _leaves(field: pa.Field) -> tuple[Leaf, ...]:
    item = field.type.value_type
    taken = {*_OF_ITEM, *_AFTER_ITEM}
    if not pa.types.is_struct(item):
        return (Leaf(_free(field.name, taken), item),)
    return tuple(Leaf(_free(leaf.name, taken), leaf.type, leaf.name) for leaf in item)


def _free(name: str, taken: set[str]) -> str:
    while name.lower() in taken:
        name = f"result_{name}"
    taken.add(name.lower())
    return name


def _confidence(name: str, names: set[str]) -> str | None:
    """The column of the field that a column belongs to: a list in a model is named after both."""
    while name:
        if f"{name}{CONFIDENCE}" in names:
            return f"{name}{CONFIDENCE}"
        name = name.rpartition("_")[0]
    return None


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else None
