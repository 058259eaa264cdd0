"""How a folder is known for an output of this program by the names in it, and which files in it are the program's own.

For those who list documents: an output lies in a folder of documents, or is that folder. Looks at names alone, so that
it holds for outputs of former versions and for S3; which names there are is decided by `output/layout`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qwen_batch.storage.places import is_s3
from qwen_batch.storage.sources import SOURCES_NAME
from qwen_batch.storage.uris import path_to_uri, uri_to_path

_RUN_ID = r"\d{8}T\d{6}Z-[0-9a-f]{6}"
_STAGED = rf"\.staging/(?:[^/]+/[^/]+/{_RUN_ID}-\d{{6}}\.parquet|\.publishing/{_RUN_ID}/.+)"
_MARK = re.compile(rf"(?:(?P<folder>.*)/)?(?:{re.escape(SOURCES_NAME)}|_(?:runs|log)/{_RUN_ID}\.json|{_STAGED})")
_MARKING_FOLDERS = ("_runs", "_log", ".staging")
_OWN = re.compile(
    rf"""
    \.staging/.+ | (?: {re.escape(SOURCES_NAME)} | _(?:runs|log)/{_RUN_ID}\.json
    | _tables/[^/]+\.json | _views/[^/]+\.sql ) (?:\.tmp)?                  # records, and what is on its way
    | [^/]+/run={_RUN_ID}/.+ | [^/]+/part-{_RUN_ID}-\d+\.\w+                # published rows
    | [^/]+/_(?:manifest|latest)[^/]*\.(?:json|sql) | [^/]+/latest\.sql     # what former versions put beside them
    | markdown/[^/]+\.[0-9a-f]{{8}}\.md
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An output that was met and not read: its name as the user knows it, and its URI.

    Of a `mixed` one only its own files are not read: documents lie beside them. One that is `expected`, the output of
    this very run, is worth no word.
    """

    name: str
    uri: str
    mixed: bool
    expected: bool

    @property
    def message(self) -> str:
        """The line for the user."""
        if self.mixed:
            return f"{self.name}: holds an output of qwen-batch; the output's own files are not read"
        return f"{self.name}: an output of qwen-batch, not read; name a file in it to read it"

    def holds(self, uri: str) -> bool:
        """Whether a file belongs to what was left out."""
        path = uri_to_path(uri)
        below = path.removeprefix(f"{uri_to_path(self.uri)}/")
        return below != path and (not self.mixed or is_own(below))


@dataclass(slots=True)
class Outputs:
    """The outputs that a listing meets, looked for once each; `own` is the place of this run's, which may be new."""

    own: str | None
    met: dict[str, LeftOut] = field(default_factory=dict)
    _known: dict[Path, bool] = field(default_factory=dict)

    def leave_out(self, folder: Path, *, mixed: bool = False) -> bool:
        """Whether a local folder is an output; if so it is remembered as met."""
        if folder not in self._known:
            self._known[folder] = self._is_own(folder) or is_output_folder(folder)
        if self._known[folder]:
            uri = path_to_uri(os.path.abspath(folder))
            name = str(folder) if path_to_uri(str(folder)) == str(folder) else uri
            self.met.setdefault(uri, LeftOut(name, uri, mixed, self._is_own(folder)))
        return self._known[folder]

    def among(self, base: str, paths: Sequence[str]) -> list[LeftOut]:
        """The outputs on S3 among the objects below a prefix, by their paths from it; the prefix itself is a mixed one.

        Not yet met: objects in them may not be wanted.
        """
        found = {f"{base}/{folder}".rstrip("/") for folder in output_folders(paths)}
        own = (self.own or "").rstrip("/")
        found |= {own} if own == base or own.startswith(f"{base}/") else set()
        return [LeftOut(uri, uri, mixed=uri == base, expected=uri == own) for uri in sorted(found)]

    def _is_own(self, folder: Path) -> bool:
        return self.own is not None and not is_s3(self.own) and folder.resolve() == Path(self.own).resolve()


def output_folders(paths: Iterable[str]) -> set[str]:
    """Of files by their paths, the folders that are outputs; "" is the folder that the paths are relative to."""
    return {found["folder"] or "" for path in paths if (found := _MARK.fullmatch(path))}


def is_own(path: str) -> bool:
    """Whether a file of an output, by its path in it, was written by this program; documents may lie beside."""
    return _OWN.fullmatch(path) is not None


def is_output_folder(folder: Path) -> bool:
    """Whether a local folder is an output; one that cannot be looked at is not."""
    if os.path.lexists(folder / SOURCES_NAME):
        return True
    return any("" in output_folders(_files(folder, name)) for name in _MARKING_FOLDERS)


def _files(folder: Path, name: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder / name):
        for file in names:
            yield (Path(parent) / file).relative_to(folder).as_posix()
