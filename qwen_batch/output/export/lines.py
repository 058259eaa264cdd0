"""JSON Lines: one object a document with the columns of the flat view, lists as lists, nothing cut or guarded."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa

from qwen_batch.output.export.table import Exported
from qwen_batch.output.export.target import PageOf, page_column
from qwen_batch.output.formats.jsonl import write_jsonl


def write_lines(exported: Exported, page_of: PageOf | None, file: BinaryIO) -> None:
    """The same form as a published table in JSON Lines."""
    rows = exported.rows
    if page_of:
        known = zip(rows["source_uri"].to_pylist(), rows["doc_id"].to_pylist(), strict=True)
        pages = pa.array([page_of(*one) for one in known], pa.string())
        rows = rows.append_column(page_column(rows.schema.names), pages)
    write_jsonl(rows, file)
