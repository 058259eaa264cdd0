"""Rows of members as they are staged or published: read file by file, of each only what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import pyarrow as pa

from qwen_batch.evidence.members.member import Member
from qwen_batch.outcomes import Evidence
from qwen_batch.output.corrections.kept import Standing, digest_of
from qwen_batch.output.corrections.onto_table import with_decisions
from qwen_batch.output.format import FORMATS, FileFormat, read_table
from qwen_batch.output.keys import KEY_SCHEMA, Key, keys_of, read_keys
from qwen_batch.output.layout import SHARD_FORMAT, Table, published_files
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.record_table import FAILURE_TABLE
from qwen_batch.output.views.reading import rows_to_plain
from qwen_batch.records import Box
from qwen_batch.storage.uris import document_name

READ = ("pages", "ocr_pages", "language", "result", "evidence", "confidence")
"""What a group takes of a member's row beside its key."""


class Said(NamedTuple):
    """Why a member has no row."""

    code: str
    message: str


def member_rows(
    ledger: Ledger, table: Table, wanted: Iterable[Key], standing: Standing
) -> Iterator[tuple[Key, Member]]:
    """The rows of these questions, each once, with what people decided."""
    schema = pa.schema([*KEY_SCHEMA, *(table.schema.field(name) for name in READ)])
    for key, row in _rows(ledger, table, set(wanted), schema, standing):
        yield key, _row_to_member(row)


def values_at(
    ledger: Ledger, table: Table, wanted: Iterable[Key], keys: tuple[str, ...], standing: Standing
) -> dict[Key, object]:
    """What the rows of these questions say at a path of their result."""
    names = ("result", "evidence", "confidence") if standing else ("result",)
    schema = pa.schema([*KEY_SCHEMA, *(table.schema.field(name) for name in names)])
    return {key: _at(row["result"], keys) for key, row in _rows(ledger, table, set(wanted), schema, standing)}


def reasons(ledger: Ledger, wanted: Iterable[Key]) -> dict[Key, Said]:
    """Why these questions failed, by their keys in the table of failures."""
    schema = pa.schema([*KEY_SCHEMA, ("code", pa.string()), ("message", pa.string())])
    missing = set(wanted)
    found = {}
    for path, form in _files_of(ledger, FAILURE_TABLE) if missing else ():
        rows = read_table(ledger.store, path, form, schema)
        for key, code, message in zip(
            keys_of(rows), rows["code"].to_pylist(), rows["message"].to_pylist(), strict=True
        ):
            if key in missing:
                found[key] = Said(code, message)
    return found


def decided_digests(standing: Standing, job: str) -> dict[str, str]:
    """By document what people decided of its row of a job, as a short text that changes with it."""
    return {question.doc_id: digest_of(kept) for question, kept in standing.items() if question.job == job}


def _rows(
    ledger: Ledger, table: Table, missing: set[Key], schema: pa.Schema, standing: Standing
) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Of each file those rows that are wanted and did not come before; `missing` shrinks by them."""
    for path, form in _files_of(ledger, table):
        if not missing:
            return
        places = []
        for place, key in enumerate(read_keys(ledger.store, path, form)):
            asked = key.asked()
            if asked in missing:
                missing.discard(asked)
                places.append(place)
        if not places:
            continue
        rows = read_table(ledger.store, path, form, schema)
        rows = with_decisions(rows.take(pa.array(places, pa.int64())), standing)
        for number in range(len(rows)):  # one at a time: as Python's objects rows take many times their room
            (row,) = rows_to_plain(rows.slice(number, 1))
            yield Key(*(row[name] for name in Key._fields)).asked(), row


def _files_of(ledger: Ledger, table: Table) -> Iterator[tuple[str, FileFormat]]:
    """Staged files, then published ones, the newest first: what `apply` published is newer than what it corrected."""
    for path in ledger.staged(table):
        yield path, FORMATS.load(SHARD_FORMAT)
    published = [file for file in published_files(ledger.store) if file.table == table.name == file.staged_as]
    for file in reversed(published):
        yield file.path, FORMATS.load(file.format)


def _at(result: Mapping[str, Any] | None, keys: tuple[str, ...]) -> object:
    value: Any = result
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


_EVIDENCE = tuple(one.name for one in fields(Evidence) if one.name not in {"boxes", "decided_at"})


def _row_to_member(row: Mapping[str, Any]) -> Member:
    return Member(
        doc_id=row["doc_id"],
        source_uri=row["source_uri"],
        name=document_name(row["source_uri"]),
        result=row["result"] or {},
        evidence=tuple(_evidence(one) for one in row["evidence"] or ()),
        confidence=row["confidence"] or {},
        pages=row["pages"] or 0,
        ocr_pages=row["ocr_pages"] or 0,
        language=row["language"] or "und",
    )


def _evidence(one: Mapping[str, Any]) -> Evidence:
    values: dict[str, Any] = {name: one.get(name) for name in _EVIDENCE}
    values["standing"] = values["standing"] or "value"
    return Evidence(**values, boxes=tuple(Box(**box) for box in one["boxes"] or ()))
