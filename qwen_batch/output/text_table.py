"""The tables `documents` and `pages` of an extraction: Arrow schemas and rows.

Pages are staged inside of their document's row, so that a document is there with all its pages or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qwen_batch.outcomes import Extract, ExtractedPage
from qwen_batch.output.record_table import READ_COLUMNS, SOURCE_COLUMNS, columns_of, document_columns
from qwen_batch.output.tables.stamps import PUBLISHED_AT, UTC_TIME
from qwen_batch.records import HiddenText, Trimmed

DOCUMENTS = "documents"
PAGES = "pages"
NESTED = "page_rows"

_HIDDEN = pa.struct([("kind", pa.string()), ("text", pa.string())])
_TRIMMED = pa.struct([("page", pa.int32()), ("text", pa.string()), ("reason", pa.string())])
_PAGE_COLUMNS = [
    ("page", pa.int32()),
    ("width", pa.float32()),
    ("height", pa.float32()),
    ("text", pa.string()),
    ("raw_text", pa.string()),
    ("ocr", pa.bool_()),
    ("ocr_reason", pa.string()),
    ("ocr_confidence", pa.float32()),
    ("rotation", pa.int16()),
    ("skew", pa.float32()),
    ("warnings", pa.list_(pa.string())),
    ("trimmed", pa.list_(_TRIMMED)),
    ("hidden", pa.list_(_HIDDEN)),
]
DOCUMENTS_SCHEMA = pa.schema(
    [
        *SOURCE_COLUMNS,
        *READ_COLUMNS,
        ("text", pa.string()),
        ("trimmed", pa.list_(_TRIMMED)),
        ("warnings", pa.list_(pa.string())),
        ("job", pa.string()),
        ("job_fingerprint", pa.string()),
        ("run_id", pa.string()),
        ("processed_at", UTC_TIME),
        PUBLISHED_AT,
    ]
)
PAGES_SCHEMA = pa.schema([*SOURCE_COLUMNS, *_PAGE_COLUMNS, ("run_id", pa.string()), PUBLISHED_AT])
_OF_PAGES = frozenset(name for name, _ in _PAGE_COLUMNS)
_trimmed_columns = columns_of(Trimmed)
_hidden_columns = columns_of(HiddenText)
_flat_page_columns = columns_of(ExtractedPage)
STAGED_SCHEMA = DOCUMENTS_SCHEMA.append(pa.field(NESTED, pa.list_(pa.struct(_PAGE_COLUMNS))))


def extracts_to_table(fingerprint: str, extracts: Sequence[Extract], run_id: str, processed_at: datetime) -> pa.Table:
    """Rows as they are staged; `processed_at` is in UTC."""
    rows = [
        {
            **document_columns(extract.document, extract.clean),
            "text": extract.text,
            "trimmed": [_trimmed_columns(line) for line in extract.trimmed],
            "warnings": list(extract.warnings),
            "job": extract.job,
            "job_fingerprint": fingerprint,
            "run_id": run_id,
            "processed_at": processed_at,
            NESTED: [_page_columns(page) for page in extract.pages],
        }
        for extract in extracts
    ]
    return pa.Table.from_pylist(rows, schema=STAGED_SCHEMA)


def _page_columns(page: ExtractedPage) -> dict[str, Any]:
    trimmed = [_trimmed_columns(line) for line in page.trimmed]
    hidden = [_hidden_columns(piece) for piece in page.hidden]
    return _flat_page_columns(page) | {"trimmed": trimmed, "hidden": hidden}


def staged_to_tables(staged: pa.Table) -> Mapping[str, pa.Table]:
    """The two published tables of staged rows, one row a document and one a page."""
    pages = [_pages_of(batch) for batch in staged.to_batches()]  # one at a time: all text may be more than 2 GiB
    return {DOCUMENTS: staged.drop_columns([NESTED]), PAGES: pa.Table.from_batches(pages, schema=PAGES_SCHEMA)}


def _pages_of(batch: pa.RecordBatch) -> pa.RecordBatch:
    nested = batch.column(NESTED)
    parents = pc.list_parent_indices(nested)
    rows = pc.list_flatten(nested)
    columns = {name: batch.column(name).take(parents) for name in PAGES_SCHEMA.names if name not in _OF_PAGES}
    columns |= {name: rows.field(index) for index, (name, _) in enumerate(_PAGE_COLUMNS)}
    return pa.RecordBatch.from_arrays([columns[name] for name in PAGES_SCHEMA.names], schema=PAGES_SCHEMA)
