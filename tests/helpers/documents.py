"""Documents of tests, as a run finds them."""

from __future__ import annotations

from pathlib import Path

from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.records import Document


def documents_at(*places: Path) -> tuple[Document, ...]:
    """The documents in folders and files, as a first run sees them."""
    return sources_to_documents(inputs_to_sources([str(place) for place in places]), {}).documents
