"""The sheets of a document as tables of DuckDB: in memory, one thread, no files and no network.

Numbers are exact decimals. Names of columns are our own, so that no word of a document is ever SQL; values are bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from qwen_batch.job.workbook.kinds import Column
from qwen_batch.job.workbook.numbers import MAX_DIGITS
from qwen_batch.job.workbook.sheets import Sheet

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ROW = "row"
DECIMAL_DIGITS = 38
_SHUT: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "threads": 1,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL of our own words, and the values that are bound to its marks."""

    sql: str
    values: tuple[Any, ...] = ()


def column_name(at: int) -> str:
    """The name of a column in SQL."""
    return f"c{at}"


def table_name(at: int) -> str:
    """The name of a sheet in SQL."""
    return f"s{at}"


class Database:
    """Sheets that can be asked; a context manager."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        import duckdb

        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:", config=_SHUT)
        for at, sheet in enumerate(sheets):
            self._connection.register(table_name(at), _to_arrow(sheet))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        return self._connection.execute(statement.sql, list(statement.values)).fetchall()


def _to_arrow(sheet: Sheet) -> pa.Table:
    import pyarrow as pa

    columns = {column_name(at): _array(column) for at, column in enumerate(sheet.columns)}
    return pa.table({ROW: pa.array([row.number for row in sheet.data], pa.int64()), **columns})


def _array(column: Column) -> pa.Array:
    import pyarrow as pa

    if column.is_number:
        scale = min(column.decimals, DECIMAL_DIGITS - MAX_DIGITS)
        step = Decimal(1).scaleb(-scale)
        values = [value.quantize(step) if isinstance(value, Decimal) else None for value in column.values]
        return pa.array(values, pa.decimal128(DECIMAL_DIGITS, scale))
    return pa.array(column.values, pa.date32() if column.kind == "day" else pa.string())
