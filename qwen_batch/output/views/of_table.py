"""All views of a table, each after those that it builds on."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from qwen_batch.output.layout import FAILURES, SKIPPED
from qwen_batch.output.views.evidence import evidence_view
from qwen_batch.output.views.failures import answers_of, failures_latest
from qwen_batch.output.views.flat import flat_view
from qwen_batch.output.views.latest import latest_views
from qwen_batch.output.views.skipped import skipped_latest
from qwen_batch.output.views.sql import View
from qwen_batch.output.views.viewed import ViewedTable


def views_of(name: str, tables: Mapping[str, ViewedTable], sources: str) -> list[View]:
    """The views of a table among all tables of an output; `sources` is the query of the index of files.

    They need no other view than these, so those of a split table begin with those of its whole.
    """
    table = tables[name]
    if name == FAILURES:
        answers = [answers_of(one) for one in tables.values() if one.staged_as == one.name != FAILURES]
        return [table.all_view(), failures_latest(table, answers, sources)]
    if name == SKIPPED:
        jobs = [one for one in tables.values() if one.staged_as == one.name and one.name not in {FAILURES, SKIPPED}]
        return [table.all_view(), skipped_latest(table, jobs, sources)]
    whole = tables[table.staged_as]
    views = [table.all_view(), *latest_views(table, whole, sources, tables.get(SKIPPED))]
    if whole is not table:
        return [whole.all_view(), *views]
    return [*views, flat_view(name, table.schema), evidence_view(name, table.schema)] if is_of_job(table) else views


def is_of_job(table: ViewedTable) -> bool:
    """Whether a table holds the answers of a job, with evidence and confidence."""
    names = table.schema.names
    return {"result", "evidence", "confidence"} <= set(names) and all(
        pa.types.is_struct(table.schema.field(name).type) for name in ("result", "confidence")
    )
