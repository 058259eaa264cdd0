"""A row's result and evidence as facts and values that a person can look at one by one.

Which leaves there are follows from the table's Arrow type, so that every job is shown alike, and rows of its older
versions too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from qwen_batch.outcomes import RECORD_CONFIDENCE
from qwen_batch.output.views.flat import PRINCIPALS, QUOTE
from qwen_batch.report.content import Answer, Citation, Fact, Field, Value, ValueKind, as_evidence
from qwen_batch.value_paths import is_within, item_path, key_path, top_field

UNKNOWN_ERROR = 0.5
"""Of a value that has no confidence: it is as likely wrong as right."""


def row_to_answer(row: Mapping[str, Any], result_type: pa.StructType, first_citation: int) -> Answer:
    """A row of a job's table; its citations count from `first_citation`."""
    citations = [as_evidence(one, first_citation + at) for at, one in enumerate(row.get("evidence") or ())]
    confidence = row.get("confidence") or {}
    result = row["result"] or {}
    key = f"{row['doc_id']}|{row['source_uri']}|{row['job']}|{row['job_fingerprint']}|{row['run_id']}"
    fields = []
    for field in result_type:
        own = [one for one in citations if top_field(one.field) == field.name]
        reading = _Reading(key, confidence.get(field.name), own)
        facts = tuple(reading.facts(field.type, result.get(field.name), field.name))
        fields.append(Field(field.name, confidence.get(field.name), _with_strays(facts, own)))
    return Answer(
        job=row["job"],
        doc_id=row["doc_id"],
        source_uri=row["source_uri"],
        fingerprint=row["job_fingerprint"] or "",
        run_id=row["run_id"],
        model=row.get("model") or "",
        processed_at=row.get("processed_at") or "",
        confidence=confidence.get(RECORD_CONFIDENCE),
        tokens=(row.get("prompt_tokens") or 0) + (row.get("output_tokens") or 0),
        pages=row.get("pages") or 0,
        ocr_pages=row.get("ocr_pages") or 0,
        language=row.get("language") or "und",
        mime=row.get("mime") or "",
        size_bytes=row.get("size_bytes") or 0,
        state=row.get("source_state") or "present",
        warnings=tuple(row.get("warnings") or ()),
        fields=tuple(fields),
    )


class _Reading:
    """Walks one field of a row."""

    def __init__(self, key: str, confidence: float | None, citations: Sequence[Citation]) -> None:
        self._key = key
        self._confidence = confidence
        self._citations = citations

    def facts(self, kind: pa.DataType, value: Any, path: str) -> Iterator[Fact]:
        """The facts within the value at a path; nothing said is a fact too."""
        if pa.types.is_list(kind):
            if not value:
                yield self._absent(kind.value_type, item_path(path, 0), path)
            for number, item in enumerate(value or ()):
                yield from self.facts(kind.value_type, item, item_path(path, number))
        elif not pa.types.is_struct(kind):
            yield self._fact(path, [self._value(kind, value, path, path)])
        elif _says_nothing(kind, value):
            yield self._absent(kind, path, path)
        elif any(leaf.name == QUOTE for leaf in kind):
            yield self._fact(path, list(self._leaves(kind, value, path)))
        else:
            for leaf in kind:
                yield from self.facts(leaf.type, value.get(leaf.name), key_path(path, leaf.name))

    def _leaves(self, kind: pa.StructType, value: Mapping[str, Any], path: str) -> Iterator[Value]:
        """What a fact says beside its quote; lists and models in it leaf by leaf."""
        for leaf in kind:
            below = key_path(path, leaf.name)
            if leaf.name == QUOTE:
                continue
            if pa.types.is_struct(leaf.type) or pa.types.is_list(leaf.type):
                for fact in self.facts(leaf.type, value.get(leaf.name), below):
                    yield from fact.values
            else:
                yield self._value(leaf.type, value.get(leaf.name), below, below)

    def _absent(self, kind: pa.DataType, path: str, label: str) -> Fact:
        """Nothing there: a person who finds something types what the fact is known by."""
        leaf, at = _principal(kind, path)
        return self._fact(label, [self._value(leaf, None, at, label)])

    def _value(self, kind: pa.DataType, value: Any, path: str, label: str) -> Value:
        cited = tuple(one.number for one in self._citations if is_within(path, one.field) or is_within(one.field, path))
        return Value(
            id=hashlib.sha256(f"{self._key}|{path}".encode("utf-8", "surrogatepass")).hexdigest()[:12],
            path=path,
            label=label,
            kind=kind_of(kind),
            value=value,
            confidence=self._confidence,
            error=UNKNOWN_ERROR if self._confidence is None else min(max(1 - self._confidence, 0.0), 1.0),
            citations=cited,
        )

    def _fact(self, path: str, values: Sequence[Value]) -> Fact:
        wanted = {number for value in values for number in value.citations}
        return Fact(path, tuple(values), tuple(one for one in self._citations if one.number in wanted))


def kind_of(kind: pa.DataType) -> ValueKind:
    """What a person may type for a value of an Arrow type."""
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "number"
    if pa.types.is_date(kind):
        return "date"
    return "time" if pa.types.is_timestamp(kind) else "text"


def _says_nothing(kind: pa.StructType, value: Mapping[str, Any] | None) -> bool:
    return value is None or all(value.get(leaf.name) in (None, "", []) for leaf in kind if leaf.name != QUOTE)


def _principal(kind: pa.DataType, path: str) -> tuple[pa.DataType, str]:
    """The leaf that a fact is known by, and its path."""
    while pa.types.is_struct(kind):
        leaves = {leaf.name: leaf.type for leaf in kind if leaf.name != QUOTE}
        name = next((one for one in PRINCIPALS if one in leaves), next(iter(leaves), ""))
        if not name:
            break
        kind, path = leaves[name], key_path(path, name)
    if pa.types.is_list(kind):
        return _principal(kind.value_type, item_path(path, 0))
    return kind, path


def _with_strays(facts: tuple[Fact, ...], citations: Sequence[Citation]) -> tuple[Fact, ...]:
    """The facts, and one more of the citations that belong to none of them: of values that were rejected."""
    known = {one.number for fact in facts for one in fact.citations}
    strays = tuple(one for one in citations if one.number not in known)
    return (*facts, Fact("", (), strays)) if strays else facts
