"""What a run was given, and what is remembered of it: where each file lay, its hash, and how to see that it changed.

The index in an output has every source that was ever seen. It spares reading a file again that has not
changed, and says which rows belong to a file's present content and which files are gone.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import pyarrow as pa

from qwen_batch.storage.parquet import read_parquet, write_parquet
from qwen_batch.storage.places import Store, is_s3
from qwen_batch.storage.uris import archives_in, path_to_uri, uri_to_path

RACY_NS = 2_000_000_000
"""A file that changed less than this before it was hashed may have changed again within one tick of its clock: as in
git's index (https://git-scm.com/docs/racy-git) its stamp is not believed."""
RACY_S3_NS = 60_000_000_000
"""The same on S3, whose clock is another and counts whole seconds."""
FILES = frozenset(("present", "archive"))
"""States of what lies under its own name."""
INDEX_SCHEMA = pa.schema(
    [
        ("source_uri", pa.string()),
        ("doc_id", pa.string()),
        ("size_bytes", pa.int64()),
        ("stamp", pa.string()),
        ("modified_ns", pa.int64()),
        ("hashed_at_ns", pa.int64()),
        ("state", pa.string()),
        ("real_uri", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it lies there, not read: `stamp` changes when it is written, `modified_ns` since the epoch.

    `size` is in bytes, -1 for what cannot be looked at. `real_uri` is its name without symbolic links, `also` are other
    paths that lead to the same file. Of an archive `members` are the URIs of those that are wanted, none for all.
    """

    uri: str
    size: int
    stamp: str
    modified_ns: int
    real_uri: str
    also: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A file that was hashed: its `doc_id` then, and whether it was there when its place was last looked at.

    `alias` is another path to the file whose row is the one with the same `real_uri` that is present. `archive` is a
    file that is there and is no document; each of its members has a row with the archive's stamp.
    """

    source_uri: str
    doc_id: str
    size_bytes: int
    stamp: str
    modified_ns: int
    hashed_at_ns: int
    state: Literal["present", "deleted", "alias", "archive"] = "present"
    real_uri: str = ""

    def is_still(self, source: Source) -> bool:
        """Whether the file has not been written since it was hashed."""
        settled = self.hashed_at_ns - self.modified_ns >= (RACY_S3_NS if is_s3(source.uri) else RACY_NS)
        return settled and (self.size_bytes, self.stamp) == (source.size, source.stamp)


def read_index(store: Store, path: str) -> dict[str, KnownSource]:
    """Every source known to an output, by its URI; none for a new output."""
    try:
        with store.open(path) as file:
            rows = read_parquet(file, INDEX_SCHEMA).to_pylist()
    except FileNotFoundError:
        return {}
    return {row["source_uri"]: KnownSource(**row | {"real_uri": _real_uri_in(row)}) for row in rows}


def _real_uri_in(row: Mapping[str, str | None]) -> str:
    """As the index has it; in one of a former version it is looked up."""
    real = row["real_uri"]
    return real_uri(str(row["source_uri"])) if real is None else real


def write_index(store: Store, path: str, index: Mapping[str, KnownSource]) -> None:
    """Replaces the index as a whole."""
    rows = [index[uri] for uri in sorted(index)]
    columns = list(zip(*(astuple(row) for row in rows), strict=True)) or [()] * len(INDEX_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, INDEX_SCHEMA, strict=True)]
    store.put(path, partial(write_parquet, pa.Table.from_arrays(arrays, schema=INDEX_SCHEMA)))


def updated_index(
    known: Mapping[str, KnownSource],
    seen: Iterable[KnownSource],
    named: Iterable[str],
    inputs: Sequence[str],
    left_out: Callable[[str], bool] = lambda _: False,
) -> dict[str, KnownSource]:
    """The index after a look at all that lies at the inputs: `named` are the URIs there, `seen` those hashed.

    A known source that an input covers and that is not named is deleted if it is not there any more, or if it is
    `left_out`: no document. A former name is deleted too when its file is known by another name from now on. A member
    goes with its archive, or when that was opened and it is not in it.
    """
    found = {source.source_uri: source for source in seen}
    index = {**known, **found}
    there = set(named)
    taken = {source.real_uri: source.source_uri for source in found.values() if source.state in FILES}
    for uri, source in known.items():
        archive = archive_of(uri, known)
        if uri in found or uri in there:
            continue
        if archive is not None and archive in there:
            if archive in found:
                index[uri] = replace(source, state="deleted")
            continue
        place = uri if archive is None else archive
        if any(covers(item, place) for item in inputs) and (left_out(place) or _is_gone(place)):
            index[uri] = replace(source, state="deleted")
        elif source.state == "present" and taken.get(source.real_uri, uri) != uri:
            index[uri] = _without_its_file(source)
    return index


def archive_of(uri: str, known: Mapping[str, KnownSource]) -> str | None:
    """The archive that a known member is packed in, None for a file of its own."""
    return next((one for one in archives_in(uri) if one in known and known[one].state == "archive"), None)


def _without_its_file(source: KnownSource) -> KnownSource:
    """A former name of a file that has another now: gone, another way to it, or another file's name by now."""
    if _is_gone(source.source_uri):
        return replace(source, state="deleted")
    real = real_uri(source.source_uri)
    return replace(source, state="alias") if real == source.real_uri else replace(source, real_uri=real)


def _is_gone(uri: str) -> bool:
    """Whether there is no such file; one that cannot be looked at may be there. S3 has been listed to the end."""
    if is_s3(uri):
        return True
    try:
        os.lstat(uri_to_path(uri))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def covers(item: str, uri: str) -> bool:
    """Whether an input, as the command line has it, would name this URI if it was there.

    An input covers itself, what lies below it, and what it matches as a pattern: "**" is any number of folders, other
    signs stay within a name. Names that begin with a dot are covered only where the input has them.
    """
    if is_s3(item) != is_s3(uri):
        return False
    place = item.rstrip("/") if is_s3(item) else os.path.abspath(uri_to_path(item))
    names = uri_to_path(uri).split("/")
    return _matches(names, place.split("/"), exact=True) or (
        glob.has_magic(place) and _matches(names, place.split("/"))
    )


def _matches(names: list[str], patterns: list[str], *, exact: bool = False) -> bool:
    if not patterns:
        return not any(name.startswith(".") for name in names)
    first, rest = patterns[0], patterns[1:]
    if first == "**" and not exact:
        return _matches(names, rest) or (bool(names) and _fits(names[0], "*") and _matches(names[1:], patterns))
    fits = bool(names) and (names[0] == first if exact else _fits(names[0], first))
    return fits and _matches(names[1:], rest, exact=exact)


def _fits(name: str, pattern: str) -> bool:
    hidden = name.startswith(".") and not pattern.startswith(".")
    return not hidden and fnmatch.fnmatchcase(name, pattern)


def local_source(path: Path, real_folder: Path | None = None) -> Source:
    """A local file as it lies there; what cannot be looked at has no size and is found out when it is read.

    `path` is absolute, `real_folder` the real path of its folder if the caller knows it.
    """
    uri = path_to_uri(str(path))
    try:
        status = path.lstat()
        is_link = stat.S_ISLNK(status.st_mode)
        if is_link:
            status = path.stat()
    except OSError:
        return Source(uri, -1, "", 0, uri)
    real = path.resolve() if is_link or real_folder is None else real_folder / path.name
    stamp = f"{status.st_mtime_ns}-{status.st_ctime_ns}-{status.st_ino}"
    return Source(uri, status.st_size, stamp, status.st_mtime_ns, path_to_uri(str(real)))


def real_uri(uri: str) -> str:
    """The name of a file without symbolic links, as far as its path leads; on S3, which has none, the name itself."""
    return uri if is_s3(uri) else path_to_uri(os.path.realpath(uri_to_path(uri)))
