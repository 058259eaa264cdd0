"""Decisions put onto the rows of a table, wherever they come from. Rows that are no job's answers stay as they are."""

from __future__ import annotations

import pyarrow as pa

from qwen_batch.output.corrections.kept import QuestionOf, Standing
from qwen_batch.output.corrections.onto_row import decided_row

_NEEDED = frozenset({"doc_id", "job", "result", "evidence", "confidence"})


def with_decisions(rows: pa.Table, standing: Standing) -> pa.Table:
    """The rows, those that decisions are about as they are with them; their order may be another."""
    if not standing or not set(rows.schema.names) >= _NEEDED:
        return rows
    asked = [QuestionOf(*values) for values in zip(rows["doc_id"].to_pylist(), rows["job"].to_pylist(), strict=True)]
    mine = [question in standing for question in asked]
    if not any(mine):
        return rows
    kind = rows.schema.field("result").type
    wanted = [question for question in asked if question in standing]
    found = rows.filter(pa.array(mine)).to_pylist()
    decided = [decided_row(row, kind, standing[question]) for row, question in zip(found, wanted, strict=True)]
    others = rows.filter(pa.array([not one for one in mine]))
    return pa.concat_tables([others, pa.Table.from_pylist(decided, schema=rows.schema)])
