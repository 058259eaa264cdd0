"""What tells the rows of an output apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from qwen_batch.output.format import FileFormat, read_table
from qwen_batch.records import Document
from qwen_batch.storage.places import Store

KEY_SCHEMA = pa.schema([(name, pa.string()) for name in ("doc_id", "source_uri", "job", "job_fingerprint")])


class Key(NamedTuple):
    """Identity of a row: one document at one place, asked one job under one set of settings.

    A failure's fingerprint ends with "-" and the limits of reading under which it failed.
    """

    doc_id: str
    source_uri: str
    job: str
    job_fingerprint: str

    def failed_under(self, limits: str) -> Key:
        """The key of this question's failure."""
        return self._replace(job_fingerprint=f"{self.job_fingerprint}-{limits}")

    def asked(self) -> Key:
        """The key of the question itself, whether it was answered, skipped or failed."""
        return self._replace(job_fingerprint=self.job_fingerprint.partition("-")[0])


@dataclass(frozen=True, slots=True)
class DoneKeys:
    """Keys that need no work: `records` have a row, `failures` failed for good, `skips` are not what the job is for."""

    records: frozenset[Key]
    failures: frozenset[Key]
    skips: frozenset[Key] = frozenset()


def document_key(document: Document, job: str, fingerprint: str) -> Key:
    """What a document's row of a job is known by."""
    return Key(document.id, document.uri, job, fingerprint)


def read_keys(store: Store, path: str, form: FileFormat) -> Iterator[Key]:
    """The keys of a file's rows."""
    return keys_of(read_table(store, path, form, KEY_SCHEMA))


def keys_of(rows: pa.Table) -> Iterator[Key]:
    """The keys of rows, in their order."""
    return (Key(*values) for values in zip(*(rows[name].to_pylist() for name in Key._fields), strict=True))
