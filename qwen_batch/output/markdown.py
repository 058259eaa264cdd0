"""Markdown files beside the table `documents`: the same text, one file a document.

They are made from what is published, so a run that was stopped loses none of them: the next one writes what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

import pyarrow as pa

from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.layout import markdown_folder, markdown_path, published_files
from qwen_batch.output.text_table import DOCUMENTS
from qwen_batch.storage.places import Store

ID_DIGITS = 8
"""Digits of the document's hash in a file's name: documents of one name in two folders stay apart."""
_COLUMNS = pa.schema([(name, pa.string()) for name in ("doc_id", "source_uri", "text")])


def write_markdown(store: Store) -> int:
    """Writes `markdown/<file name>.<8 digits>.md` for every published document; returns how many there are."""
    texts: dict[str, bytes] = {}
    for doc_id, source_uri, text in _published(store):
        texts[markdown_path(f"{PurePath(source_uri).name}.{doc_id[:ID_DIGITS]}")] = f"{text}\n".encode()
    there = {entry.path: entry.size for entry in store.files(markdown_folder())}
    for path, content in texts.items():
        if there.get(path) != len(content) or store.read(path) != content:
            store.put(path, partial(_write, content))
    return len(texts)


def _published(store: Store) -> Iterator[tuple[str, str, str]]:
    """Documents in the order of their runs: where settings have changed, the newest text comes last."""
    for published in sorted(published_files(store), key=lambda file: file.run_id):
        if published.table == DOCUMENTS:
            rows = read_table(store, published.path, FORMATS.load(published.format), _COLUMNS)
            yield from zip(*(rows[name].to_pylist() for name in _COLUMNS.names), strict=True)


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)
