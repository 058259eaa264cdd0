"""text_table: documents are staged with their pages, and published as two tables that fit together."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from qwen_batch.outcomes import CleanSummary, Extract, ExtractedPage
from qwen_batch.output.text_table import (
    DOCUMENTS_SCHEMA,
    PAGES_SCHEMA,
    STAGED_SCHEMA,
    extracts_to_table,
    staged_to_tables,
)
from qwen_batch.records import Document, Trimmed

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def page(number: int, text: str) -> ExtractedPage:
    return ExtractedPage(number, 612, 792, text, f"raw {text}", True, "no_text_layer", 0.9, 90, -1.5, ("faint",))


def extract(name: str, *texts: str) -> Extract:
    pages = tuple(page(number, text) for number, text in enumerate(texts, start=1))
    return Extract(
        document=Document(f"id-{name}", f"/in/{name}", "application/pdf", 10),
        clean=CleanSummary(len(pages), len(pages), 0.9, "en"),
        text="\n\n".join(texts),
        trimmed=(Trimmed(1, "Page 1", "page_number"),),
        warnings=(),
        pages=pages,
    )


def staged(*extracts: Extract) -> pa.Table:
    return extracts_to_table("f" * 16, extracts, "run-1", NOW)


def test_each_page_is_a_row_that_names_its_document() -> None:
    tables = staged_to_tables(pa.concat_tables([staged(extract("a", "one", "two")), staged(extract("b", "three"))]))
    pages = tables["pages"].to_pylist()
    assert [(row["doc_id"], row["source_uri"], row["page"], row["text"]) for row in pages] == [
        ("id-a", "/in/a", 1, "one"),
        ("id-a", "/in/a", 2, "two"),
        ("id-b", "/in/b", 1, "three"),
    ]
    assert pages[0]["raw_text"] == "raw one"
    assert (pages[0]["ocr_reason"], pages[0]["rotation"], pages[0]["warnings"]) == ("no_text_layer", 90, ["faint"])
    documents = tables["documents"].to_pylist()
    assert [(row["doc_id"], row["pages"], row["text"]) for row in documents] == [
        ("id-a", 2, "one\n\ntwo"),
        ("id-b", 1, "three"),
    ]
    assert documents[0]["trimmed"] == [{"page": 1, "text": "Page 1", "reason": "page_number"}]


def test_the_schemas_are_the_same_with_and_without_rows() -> None:
    for rows in (staged(extract("a", "one")), STAGED_SCHEMA.empty_table(), staged(extract("b"))):
        tables = staged_to_tables(rows)
        assert tables["documents"].schema == DOCUMENTS_SCHEMA
        assert tables["pages"].schema == PAGES_SCHEMA
        assert len(tables["pages"]) == sum(tables["documents"]["pages"].to_pylist())
