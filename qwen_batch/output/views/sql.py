"""DuckDB's SQL as text: identifiers, strings, and what a view is. Knows nothing of tables."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from qwen_batch.output.tables.type_text import duckdb_type


@dataclass(frozen=True, slots=True)
class View:
    """A named query."""

    name: str
    query: str

    def statement(self) -> str:
        """What makes it, or makes it anew."""
        return f"CREATE OR REPLACE VIEW {named(self.name)} AS\n{self.query};\n"


def named(identifier: str) -> str:
    """An identifier, whatever it is called."""
    return '"' + identifier.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """A string."""
    return "'" + text.replace("'", "''") + "'"


def no_rows(schema: pa.Schema) -> str:
    """A query with these columns and no row."""
    columns = (f"NULL::{duckdb_type(field.type)} AS {named(field.name)}" for field in schema)
    return f"SELECT {', '.join(columns)} WHERE false"
