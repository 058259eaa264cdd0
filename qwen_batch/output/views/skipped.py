"""Which documents are not what a job is for: the one rule, for views, `read_skipped` and `status`.

A skip is an answer like a row. Of a source's rows and skips of one job the same one comes first: of its present content
before others, then of the present settings, then the newest. So a document that fits since it was changed is in the
job's `latest` alone, and one that does not any more in `skipped_latest` alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from qwen_batch.output.views.latest import ASKED_AS, SAME_AS, known_sources
from qwen_batch.output.views.sql import View, quoted
from qwen_batch.output.views.viewed import ViewedTable

SKIPPED_LATEST = "skipped_latest"
_RANKED = "source_uri, doc_id, job, job_fingerprint, run_id, processed_at"


def skipped_latest(skipped: ViewedTable, answers: Sequence[ViewedTable], sources: str) -> View:
    """The view: one row a source and job that stands; `answers` are the tables of the jobs."""
    rows = "\n    UNION ALL ".join(
        [
            f"SELECT {_RANKED}, true AS is_skip FROM {skipped.all_rows}",
            *(f"SELECT {_RANKED}, false AS is_skip FROM ({table.rows})" for table in answers),
        ]
    )
    present = " ".join(
        f"WHEN {quoted(table.name)} THEN {ASKED_AS} = {quoted(table.fingerprint)}"
        for table in answers
        if table.fingerprint
    )
    settings = f"CASE r.job {present} ELSE false END DESC, " if present else ""
    query = f"""WITH {known_sources(sources)}, answered AS (
    {rows}
), ranked AS (
  SELECT r.*, coalesce(k.{SAME_AS}, []) AS {SAME_AS},
    coalesce(k.doc_id = r.doc_id AND k.state = 'present', true) AS there,
    row_number() OVER (PARTITION BY r.source_uri, r.job ORDER BY coalesce(k.doc_id = r.doc_id, false) DESC,
      {settings}r.processed_at DESC, r.run_id DESC) AS place
  FROM answered AS r LEFT JOIN known AS k ON k.source_uri = r.source_uri
)
SELECT s.*, c.{SAME_AS}
FROM {skipped.all_rows} AS s JOIN ranked AS c USING (source_uri, doc_id, job, job_fingerprint, run_id)
WHERE c.place = 1 AND c.is_skip AND c.there"""
    return View(SKIPPED_LATEST, query)
