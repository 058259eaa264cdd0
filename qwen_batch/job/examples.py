"""Right answers to a job about other documents: what people decided, as a prompt may show it. Values alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class ExampleFact:
    """A value that a person found right: `path` as `parties[].name`, and the words where it stands, if known."""

    path: str
    value: Scalar
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """What was found right of one document's row."""

    doc_id: str
    document: str
    facts: tuple[ExampleFact, ...]


def examples_digest(examples: Iterable[Example]) -> str:
    """16 hex digits that change with what may be shown."""
    said = json.dumps([[one.doc_id, [asdict(fact) for fact in one.facts]] for one in examples], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
