"""Outputs of this program that lie in a folder of documents, or are that folder: known by the names in them.

For those who list documents. Looks at names alone, so that it holds for outputs of former versions and for S3. Which
names there are is said by `output/layout`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qwen_batch.storage.places import is_s3
from qwen_batch.storage.uris import path_to_uri, uri_to_path

NOTHING = re.compile("(?!)")


@dataclass(frozen=True, slots=True)
class OutputNames:
    """How files of an output are called, by their paths in it: those that tell one, and all that are its own.

    `places` are the files and folders at its top where the marks are. By default no folder is an output.
    """

    mark: re.Pattern[str] = NOTHING
    own: re.Pattern[str] = NOTHING
    places: tuple[str, ...] = ()

    def folders(self, paths: Iterable[str]) -> set[str]:
        """Of files by their paths, the folders that are outputs; "" is the folder that the paths are relative to."""
        found = set()
        for path in paths:
            parts = path.split("/")
            for count, name in enumerate(parts):
                if name in self.places and self.mark.fullmatch("/".join(parts[count:])):
                    found.add("/".join(parts[:count]))
        return found

    def is_own(self, path: str) -> bool:
        """Whether a file in an output was written by this program; documents may lie beside."""
        return self.own.fullmatch(path) is not None

    def are_in(self, folder: Path) -> bool:
        """Whether a local folder is an output; one that cannot be looked at is not."""
        return any("" in self.folders(_files(folder, name)) for name in self.places)


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
    names: OutputNames

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
        return below != path and (not self.mixed or self.names.is_own(below))


@dataclass(slots=True)
class Outputs:
    """The outputs that a listing meets, looked for once each; `own` is the place of this run's, which may be new."""

    own: str | None
    names: OutputNames
    met: dict[str, LeftOut] = field(default_factory=dict)
    _known: dict[Path, bool] = field(default_factory=dict)

    def leave_out(self, folder: Path, *, mixed: bool = False) -> bool:
        """Whether a local folder is an output; if so it is remembered as met."""
        if folder not in self._known:
            self._known[folder] = self._is_own(folder) or self.names.are_in(folder)
        if self._known[folder]:
            uri = path_to_uri(os.path.abspath(folder))
            name = str(folder) if path_to_uri(str(folder)) == str(folder) else uri
            self.met.setdefault(uri, LeftOut(name, uri, mixed, self._is_own(folder), self.names))
        return self._known[folder]

    def among(self, base: str, paths: Sequence[str]) -> list[LeftOut]:
        """The outputs on S3 among the objects below a prefix, by their paths from it; the prefix itself is a mixed one.

        Not yet met: objects in them may not be wanted.
        """
        found = {f"{base}/{folder}".rstrip("/") for folder in self.names.folders(paths)}
        own = (self.own or "").rstrip("/")
        found |= {own} if own == base or own.startswith(f"{base}/") else set()
        return [LeftOut(uri, uri, uri == base, uri == own, self.names) for uri in sorted(found)]

    def _is_own(self, folder: Path) -> bool:
        return self.own is not None and not is_s3(self.own) and folder.resolve() == Path(self.own).resolve()


def _files(folder: Path, name: str) -> Iterator[str]:
    if (folder / name).is_file():
        yield name
    for parent, _, names in os.walk(folder / name):
        for file in names:
            yield (Path(parent) / file).relative_to(folder).as_posix()
