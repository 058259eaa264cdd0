"""From the inputs of the command line to documents: folders, globs and files.

A folder is walked to the bottom; hidden files and folders are left out. Each file becomes one
document or one failure: nothing that was named is passed over in silence.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.errors import UsageError
from qwen_batch.records import Document, Failure

UNKNOWN_MIME = "application/octet-stream"  # decided by content when the document is read
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Discovered:
    """All inputs: documents sorted by path, and files that cannot even be opened."""

    documents: tuple[Document, ...]
    failures: tuple[Failure, ...]


def inputs_to_documents(inputs: Sequence[str], limit: int | None = None, skip: Path | None = None) -> Discovered:
    """Lists and hashes the inputs; `skip` is a folder to leave out (the output), `limit` a number of files.

    Raises UsageError for an input that names nothing.
    """
    documents: list[Document] = []
    failures: list[Failure] = []
    paths = dict.fromkeys(path for item in inputs for path in _files(item) if not _inside(path, skip))
    if not paths:
        raise UsageError(f"no files in {', '.join(inputs)}", "give a folder, a glob or files with documents")
    for path in list(paths)[:limit]:
        found = _document(path)
        if isinstance(found, Failure):
            failures.append(found)
        else:
            documents.append(found)
    return Discovered(tuple(documents), tuple(failures))


def _files(item: str) -> Iterable[Path]:
    path = Path(item)
    if path.is_dir():
        return sorted(_walk(path))
    if path.exists():
        return [path]
    matches = sorted(glob.glob(item, recursive=True)) if glob.has_magic(item) else []
    if not matches:
        kind = "the pattern matches nothing" if glob.has_magic(item) else "no such file or folder"
        raise UsageError(f"{item}: {kind}", "check the path; quote a pattern so that the shell leaves it alone")
    return [file for match in matches for file in _files(match)]


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith("."):
                yield Path(parent, name)


def _inside(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.resolve().is_relative_to(folder.resolve())


def _document(path: Path) -> Document | Failure:
    uri = os.path.abspath(path)  # keeps symbolic links: the name that the user knows
    try:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
            size = file.tell()
    except OSError as error:
        nothing = Document(id="", uri=uri, mime=UNKNOWN_MIME, size=0)
        message = f"the file cannot be read ({error.strerror}); check its permissions"
        return Failure(nothing, "discover", "unreadable", message, retryable=True)
    return Document(id=digest.hexdigest(), uri=uri, mime=UNKNOWN_MIME, size=size)
