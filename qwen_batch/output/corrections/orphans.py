"""Decisions that an output keeps and no row can have any more: the bytes have changed, or the field is gone.

They come back when the bytes or the field do.
"""

from __future__ import annotations

import pyarrow as pa

from qwen_batch.output.corrections.choosing import NotTaken, is_there
from qwen_batch.output.corrections.kept import read_kept, standing
from qwen_batch.output.tables.known import known_table
from qwen_batch.storage.places import Store
from qwen_batch.storage.uris import document_name


def orphaned(store: Store, sources: pa.Table) -> tuple[NotTaken, ...]:
    """The orphans among the decisions that stand, by the index of files (views.viewed.SOURCES_SCHEMA)."""
    kept = [one for mine in standing(read_kept(store)).values() for one in mine]
    if not kept:
        return ()
    states = {row["source_uri"]: row for row in sources.to_pylist()}
    present = {row["doc_id"] for row in states.values() if row["state"] == "present"}
    tables = {job: known_table(store, job) for job in {one.job for one in kept}}
    found = []
    for one in kept:
        known, file = tables[one.job], states.get(one.source_uri)
        why = ""
        if states and one.doc_id not in present:
            is_gone = file is None or file["state"] == "deleted"
            why = "the document is gone" if is_gone else "the document has changed"
        elif known and not is_there(one.path, known.fields):
            why = "the job has no such field any more"
        if why:
            found.append(NotTaken(document_name(one.source_uri), one.source_uri, one.job, one.path, why))
    return tuple(sorted(found, key=lambda item: (item.source_uri, item.job, item.path)))
