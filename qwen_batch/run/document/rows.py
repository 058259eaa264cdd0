"""Lists that are taken from a document's tables: which they are, what is asked for them, and what is taken in the end.

Tables are found anew at each stage, for what finds them is quicker than what would carry them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from pydantic import TypeAdapter, ValidationError

from qwen_batch.asking.rows.layouts import Asking, Layout, layout_prompt, table_layouts, with_told
from qwen_batch.asking.rows.numbered import numbered_items
from qwen_batch.asking.rows.tables import document_tables
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.evidence.by_code.rows import TableColumns, TakenRows, take_rows, with_rows
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.definition import Job, job_rows, job_schema
from qwen_batch.job.rows.left_out import job_without
from qwen_batch.job.rows.marks import RowsField
from qwen_batch.job.rows.tables import Table
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion, Prompt, Tokens
from qwen_batch.schema_walk import definitions_of


@dataclass(frozen=True, slots=True)
class LayoutQuestion:
    """What is asked of one table for a list of a job."""

    job: str
    field: str
    table: int
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to a question on a layout: a column's name by field, and how sure the model was; what it cost."""

    job: str
    field: str
    table: int
    columns: Mapping[str, Any]
    sure: float
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The tables that may hold a list of a job, and what is known of their columns."""

    field: RowsField
    tables: tuple[Table, ...]
    layouts: tuple[Layout, ...]

    @property
    def is_certain(self) -> bool:
        """Whether rows can be taken without an answer."""
        return any(one.certain for one in self.layouts)


def rows_found(clean: CleanDocument, job: Job) -> tuple[Found, ...]:
    """For each list of rows the tables that may hold it; none for a job without such lists."""
    fields = job_rows(job)
    if not fields:
        return ()
    tables = document_tables(clean)
    definitions = definitions_of(job_schema(job))
    return tuple(Found(field, tables, table_layouts(tables, field, definitions)) for field in fields)


def by_code(found: Sequence[Found]) -> tuple[str, ...]:
    """The lists that the model is not asked for, whatever it answers on layouts."""
    return tuple(one.field.field for one in found if one.is_certain)


def perhaps_by_code(found: Sequence[Found]) -> tuple[str, ...]:
    """Those and the lists that code takes if the model tells their columns."""
    return tuple(one.field.field for one in found if one.layouts)


def layout_questions(
    clean: CleanDocument, job: Job, found: Sequence[Found], tokenizer: Tokenizer
) -> tuple[LayoutQuestion, ...]:
    """One question for each table of which names leave columns open."""
    asking = Asking(clean.document.id, job.name, tokenizer, definitions_of(job_schema(job)))
    return tuple(
        LayoutQuestion(
            job.name,
            one.field.field,
            layout.table,
            layout_prompt(layout, one.tables[layout.table], one.field, asking),
        )
        for one in found
        for layout in one.layouts
        if layout.open
    )


def is_taken(found: Found, told: Sequence[Told], job: Job) -> bool:
    """Whether some table has columns for the list's items, with what the model told."""
    return any(one.certain for one in _settled(found, told, job))


def taken_rows(clean: CleanDocument, job: Job, told: Sequence[Told]) -> tuple[TakenRows, ...]:
    """The lists of a job that are taken from tables."""
    definitions = definitions_of(job_schema(job))
    taken = []
    for found in rows_found(clean, job):
        layouts = [one for one in _settled(found, told, job) if one.certain]
        if not layouts:
            continue
        sure = {(one.field, one.table): one.sure for one in told if one.job == job.name}
        tables = [
            TableColumns(found.tables[one.table], one.columns, sure.get((found.field.field, one.table), 1.0))
            for one in layouts
        ]
        adapter = _item_adapter(job, found.field.field)
        taken.append(take_rows(tables, found.field, definitions, partial(_valid, adapter), clean))
    return tuple(taken)


def with_taken(merged: Merged, taken: Sequence[TakenRows], clean: CleanDocument) -> Merged:
    """The result with all lists that were taken from tables."""
    for one in taken:
        merged = with_rows(merged, one, clean)
    return merged


def with_proof(
    merged: Merged, job: Job, taken: Sequence[TakenRows], answers: Sequence[Answer], clean: CleanDocument
) -> Merged:
    """The result with a warning for each list that was asked of the model and lacks what the document has of it.

    It lacks items where the document numbers more than there are, and may where a passage gave as many as are asked.
    """
    asked = [one for one in job_rows(job) if one.field not in {other.field for other in taken}]
    numbered = numbered_items(clean.text) if asked else 0
    for one in asked:
        items = len(merged.result.get(one.field) or ())
        full = sum(len(answer.result.get(one.field) or ()) >= one.asked for answer in answers)
        warnings = []
        if items and items < numbered:
            warnings.append(f"{one.field}: {items} of {numbered}: the document numbers {numbered} items")
        if full:
            warnings.append(
                f"{one.field}: {full} passages gave {one.asked} items, as many as are asked: there may be more"
            )
        if warnings:
            cut = merged.cut if one.field in merged.cut else (*merged.cut, one.field)
            merged = replace(merged, warnings=(*merged.warnings, *warnings), cut=cut)
    return merged


def unasked_answer(job: Job, taken: Sequence[TakenRows]) -> Answer | None:
    """An answer of nothing, where all that a job asks for was taken from tables; None where there is more to it."""
    rest = job_without(job, tuple(one.field for one in taken))
    try:
        result = rest.schema.model_validate({}).model_dump(mode="json", by_alias=True)
    except ValidationError:
        return None
    nothing = Completion("", "stop", 0, 0)
    return Answer(Chunk("", 0, 0), result, nothing, attempts=1, prompt_tokens=0, output_tokens=0)


def told_of(question: LayoutQuestion, completion: Completion, sure: float, cost: Tokens) -> Told:
    """What a completion says of a layout; nothing where it is no answer, or nobody thought about it."""
    try:
        columns = json.loads(completion.text) if completion.error is None and completion.output_tokens else {}
    except ValueError:
        columns = {}
    said = columns if isinstance(columns, dict) else {}
    return Told(question.job, question.field, question.table, said, sure, **cost)


def _settled(found: Found, told: Sequence[Told], job: Job) -> list[Layout]:
    definitions = definitions_of(job_schema(job))
    said = {one.table: one.columns for one in told if (one.job, one.field) == (job.name, found.field.field)}
    return [
        with_told(one, said[one.table], found.tables[one.table], found.field, definitions) if one.table in said else one
        for one in found.layouts
    ]


@lru_cache(maxsize=64)
def _item_adapter(job: Job, field: str) -> TypeAdapter[Any]:
    kind: Any = job.schema.model_fields[field].annotation
    return TypeAdapter(kind)


def _valid(adapter: TypeAdapter[Any], item: dict[str, Any]) -> dict[str, Any] | None:
    try:
        (checked,) = adapter.dump_python(adapter.validate_python([item], strict=False), mode="json", by_alias=True)
    except ValidationError:
        return None
    return dict(checked)
