"""A published table as its views see it, wherever its rows are."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from qwen_batch.output.views.sql import View, named

SOURCES_SCHEMA = pa.schema([(name, pa.string()) for name in ("source_uri", "doc_id", "state", "real_uri")])
"""What the views know of each file that was ever seen; `real_uri` is null in an index of an earlier version."""


@dataclass(frozen=True, slots=True)
class ViewedTable:
    """A published table: `rows` is the query of all its rows of committed runs, which have the columns of `schema`.

    `staged_as` is the table that its rows were split from, or itself; `fingerprint` stands for the present settings.
    """

    name: str
    staged_as: str
    schema: pa.Schema
    rows: str
    fingerprint: str | None = None

    @property
    def all_rows(self) -> str:
        """The view of all its rows, as SQL names it."""
        return named(f"{self.name}_all")

    def all_view(self) -> View:
        """All rows, in no order: what the other views are made of."""
        return View(f"{self.name}_all", self.rows)
