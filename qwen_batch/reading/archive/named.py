"""Inputs that name a member of an archive: the archive that they lead into. Looks at what is there, opens nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from qwen_batch.storage.places import Entry, Store
from qwen_batch.storage.sources import Source, local_source
from qwen_batch.storage.uris import MEMBER_MARK, archives_in, member_uri, uri_to_path


def archive_named(path: str) -> Path | None:
    """The file that a path leads into, as the name of a member does; None for what is there itself."""
    if os.path.lexists(path):
        return None
    return next((one for one in map(Path, archives_in(path)) if one.is_file()), None)


def member_source(item: str) -> Source | None:
    """The archive whose member an input names, with that member as the one that is wanted."""
    path = uri_to_path(item)
    archive = archive_named(path)
    if archive is None:
        return None
    source = local_source(Path(os.path.abspath(archive)))
    name = path[len(str(archive)) + len(MEMBER_MARK) :] if path == item else ""
    return replace(source, members=(member_uri(source.uri, name) if name else item,))


def s3_archive_named(store: Store, key: str) -> Entry | None:
    """The object that a key leads into."""
    return next((entry for one in archives_in(key) for entry in store.files(one) if entry.path == one), None)
