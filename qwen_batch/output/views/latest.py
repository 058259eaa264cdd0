"""One row a source, and whether its file is there: `source_state` is present, changed, deleted or alias.

Of a source's rows the one of its present content comes before others, then the one of the present settings, then the
newest. So a file that was changed back shows its first answer again, and one whose new content failed keeps its old
answer, marked as `changed`. `same_as` are other paths to the same file; rows of such a path, which an earlier version
made, are those of an alias.
"""

from __future__ import annotations

from qwen_batch.output.views.sql import View, named, quoted
from qwen_batch.output.views.viewed import ViewedTable

STATE = "source_state"
SAME_AS = "same_as"
ASKED_AS = "split_part(r.job_fingerprint, '-', 1)"
"""A row with a person's decisions has the settings of the answer that it was made of, and more behind a dash."""


def known_sources(sources: str) -> str:
    """A common table `known`: each source with its other paths, from the query of the index."""
    return f"""known AS (
  SELECT k.source_uri, k.doc_id, k.state, coalesce(list(o.source_uri ORDER BY o.source_uri)
      FILTER (o.source_uri IS NOT NULL), []) AS {SAME_AS}
  FROM ({sources}) AS k LEFT JOIN ({sources}) AS o
    ON o.real_uri = k.real_uri AND o.source_uri <> k.source_uri AND o.state <> 'deleted'
  GROUP BY k.source_uri, k.doc_id, k.state
)"""


def latest_views(
    table: ViewedTable, whole: ViewedTable, sources: str, skipped: ViewedTable | None = None
) -> list[View]:
    """`<table>_latest_all`, and without deleted files and aliases `<table>_latest`; which row is chosen, `whole` says.

    A source that was `skipped` in place of an answer has no row. The choice is made over a few columns, so that the
    wide ones are read once and need not be held.
    """
    chosen_by = "source_uri, doc_id, run_id, job_fingerprint, processed_at"
    rows = f"(SELECT {chosen_by}, false AS is_skip FROM {whole.all_rows}"
    if skipped:
        of_job = f"FROM ({skipped.rows}) WHERE job = {quoted(table.name)}"
        rows += f"\n    UNION ALL SELECT {chosen_by}, true AS is_skip {of_job}"
    settings = f"{ASKED_AS} = {quoted(whole.fingerprint)} DESC, " if whole.fingerprint else ""
    every = f"""WITH {known_sources(sources)}, ranked AS (
  SELECT r.source_uri, r.doc_id, r.run_id, r.is_skip,
    CASE WHEN k.state <> 'present' THEN k.state WHEN coalesce(k.doc_id = r.doc_id, true) THEN 'present'
      ELSE 'changed' END AS {STATE},
    coalesce(k.{SAME_AS}, []) AS {SAME_AS},
    row_number() OVER (PARTITION BY r.source_uri ORDER BY coalesce(k.doc_id = r.doc_id, false) DESC,
      {settings}r.processed_at DESC, r.run_id DESC) AS place
  FROM {rows}) AS r LEFT JOIN known AS k ON k.source_uri = r.source_uri
)
SELECT r.*, c.{STATE}, c.{SAME_AS}
FROM {table.all_rows} AS r JOIN ranked AS c USING (source_uri, doc_id, run_id) WHERE c.place = 1 AND NOT c.is_skip"""
    name = f"{table.name}_latest"
    present = f"SELECT * FROM {named(f'{name}_all')} WHERE {STATE} IN ('present', 'changed')"
    return [View(f"{name}_all", every), View(name, present)]
