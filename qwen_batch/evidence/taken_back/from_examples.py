"""Taking back what stands only in an example: a value that the prompt showed of another document, and this one lacks.

A value with a quote is held against its place; one without is looked for in the text. What the schema names itself,
yes and no or one of a few words, is no example's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from qwen_batch.evidence.folding import fold
from qwen_batch.evidence.merge import Merged
from qwen_batch.evidence.support import AROUND, Surroundings, value_support
from qwen_batch.evidence.taken_back.rejecting import rejected
from qwen_batch.job.facts.dates import dates_in, iso_day
from qwen_batch.job.facts.numerals import numbers_in
from qwen_batch.outcomes import Evidence, Example
from qwen_batch.schema_walk import Schema, definitions_of, may_be_null, resolved
from qwen_batch.value_paths import is_within, item_path, key_path, moved, top_field

WHY = "left out, it stands in an example and not in this document"


def without_examples(merged: Merged, examples: Collection[Example], text: str, schema: Schema) -> Merged:
    """The result without such values: the fact is null, an item of a list is gone, each with a warning.

    A field that may not be null loses its text alone.
    """
    shown = {_key(fact.value) for one in examples for fact in one.facts if not isinstance(fact.value, bool)}
    if not shown:
        return merged
    walk = _Walk(shown, merged.evidence, text, definitions_of(schema))
    for field in merged.result:
        merged = walk.without(merged, field, schema["properties"].get(field, {}))
    return merged


class _Walk:
    def __init__(
        self, shown: Collection[str], evidence: Collection[Evidence], text: str, definitions: dict[str, Schema]
    ) -> None:
        self._shown = shown
        self._evidence = [one for one in evidence if one.standing == "value" and one.start is not None]
        self._text = text
        self._definitions = definitions

    @cached_property
    def _folded(self) -> str:
        return fold(self._text)

    @cached_property
    def _numbers(self) -> set[float]:
        return numbers_in(self._text)

    @cached_property
    def _days(self) -> set[date]:
        return {day for one in dates_in(self._text) for day in one.days}

    def without(self, merged: Merged, field: str, schema: Schema) -> Merged:
        value = merged.result[field]
        body = resolved(schema, self._definitions)
        if isinstance(value, list):
            return self._without_items(merged, field, value, body.get("items", {}))
        if not any(self._copied(value, schema, field)):
            return merged
        left = None if may_be_null(schema) else _emptied(value)
        return replace(
            merged,
            result={**merged.result, field: left},
            evidence=tuple(rejected(one) if top_field(one.field) == field else one for one in merged.evidence),
            parts=tuple(
                replace(one, absent=left is None, match="none", score=0.0) if one.field == field else one
                for one in merged.parts
            ),
            warnings=(*merged.warnings, f"{field}: {WHY}"),
        )

    def _without_items(self, merged: Merged, field: str, items: list[Any], schema: Schema) -> Merged:
        left = [at for at, item in enumerate(items) if not any(self._copied(item, schema, item_path(field, at)))]
        if len(left) == len(items):
            return merged
        places = {item_path(field, at): item_path(field, place) for place, at in enumerate(left)}
        return replace(
            merged,
            result={**merged.result, field: [items[at] for at in left]},
            evidence=tuple(_placed(merged.evidence, field, places)),
            warnings=(*merged.warnings, f"{field}: {len(items) - len(left)} {WHY}"),
        )

    def _copied(self, value: Any, schema: Schema, path: str) -> Iterator[bool]:
        """For each value within whether it is an example's, and not this document's."""
        body = resolved(schema, self._definitions)
        if isinstance(value, dict):
            fields = body.get("properties", {})
            for name, one in value.items():
                if name != "quote":
                    yield from self._copied(one, fields.get(name, {}), key_path(path, name))
        elif isinstance(value, list):
            for at, one in enumerate(value):
                yield from self._copied(one, body.get("items", {}), item_path(path, at))
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and "enum" not in body:
            yield _key(value) in self._shown and not self._is_here(value, path)

    def _is_here(self, value: str | float, path: str) -> bool:
        own = [one for one in self._evidence if one.field == path]
        if any(value_support(value, Surroundings(one.quote, "")) >= AROUND for one in own):
            return True
        if not isinstance(value, str):
            return float(value) in self._numbers
        return iso_day(value) in self._days or fold(value) in self._folded


def _placed(evidence: Collection[Evidence], field: str, places: dict[str, str]) -> Iterator[Evidence]:
    """Evidence of the items that are left, where they are now; that of the others is gone with them."""
    for one in evidence:
        if top_field(one.field) != field or "[" not in one.field:
            yield one
            continue
        old = next((old for old in places if is_within(one.field, old)), None)
        if old is not None:
            yield replace(one, field=moved(one.field, old, places[old]))


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied(one) if name != "quote" else "" for name, one in value.items()}
    return "" if isinstance(value, str) else value


def _key(value: str | float) -> str:
    return repr(float(value)) if isinstance(value, int | float) else " ".join(fold(value).split())
