"""Which failures still stand: the one rule, for views, `read_failures`, `status` and `retry`.

A failure stands while its file is there with the same content, and no newer row answers the same source, content and
job. What is shown is the newest of each source and job.
"""

from __future__ import annotations

from collections.abc import Sequence

from qwen_batch.output.views.latest import SAME_AS, known_sources
from qwen_batch.output.views.sql import View
from qwen_batch.output.views.viewed import ViewedTable

FAILURES_LATEST = "failures_latest"
_QUESTION = "source_uri, doc_id, job"


def failures_latest(failures: ViewedTable, answers: Sequence[str], sources: str) -> View:
    """The view; `answers` are queries with the columns source_uri, doc_id, job and answered_at."""
    nothing = "SELECT NULL AS source_uri, NULL AS doc_id, NULL AS job, NULL::TIMESTAMPTZ AS answered_at WHERE false"
    answered = "\n    UNION ALL ".join(answers) or nothing
    query = f"""WITH {known_sources(sources)}, answered AS (
  SELECT {_QUESTION}, max(answered_at) AS answered_at FROM (
    {answered}
  ) GROUP BY {_QUESTION}
)
SELECT f.*, coalesce(k.{SAME_AS}, []) AS {SAME_AS}
FROM {failures.all_rows} AS f LEFT JOIN known AS k ON k.source_uri = f.source_uri
  LEFT JOIN answered AS a ON a.source_uri = f.source_uri AND a.doc_id = f.doc_id AND a.job = f.job
WHERE (k.doc_id IS NULL OR (k.doc_id = f.doc_id AND k.state = 'present'))
  AND (a.answered_at IS NULL OR a.answered_at < f.published_at)
QUALIFY row_number() OVER (PARTITION BY f.source_uri, f.job
  ORDER BY f.published_at DESC, f.processed_at DESC, f.run_id DESC) = 1"""
    return View(FAILURES_LATEST, query)


def answers_of(table: ViewedTable) -> str:
    """When each question of a table was answered; what a person decided about an answer is none."""
    of_person = "coalesce(contains(job_fingerprint, '-'), false)"
    return f"SELECT {_QUESTION}, published_at AS answered_at FROM ({table.rows}) WHERE NOT {of_person}"
