"""From the inputs of the command line to documents: folders, globs and files.

A folder is walked to the bottom; hidden files and folders are left out. Each file becomes one
document or one failure: nothing that was named is passed over in silence.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.errors import UsageError
from qwen_batch.readers import UNKNOWN_MIME
from qwen_batch.records import Document, Failure

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
    named = (path for item in inputs for path in _files(item) if not _inside(path, skip))
    paths = dict.fromkeys(os.path.abspath(path) for path in named)  # a file that two inputs name counts once
    if not paths:
        raise UsageError(f"no files in {', '.join(inputs)}", "give a folder, a glob or files with documents")
    for uri in list(paths)[:limit]:
        found = _document(Path(uri))
        if isinstance(found, Failure):
            failures.append(found)
        else:
            documents.append(found)
    return Discovered(tuple(documents), tuple(failures))


def input_to_paths(item: str) -> list[Path]:
    """The folders and files that an input names, folders not walked. Raises UsageError if there are none."""
    if os.path.lexists(item):
        return [Path(item)]
    matches = sorted(glob.glob(item, recursive=True)) if glob.has_magic(item) else []
    if not matches:
        kind = "the pattern matches nothing" if glob.has_magic(item) else "no such file or folder"
        raise UsageError(f"{item}: {kind}", "check the path; quote a pattern so that the shell leaves it alone")
    return [Path(match) for match in matches]


def _files(item: str) -> Iterator[Path]:
    for path in input_to_paths(item):
        if path.is_dir():
            yield from sorted(_walk(path))
        else:
            yield path  # also a broken link: a file that cannot be read


def _walk(folder: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    unreadable: list[Path] = []

    def note(error: OSError) -> None:
        unreadable.append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=note, followlinks=True):
        if (real := Path(parent).resolve()) in seen:  # a link to a folder above would go round for ever
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith("."):
                yield Path(parent, name)
    yield from unreadable  # each becomes a failure, not a gap


def _inside(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.resolve().is_relative_to(folder.resolve())


def _document(path: Path) -> Document | Failure:
    uri = str(path)  # made absolute, but with its symbolic links: the name that the user knows
    if not uri.isprintable() and uri != uri.encode("utf-8", "replace").decode():
        printable = os.fsencode(path).decode("utf-8", "backslashreplace")
        return _unusable(printable, "bad_name", "the file name is not UTF-8; rename the file")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            return _unusable(uri, "unsupported", "this is no regular file (a pipe, socket or device); remove it")
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
            size = file.tell()
    except OSError as error:
        return _unusable(
            uri, "unreadable", f"it cannot be read ({error.strerror}); check that it exists and may be read"
        )
    return Document(id=digest.hexdigest(), uri=uri, mime=UNKNOWN_MIME, size=size)


def _unusable(uri: str, code: str, message: str) -> Failure:
    """A failure of something that has no bytes to make an id from."""
    nothing = Document(id="", uri=uri, mime=UNKNOWN_MIME, size=0)
    return Failure(nothing, "discover", code, message, retryable=code == "unreadable")
