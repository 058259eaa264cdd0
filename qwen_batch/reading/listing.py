"""From the inputs of the command line to the files that they name: folders, globs and files, local or on S3.

Reads none. A folder is walked to the bottom; hidden files and folders are left out. So are outputs of this program in a
folder of documents: what was made of documents is none. An output that is named itself, or where a pattern begins, is
taken for a folder of documents with an output put beside them: only the output's own files are left out.
"""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from qwen_batch.errors import UsageError
from qwen_batch.reading.archive.named import archive_named, member_source, s3_archive_named
from qwen_batch.storage.identity import one_name_each
from qwen_batch.storage.outputs import LeftOut, OutputNames, Outputs
from qwen_batch.storage.places import S3_SCHEME, Entry, is_s3, open_store
from qwen_batch.storage.sources import Source, covers, local_source
from qwen_batch.storage.uris import path_to_uri, uri_to_path

GLOB_SIGNS = "*?["
MOST_SUGGESTIONS = 3
NO_OUTPUTS = OutputNames()


@dataclass(frozen=True, slots=True)
class Listing:
    """The files that the inputs name, each once, and the outputs that were met among them."""

    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def messages(self) -> tuple[str, ...]:
        """What the user should know of."""
        return tuple(one.message for one in self.left_out if not one.expected)

    def leaves_out(self, uri: str) -> bool:
        """Whether a file is no document because it belongs to an output."""
        return any(one.holds(uri) for one in self.left_out)


def inputs_to_listing(
    inputs: Sequence[str], limit: int | None = None, skip: str | None = None, names: OutputNames = NO_OUTPUTS
) -> Listing:
    """Lists the inputs; `skip` is the place of this run's output, `limit` a number of files.

    `names` is how other outputs are known.

    Raises UsageError for an input that names nothing.
    """
    outputs = Outputs(skip, names)
    sources = one_name_each(source for item in inputs for source in _sources(item, outputs))
    left_out = tuple(outputs.met.values())
    if not sources:
        said = "".join(f"; {one.message}" for one in left_out if not one.expected)
        raise UsageError(f"no files in {', '.join(inputs)}{said}", "give a folder, a glob or files with documents")
    return Listing(sources[:limit], left_out)


def printable_input(item: str) -> str:
    """An input as records can hold it: one whose name is no text of one line as a file:// URI."""
    return item if is_s3(item) or path_to_uri(item) == item else path_to_uri(os.path.abspath(item))


def check_input(item: str) -> None:
    """Raises UsageError if an input names nothing; folders are not walked."""
    if is_s3(item):
        next(_s3_sources(item, Outputs(None, NO_OUTPUTS)), None)
    else:
        input_to_paths(item)


def input_to_paths(item: str) -> list[Path]:
    """The local folders and files that an input names, folders not walked; of an archive's member the archive.

    Raises UsageError if there are none.
    """
    item = uri_to_path(item)
    if os.path.lexists(item):
        return [Path(item)]
    if (archive := archive_named(item)) is not None:
        return [archive]
    matches = sorted(glob.glob(item, recursive=True)) if glob.has_magic(item) else []
    if not matches:
        kind = "the pattern matches nothing" if glob.has_magic(item) else "no such file or folder"
        remedy = "check the path; quote a pattern so that the shell leaves it alone"
        raise UsageError(f"{item}: {kind}", _did_you_mean(item) + remedy)
    return [Path(match) for match in matches]


def names_beside(item: str) -> list[str]:
    """The names that lie where a path leads nowhere any more: beside the first of its parts that is not there."""
    return _names_in(_missing_part(item).parent)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _missing_part(item: str) -> Path:
    """The beginning of a path, as far as its first part that is not there."""
    path = Path(item)
    return next((part for part in reversed([path, *path.parents]) if not os.path.lexists(part)), path)


def _did_you_mean(item: str) -> str:
    """What a path that leads nowhere may have meant: other names where its first missing part should be."""
    missing = _missing_part(item)
    names = {name.casefold(): name for name in names_beside(item)}
    close = difflib.get_close_matches(missing.name.casefold(), names, MOST_SUGGESTIONS)
    paths = [path_to_uri(str(missing.parent / names[name])) for name in close]
    return f"did you mean {' or '.join(paths)}? " if paths else ""


def _sources(item: str, outputs: Outputs) -> Iterator[Source]:
    if is_s3(item):
        yield from _s3_sources(item, outputs)
        return
    if (member := member_source(item)) is not None:
        yield member
        return
    base = _fixed_part(uri_to_path(item))
    for path in input_to_paths(item):
        if not _is_wanted(path, base, outputs):
            continue
        if path.is_dir():
            yield from (local_source(_absolute(one.path), one.real_folder) for one in _walk(path, base, outputs))
        else:
            yield local_source(_absolute(path))  # also a broken link: a file that cannot be read


def _absolute(path: Path) -> Path:
    """With its symbolic links: the name that the user knows."""
    return Path(os.path.abspath(path))


def _fixed_part(item: str) -> Path:
    """The folder that a pattern begins at; any other input itself."""
    if os.path.lexists(item) or not glob.has_magic(item):
        return Path(item)
    before, slash, _ = item[: min(item.index(sign) for sign in GLOB_SIGNS if sign in item)].rpartition("/")
    return Path(before + slash)


def _is_wanted(path: Path, base: Path, outputs: Outputs) -> bool:
    """Whether what a pattern found, which begins at `base`, is neither an output, nor in one, nor an output's own."""
    below = path.relative_to(base)
    if not below.parts:
        return True
    folders = [base / folder for folder in below.parents if folder.parts]
    if any(outputs.leave_out(folder) for folder in reversed(folders)):
        return False
    if path.is_dir():
        return not outputs.leave_out(path)
    return not (outputs.names.is_own(below.as_posix()) and outputs.leave_out(base, mixed=True))


class _Found(NamedTuple):
    """A file that was found by a walk, and the real path of its folder if it is known."""

    path: Path
    real_folder: Path | None


def _walk(top: Path, base: Path, outputs: Outputs) -> list[_Found]:
    """All files below a folder, sorted; also by the links that lead to one again.

    Links to folders are followed when all else has been walked, so that what is found does not depend on their order. A
    link found in a folder that was walked before, or one to a folder around it, would go round for ever.
    """
    seen: set[Path] = set()
    unreadable: list[_Found] = []
    found: list[_Found] = []
    starts = [top]

    def note(error: OSError) -> None:
        unreadable.append(_Found(Path(error.filename), None))

    while starts:
        start = starts.pop(0)
        real_start = start.resolve()
        if _goes_round(start, real_start, seen):
            continue
        for name, folders, files in os.walk(start, onerror=note):
            parent = Path(name)
            if parent != base and outputs.leave_out(parent):
                folders.clear()
                continue
            real = real_start / parent.relative_to(start)
            folders[:] = [folder for folder in folders if not folder.startswith(".")]
            if real not in seen:
                starts += sorted(parent / folder for folder in folders if (parent / folder).is_symlink())
            seen.add(real)
            shown = [parent / file for file in files if not file.startswith(".")]
            found += [_Found(path, real) for path in shown if not _is_own_of(base, path, outputs)]
    return sorted(found + unreadable, key=lambda one: one.path)  # what is unreadable becomes a failure, not a gap


def _goes_round(link: Path, real: Path, seen: set[Path]) -> bool:
    return real in seen and link.parent.resolve().is_relative_to(real)


def _is_own_of(base: Path, path: Path, outputs: Outputs) -> bool:
    return outputs.names.is_own(path.relative_to(base).as_posix()) and outputs.leave_out(base, mixed=True)


def _s3_sources(item: str, outputs: Outputs) -> Iterator[Source]:
    """An object, all objects below a prefix, or those that match a pattern. Raises UsageError if there are none."""
    bucket, _, key = item.removeprefix(S3_SCHEME).partition("/")
    signs = [key.find(sign) for sign in GLOB_SIGNS if sign in key]
    store = open_store(f"{S3_SCHEME}{bucket}")
    base = key.rstrip("/")
    below = store.files(base)
    if not below and signs:
        base = key[: min(signs)].rpartition("/")[0]
        below = store.files(base)
    place = f"{store.root}/{base}".rstrip("/")
    if not below and (archive := s3_archive_named(store, base)) is not None:
        yield replace(_s3_source(store.root, archive), members=(item,))
        return
    wanted = [entry for entry in below if covers(item, f"{store.root}/{entry.path}")]
    if not wanted:
        kind = "the pattern matches nothing" if signs else "no such object or prefix"
        raise UsageError(f"{item}: {kind}", "check bucket and key; quote a pattern so that the shell leaves it alone")
    met = outputs.among(place, [_below(entry, base) for entry in below])
    for entry in wanted:
        source = _s3_source(store.root, entry)
        holders = [one for one in met if one.holds(source.uri)]
        outputs.met.update({one.uri: one for one in holders})
        if not holders:
            yield source


def _below(entry: Entry, base: str) -> str:
    return entry.path.removeprefix(base).removeprefix("/")


def _s3_source(bucket: str, entry: Entry) -> Source:
    uri = f"{bucket}/{entry.path}"
    return Source(uri, entry.size, str(entry.modified_ns), entry.modified_ns, uri)
