"""A file as the document that a run makes of it."""

from __future__ import annotations

from pathlib import Path

from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.records import Document


def path_to_document(path: Path) -> Document:
    """The document with the hash of its bytes."""
    (document,) = sources_to_documents(inputs_to_sources([str(path)]), {}).documents
    return document
