"""Jobs of workbooks: what they are shown of a document's sheets, and what code puts into their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.asking.rows.tables import document_tables
from qwen_batch.asking.workbook.names import schema_with_names
from qwen_batch.asking.workbook.shown import FactText, facts_chunk, with_facts
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.evidence.by_code.aggregates import with_aggregates
from qwen_batch.evidence.by_code.cited import known_numbers, with_cited
from qwen_batch.evidence.by_code.grouped import Grouped, rows_to_groups, with_groups
from qwen_batch.evidence.by_code.rows import TakenRows
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.computed.grouped import GroupedField
from qwen_batch.job.definition import Job, job_aggregates, job_grouped, job_schema
from qwen_batch.job.rules import DERIVED_KEY, ROWS_KEY
from qwen_batch.job.workbook.facts import Fact, FactKind, Figure, Profile
from qwen_batch.job.workbook.numbers import decimals_of, written
from qwen_batch.job.workbook.profile import sheets_to_profile
from qwen_batch.job.workbook.sheets import tables_to_sheets
from qwen_batch.records import CleanDocument, Prompt
from qwen_batch.run.document.rows import taken_rows

BESIDE_DRIVERS: frozenset[FactKind] = frozenset({"driver", "wrong", "rows", "hidden"})
"""What is shown where drivers are known: other sums may be of other rows than those that the parameters choose."""
SHARE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Workbook:
    """A document as a job of workbooks sees it: its profile, the text with facts, the groups that are known of it."""

    profile: Profile
    text: FactText
    groups: tuple[tuple[GroupedField, Grouped], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Tokens that a prompt has room for, and characters of the text that it does not show."""

    room: int
    withheld: tuple[tuple[int, int], ...] = ()


def workbook_of(clean: CleanDocument, job: Job) -> Workbook:
    """What is computed of a document for a job before anything is asked: the same for its prompt and its answer."""
    taken = taken_rows(clean, job, ())
    profile = _profile(clean)
    groups = groups_of(job, taken)
    page = profile.sheets[0].page if profile.sheets else 1
    drivers = [_driver(field, grouped, page) for field, grouped in groups if grouped.items]
    shown = [fact for fact in profile.facts if not drivers or fact.kind in BESIDE_DRIVERS]
    return Workbook(profile, with_facts(clean, (*drivers, *shown)), groups)


def groups_of(job: Job, taken: Sequence[TakenRows]) -> tuple[tuple[GroupedField, Grouped], ...]:
    """The groups of the rows that were taken for a job."""
    rows = {one.field: one for one in taken}
    return tuple(
        (field, rows_to_groups(field, rows[field.mark.rows].items, dict(job.given)))
        for field in job_grouped(job)
        if field.mark.rows in rows
    )


def workbook_prompt(clean: CleanDocument, job: Job, asked: Job, limits: Limits, tokenizer: Tokenizer) -> Prompt:
    """The prompt that asks a job of a workbook: tables, facts, and a grammar with the document's own names.

    `asked` is the job without the lists that code takes.
    """
    found = workbook_of(clean, job)
    chunk = facts_chunk(found.text, document_tables(clean), limits.room, tokenizer, limits.withheld)
    keys = {field.field: {field.mark.key: [one.name for one in grouped.items]} for field, grouped in found.groups}
    prompt = chunk_to_prompt(found.text.clean, chunk, asked, tokenizer)
    if not job_aggregates(asked) and not keys:
        return prompt
    return replace(prompt, json_schema=schema_with_names(job_schema(asked), found.profile.sheets, keys))


def with_workbook(
    merged: Merged, clean: CleanDocument, job: Job, found: Workbook, taken: Sequence[TakenRows]
) -> Merged:
    """The result with what code computes of the sheets, and each number of the answer held against them."""
    for field, grouped in groups_of(job, taken):
        merged = with_groups(merged, field, grouped)
    merged = with_aggregates(merged, job_aggregates(job), found.profile.sheets)
    known = known_numbers(found.profile.sheets, {*found.profile.facts, *found.text.facts})
    merged = with_cited(merged, known, clean.text, found.text.fact_at, by_code_fields(job))
    return replace(merged, warnings=(*found.profile.warnings, *merged.warnings))


def by_code_fields(job: Job) -> frozenset[str]:
    """The fields that code fills: computed ones, rows, and those of items; slots are no numbers of an answer."""
    fields = job_schema(job)["properties"].items()
    found = {name for name, field in fields if DERIVED_KEY in field or ROWS_KEY in field} | set(job_aggregates(job))
    for one in job_grouped(job):
        found |= {f"{one.field}[].{name}" for name in (one.mark.key, *(name for name, _ in one.computed))}
    return frozenset(found)


@lru_cache(maxsize=2)
def _profile(clean: CleanDocument) -> Profile:
    return sheets_to_profile(tables_to_sheets(document_tables(clean), clean.behind), clean.behind)


def _driver(field: GroupedField, grouped: Grouped, page: int) -> Fact:
    """The groups of a list in words, as the row will have them."""
    said, figures = [], []
    for one in grouped.items:
        numbers = []
        for name, value in one.numbers.items():
            if value is not None:
                exact = Decimal(repr(value))
                percent = name.startswith("share") or name.endswith("_rate")
                numbers.append(f"{name} {written(exact, min(decimals_of(exact), SHARE_DECIMALS), percent=percent)}")
                figures.append(Figure(exact, "", percent))
        said.append(f"{one.name}: {', '.join(numbers)}")
    if len(grouped.items) > 1 and grouped.totals:
        figures += [Figure(value, "") for value in grouped.totals.values()]
        sums = (f"{name} {written(value, decimals_of(value))}" for name, value in grouped.totals.items())
        said.append(f"all together: {', '.join(sums)}")
    of = f" ({grouped.asked})" if grouped.asked else ""
    return Fact("driver", f"{field.field} by {field.mark.key}{of}: {'; '.join(said)}", tuple(figures), page)
