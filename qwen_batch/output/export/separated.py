"""Comma-separated values as Excel and all others read them: UTF-8 with its mark, text that computes nothing."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any, BinaryIO

from qwen_batch.output.export.cells import as_text, guarded
from qwen_batch.output.export.table import Exported
from qwen_batch.output.export.target import PageOf, page_column


def write_csv(exported: Exported, page_of: PageOf | None, file: BinaryIO) -> None:
    """One line a document; a list is one cell."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    names = exported.rows.schema.names
    writer.writerow([guarded(name) for name in [*names, *([page_column(names)] if page_of else [])]])
    for row in exported.plain():
        page = [page_of(row["source_uri"], row["doc_id"])] if page_of else []
        writer.writerow([_cell(value) for value in [*row.values(), *page]])
    text.detach()


def _cell(value: Any) -> Any:
    """Numbers, days and times are never guarded: no text of a document is in them."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return guarded(as_text(value))
