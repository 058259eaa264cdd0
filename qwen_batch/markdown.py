"""Markdown files beside the table `documents`: the same text, one file a document.

They are made from what is published, so a run that was stopped loses none of them: the next one writes what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from qwen_batch.ledger import published_files
from qwen_batch.plugins import load_plugin
from qwen_batch.sinks import Sink
from qwen_batch.text_table import DOCUMENTS

FOLDER = "markdown"
ID_DIGITS = 8
"""Digits of the document's hash in a file's name: documents of one name in two folders stay apart."""
_COLUMNS = pa.schema([(name, pa.string()) for name in ("doc_id", "source_uri", "text")])


def write_markdown(output: Path) -> int:
    """Writes `markdown/<file name>.<8 digits>.md` for every published document; returns how many there are."""
    folder = output / FOLDER
    folder.mkdir(exist_ok=True)
    names = set()
    for doc_id, source_uri, text in _published(output):
        name = f"{Path(source_uri).name}.{doc_id[:ID_DIGITS]}.md"
        names.add(name)
        _write_if_new(folder / name, f"{text}\n".encode())
    return len(names)


def _published(output: Path) -> Iterator[tuple[str, str, str]]:
    """Documents in the order of their runs: where settings have changed, the newest text comes last."""
    for published in sorted(published_files(output), key=lambda file: file.run_id):
        if published.table == DOCUMENTS:
            sink: Sink = load_plugin("qwen_batch.sinks", published.format, "SINK")
            with published.path.open("rb") as file:
                rows = sink.read(file, _COLUMNS)
            yield from zip(*(rows[name].to_pylist() for name in _COLUMNS.names), strict=True)


def _write_if_new(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.rename(path)
