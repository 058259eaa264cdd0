"""Prints the results of `make demo-all` as short tables: of each document the newest row."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from qwen_batch import latest_rows, read_failures

CONTRACTS = """
select document, pages, ocr_pages as ocr,
       list_aggregate([p.name for p in result.parties], 'string_agg', '; ') as parties,
       result.effective_date.date as effective, result.governing_law.jurisdiction as law,
       printf('%.2f', confidence.record) as sure
from latest order by document
"""
REPORTS = """
select document, result.title as title, len(result.sections) as sections,
       len(result.key_figures) as figures, printf('%.2f', confidence.record) as sure
from latest order by document
"""
FAILURES = """
select document, code, any_value(message) as message from standing group by document, code order by document
"""


def main() -> None:
    """Shows the tables of the output folder given as the only argument."""
    output = Path(sys.argv[1])
    console = Console()
    for job, query in (("contract_summary", CONTRACTS), ("report_outline", REPORTS)):
        duckdb.register("latest", latest_rows(output, job))
        console.print(_table(job, query))
    duckdb.register("standing", standing := read_failures(output))
    if len(standing):
        console.print(_table("failures", FAILURES))
    console.print(
        f"Files: {output}/contract_summary, {output}/report_outline and {output}/failures, in run=*/*.parquet"
    )


def _table(title: str, query: str) -> Table:
    rows = duckdb.sql(query)
    table = Table(*rows.columns, title=title, title_justify="left")
    for row in rows.fetchall():
        table.add_row(*("" if value is None else str(value) for value in row))
    return table


if __name__ == "__main__":
    main()
