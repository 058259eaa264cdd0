"""Taking back what had to be grounded and is not: marked values whose quote was not located, or that say nothing.

Knows a job's JSON schema and an answer's evidence; what became of each value is told, so that a row can say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.job.rules import is_grounded
from qwen_batch.outcomes import Evidence
from qwen_batch.schema_walk import definitions_of, resolved
from qwen_batch.value_paths import item_path, key_path


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer's result and evidence after taking back, and the paths of what was taken back, as they were."""

    result: dict[str, Any]
    evidence: tuple[Evidence, ...]
    dropped: tuple[str, ...]


def drop_ungrounded(result: dict[str, Any], evidence: Sequence[Evidence], schema: dict[str, Any]) -> Kept:
    """Marked values without located evidence become null, or leave their list, whose later items move up."""
    walk = _Walk(evidence, definitions_of(schema))
    kept = walk.kept_object(result, schema["properties"], "", "")
    return Kept(kept, tuple(walk.evidence), tuple(walk.dropped)) if walk.dropped else Kept(result, tuple(evidence), ())


class _Walk:
    """One pass over a result: `old` are paths as the evidence has them, `new` as they are after taking back."""

    def __init__(self, evidence: Sequence[Evidence], definitions: dict[str, Any]) -> None:
        self._by_field: dict[str, list[Evidence]] = {}
        for item in evidence:
            self._by_field.setdefault(item.field, []).append(item)
        self._definitions = definitions
        self.evidence: list[Evidence] = []
        self.dropped: list[str] = []

    def kept_object(self, value: dict[str, Any], fields: dict[str, Any], old: str, new: str) -> dict[str, Any]:
        kept = {}
        for name, item in value.items():
            schema = fields.get(name, {})
            paths = key_path(old, name), key_path(new, name)
            is_lost = is_grounded(schema) and self._is_lost_or_echo(item, schema, paths[0])
            kept[name] = None if is_lost else self._kept(item, schema, *paths, is_marked=is_grounded(schema))
        return kept

    def _kept(self, value: Any, schema: dict[str, Any], old: str, new: str, *, is_marked: bool) -> Any:
        body = resolved(schema, self._definitions)
        self.evidence += [replace(item, field=new) for item in self._by_field.get(old, ())]
        if isinstance(value, dict):
            return self.kept_object(value, body.get("properties", {}), old, new)
        if isinstance(value, list):
            items: list[Any] = []
            for number, item in enumerate(value):
                path = item_path(old, number)
                if not (is_marked and self._is_lost(item, path)):
                    place = item_path(new, len(items))
                    items.append(self._kept(item, body.get("items", {}), path, place, is_marked=False))
            return items
        return value

    def _is_lost_or_echo(self, value: Any, schema: dict[str, Any], path: str) -> bool:
        """Whether a single value is lost, or says no more than the field's description: a small model copies that."""
        if isinstance(value, list):
            return False
        if not isinstance(value, dict) or not self._is_echo(value, schema):
            return self._is_lost(value, path)
        self.dropped.append(path)
        return True

    def _is_echo(self, value: dict[str, Any], schema: dict[str, Any]) -> bool:
        fields = resolved(schema, self._definitions).get("properties", {})
        described = {str(one.get("description", "")).casefold() for one in (schema, *fields.values())} - {""}
        said = (item for name, item in value.items() if name != "quote" and isinstance(item, str))
        return any(item.strip().casefold() in described for item in said)

    def _is_lost(self, value: Any, path: str) -> bool:
        """Whether a value's own evidence says that its quote is not in the document; notes it if so."""
        own = [key_path(path, name) for name in value] if isinstance(value, dict) else [path]
        found = [item for name in own for item in self._by_field.get(name, ())]
        is_lost = bool(found) and all(item.match == "none" for item in found)
        if is_lost:
            self.dropped.append(path)
        return is_lost
