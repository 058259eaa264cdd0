"""Gold: what is known to stand in documents, one JSON object a line. Knows nothing of answers.

    {"source": "lease.pdf",
     "fields": {"governing_law.jurisdiction": "Nevada", "parties[].name": ["A", "B"], "renewal.value": null},
     "evidence": {"governing_law.jurisdiction": [{"page": 12, "quote": "the laws of Nevada"}]},
     "normalisers": {"governing_law.jurisdiction": "exact"}}

A field that is not named is not judged; null says that the document has no such value. Where several ways to say it
are right, a value is {"any_of": ["Nevada", "State of Nevada"]}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.kinds import known_kinds
from qwen_batch.evaluate.normalise import KINDS
from qwen_batch.evaluate.paths import Scalar
from qwen_batch.job.nothing import holds_nothing
from qwen_batch.value_paths import is_field_path

REMEDY = "correct the line; docs/eval.md shows what a gold line holds"


@dataclass(frozen=True, slots=True)
class GoldValue:
    """One value of a field: each of `accepted` is right, the first one is shown."""

    accepted: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class GoldEvidence:
    """Where a value stands: the page, from 1, if known, and the words, if known."""

    page: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """What is known of one document; `source` is its path, file name or doc_id.

    A field without values is one that the document does not have. `normalisers` names a kind of comparison. `denied`
    are values that a person said are wrong. Of a list of `partial` nothing is known but these and its values.
    """

    source: str
    fields: Mapping[str, tuple[GoldValue, ...]]
    evidence: Mapping[str, tuple[GoldEvidence, ...]] = field(default_factory=dict)
    normalisers: Mapping[str, str] = field(default_factory=dict)
    denied: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    partial: frozenset[str] = frozenset()


_Value = bool | int | float | Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _AnyOf(_Strict):
    any_of: list[_Value] = Field(min_length=1)


class _Place(_Strict):
    page: int | None = Field(default=None, ge=1)
    quote: str = ""


class _Line(_Strict):
    source: str = Field(min_length=1)
    fields: dict[str, _Value | _AnyOf | list[_Value | _AnyOf] | None] = Field(min_length=1)
    evidence: dict[str, list[_Place]] = {}
    normalisers: dict[str, str] = {}

    @model_validator(mode="after")
    def _names_are_known(self) -> _Line:
        for path in self.fields:
            if not is_field_path(path):
                raise ValueError(f"{path!r} is no field path, such as governing_law.jurisdiction or parties[].name")
        for table in ("evidence", "normalisers"):
            for path in getattr(self, table):
                if path not in self.fields:
                    raise ValueError(f"{table} names {path!r}, which is not in fields")
        for path, kind in self.normalisers.items():
            if kind not in KINDS:
                raise ValueError(f"normaliser {kind!r} of {path!r} is unknown; known: {known_kinds()}")
        return self


def read_gold(path: Path) -> tuple[GoldDocument, ...]:
    """The documents of a gold file. Raises UsageError that names the file and the line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give the path of a gold file in JSON Lines") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text: {error.reason}", "save the gold file as UTF-8") from None
    seen: dict[str, int] = {}
    documents = []
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        document = _line_to_document(text, f"{path}, line {number}")
        if first := seen.get(document.source):
            raise UsageError(
                f"{path}, line {number}: {document.source!r} stands in line {first} too", "join the two lines"
            )
        seen[document.source] = number
        documents.append(document)
    if not documents:
        raise UsageError(f"{path}: it holds no document", "write one JSON object a line; docs/eval.md shows one")
    return tuple(documents)


def make_gold(
    source: str,
    fields: Mapping[str, Any],
    evidence: Mapping[str, Sequence[GoldEvidence]] | None = None,
    normalisers: Mapping[str, str] | None = None,
) -> GoldDocument:
    """A gold document from plain values: a scalar, a list of them, or None; `{"any_of": [...]}` for a choice."""
    values = {path: tuple(map(_gold_value, _as_list(value))) for path, value in fields.items()}
    places = {path: tuple(items) for path, items in (evidence or {}).items()}
    return GoldDocument(source, values, places, dict(normalisers or {}))


def gold_to_line(document: GoldDocument) -> str:
    """A document as a line of a gold file; a field's path with [] has a list."""
    content: dict[str, Any] = {"source": document.source, "fields": {}}
    for path, values in document.fields.items():
        items: list[Any] = [
            value.accepted[0] if len(value.accepted) == 1 else {"any_of": value.accepted} for value in values
        ]
        content["fields"][path] = items if "[]" in path or len(items) > 1 else (items or [None])[0]
    if document.evidence:
        content["evidence"] = {path: list(map(_place_to_json, items)) for path, items in document.evidence.items()}
    if document.normalisers:
        content["normalisers"] = dict(document.normalisers)
    return json.dumps(content, ensure_ascii=False)


def _line_to_document(text: str, where: str) -> GoldDocument:
    try:
        line = _Line.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(f"{where}: {_first_problem(error)}", REMEDY) from None
    fields = line.model_dump()["fields"]
    evidence = {path: [GoldEvidence(item.page, item.quote) for item in items] for path, items in line.evidence.items()}
    return make_gold(line.source, fields, evidence, line.normalisers)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"][:2])
    return f"{place}: {problem['msg']}".lstrip(": ")


def _as_list(value: Any) -> Iterator[Any]:
    return (item for item in (value if isinstance(value, list | tuple) else [value]) if not holds_nothing(item))


def _gold_value(value: Any) -> GoldValue:
    return GoldValue(tuple(value["any_of"])) if isinstance(value, dict) else GoldValue((value,))


def _place_to_json(place: GoldEvidence) -> dict[str, Any]:
    return {"page": place.page, "quote": place.quote} if place.page else {"quote": place.quote}
