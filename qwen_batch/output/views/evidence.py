"""One row a value that a job gave, with where it stands in the document."""

from __future__ import annotations

import pyarrow as pa

from qwen_batch.output.views.sql import View, named, quoted

_FIELD = r"regexp_extract(e.field, '^[^.\[]+')"
_NUMBER = r"^[0-9]+\]"
_FROM_ONE = f"""array_to_string([
    CASE WHEN regexp_matches(part, '{_NUMBER}')
      THEN (regexp_extract(part, '^[0-9]+')::BIGINT + 1) || substr(part, instr(part, ']')) ELSE part END
    FOR part IN string_split(e.field, '[')], '[')"""
"""A path as the stored rows have it counts the items of a list from 0, SQL from 1."""


def evidence_view(job: str, schema: pa.Schema) -> View:
    """`<job>_evidence`, over the rows of `<job>_latest`: `path` counts from 1, `field` is named as in `confidence`."""
    fields = [field.name for field in schema.field("confidence").type]
    cases = " ".join(f"WHEN {quoted(name)} THEN confidence.{named(name)}" for name in fields)
    said = {field.name for field in schema.field("evidence").type.value_type}
    signed = "e.who AS who, e.decided_at AS decided_at, " if {"who", "decided_at"} <= said else ""
    member = "e.doc_id AS member_doc_id, e.source_uri AS member_uri, " if "members" in schema.names else ""
    signed += "e.cell AS cell, " if "cell" in said else ""
    query = f"""SELECT document, source_uri, {_FIELD} AS field, {_FROM_ONE} AS path, e.value AS value, e.quote AS quote,
  e.page AS page, e."match" AS "match", e.score AS score, e."start" AS char_start, e."end" AS char_end,
  e.standing AS standing, {signed}{member}CASE {_FIELD} {cases} END AS confidence, run_id
FROM (SELECT *, unnest(evidence) AS e FROM {named(f"{job}_latest")})"""
    return View(f"{job}_evidence", query)
