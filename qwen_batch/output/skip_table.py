"""The table of documents that are not what a job is for: its Arrow schema and rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from qwen_batch.outcomes import Skip
from qwen_batch.output.layout import SKIPPED, Table
from qwen_batch.output.record_table import SOURCE_COLUMNS, asked_columns
from qwen_batch.output.tables.stamps import PUBLISHED_AT, UTC_TIME
from qwen_batch.records import tokens_of

SKIPPED_SCHEMA = pa.schema(
    [
        *SOURCE_COLUMNS,
        ("job", pa.string()),
        ("job_fingerprint", pa.string()),
        ("probability", pa.float32()),
        ("reason", pa.string()),
        ("run_id", pa.string()),
        ("processed_at", UTC_TIME),
        PUBLISHED_AT,
        ("prompt_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("cached_tokens", pa.int64()),
    ]
)
SKIPPED_TABLE = Table(SKIPPED, "all", SKIPPED_SCHEMA, optional=True)


class KeyedSkip(NamedTuple):
    """A skip and the fingerprint that its row has."""

    skip: Skip
    job_fingerprint: str


def skips_to_table(skips: Sequence[KeyedSkip], *, run_id: str, processed_at: datetime) -> pa.Table:
    """Rows of the skips; `processed_at` is in UTC."""
    rows = [
        {
            **asked_columns(skip.document, skip.job, fingerprint, run_id, processed_at),
            "probability": skip.probability,
            "reason": skip.reason,
            **tokens_of((skip,)),
        }
        for skip, fingerprint in skips
    ]
    return pa.Table.from_pylist(rows, schema=SKIPPED_SCHEMA)
