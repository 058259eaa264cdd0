"""Where an output lies: a local folder or an S3 prefix, with the few operations that exactly-once writing needs.

A file is whole and durable under its name or not there. Paths are relative to the store's root, with "/". Knows
nothing of tables.
"""

from __future__ import annotations

from qwen_batch.storage.local import LocalStore
from qwen_batch.storage.s3 import S3_SCHEME, S3Store
from qwen_batch.storage.store import Entry, Store, explained

__all__ = ["S3_SCHEME", "Entry", "LocalStore", "S3Store", "Store", "explained", "is_s3", "open_store"]


def is_s3(place: str) -> bool:
    """Whether this is the name of an object or prefix on S3."""
    return place.startswith(S3_SCHEME)


def open_store(place: str) -> Store:
    """The store at a local path or an s3://bucket/prefix; nothing is made yet."""
    return S3Store(place) if is_s3(place) else LocalStore(place)
