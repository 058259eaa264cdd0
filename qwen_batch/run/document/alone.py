"""One document read alone, in this process: for commands that show what a job would be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qwen_batch.config import Config
from qwen_batch.errors import UsageError
from qwen_batch.outcomes import Failure
from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.reading.document_to_text import document_to_text, make_tools
from qwen_batch.records import CleanDocument, Document


def file_to_clean(file: Path, config: Config) -> CleanDocument:
    """The clean text of a file. Raises UsageError for a file that is not one document or cannot be read."""
    if not file.is_file():
        raise UsageError(f"{file}: this is no file", "give one document")
    found = sources_to_documents(inputs_to_sources([str(file)]), {}, config.read)
    if not found.documents:
        why = found.failures[0].message if found.failures else "there is no document in it"
        raise UsageError(f"{file}: {why}")
    tools = make_tools(config)
    with tools.isolator:
        text = document_to_text(found.documents[0], tools)
    if isinstance(text, Failure):
        raise UsageError(f"{file}: {text.message}")
    return text.clean


def inputs_to_documents(inputs: Sequence[str], config: Config) -> tuple[Document, ...]:
    """The documents of these inputs, as a run finds them. Raises UsageError for an input that is not there."""
    return tuple(sources_to_documents(inputs_to_sources(list(inputs)), {}, config.read).documents)
