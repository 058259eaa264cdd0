"""Where an export goes: the kinds of file by their endings, and what may not be written over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.errors import UsageError
from qwen_batch.storage.places import Store, is_s3, open_store

KINDS = (".xlsx", ".csv", ".jsonl")
PAGE_COLUMN = "report_page"
"""In csv and JSON Lines; in Excel the document's name is the link."""
PageOf = Callable[[str, str], str | None]
"""The report's page of a document, by its source_uri and doc_id: relative to the export, or a URI; None without one."""


def page_column(names: Iterable[str]) -> str:
    """What the column of report pages is called beside these: a job may have a field of that name."""
    taken, name = {one.lower() for one in names}, PAGE_COLUMN
    while name in taken:
        name = f"document_{name}"
    return name


@dataclass(frozen=True, slots=True)
class Target:
    """A file of a folder or S3 prefix."""

    store: Store
    name: str
    kind: str


def target_of(place: str, output: str) -> Target:
    """The file that is meant. Raises UsageError for another kind, a folder, and what belongs to the output."""
    folder, _, name = place.rpartition("/")
    kind = Path(name).suffix.lower()
    if kind not in KINDS:
        raise UsageError(f"{place}: no kind of file that can be written", f"end it in one of {', '.join(KINDS)}")
    if is_s3(place):
        return Target(open_store(folder), name, kind)
    path = Path(place)
    if path.is_dir():
        raise UsageError(f"{place}: that is a folder", "name a file in it")
    if not is_s3(output) and _is_inside(path, Path(output)):
        raise UsageError(
            f"{place}: the folders of an output hold what runs write",
            f"write it elsewhere, or beside them as {Path(output) / name}",
        )
    return Target(open_store(str(path.parent)), name, kind)


def _is_inside(path: Path, output: Path) -> bool:
    """Whether a path lies in a folder of the output, where readers take every file for one of its own."""
    parent, root = path.parent.resolve(), output.resolve()
    return parent != root and parent.is_relative_to(root)
