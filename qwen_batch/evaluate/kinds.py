"""How a field's values are compared: by gold's own word, else its JSON schema, else its name and its gold values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qwen_batch.evaluate.normalise import KINDS, text_to_date
from qwen_batch.evaluate.paths import Scalar
from qwen_batch.schema_walk import Schema, definitions_of, resolved
from qwen_batch.value_paths import keys_of

_AMOUNTS = "amount price total subtotal fee sum cost premium salary rent deductible tax balance payment limit"
_WHO = "name party company vendor seller buyer customer supplier employer employee agent insured bank author title"
_NAMES: dict[str, frozenset[str]] = {
    "date": frozenset({"date", "deadline", "day", "expiration", "expiry"}),
    "amount": frozenset(_AMOUNTS.split()),
    "place": frozenset({"jurisdiction", "country", "state", "province", "city", "law"}),
    "exact": frozenset({"id", "number", "code", "email", "phone", "iban", "currency", "language"}),
    "name": frozenset(_WHO.split()),
}
"""The words of a field's name that tell its kind; the last word of the name decides, then the last but one."""
_TYPES = {"boolean": "boolean", "number": "number", "integer": "number"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FIGURE = re.compile(r"[^\w\s]?\s?\d[\d.,]*")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def field_kind(field: str, gold: Sequence[Scalar], json_schema: Schema | None = None) -> str:
    """A key of normalise.KINDS for a path such as `parties[].name`; `gold` are its values in one document."""
    leaf = _leaf_schema(field, json_schema) if json_schema else {}
    named = _kind_of_name(field)
    if "enum" in leaf or "const" in leaf:
        return "exact"
    if leaf.get("format") in {"date", "date-time"}:
        return "date"
    if kind := _TYPES.get(str(leaf.get("type"))):
        return "amount" if kind == "number" and named == "amount" else kind
    if gold and all(isinstance(value, bool) for value in gold):
        return "boolean"
    if gold and all(isinstance(value, int | float) for value in gold):
        return "amount" if named == "amount" else "number"
    if gold and all(_ISO.fullmatch(str(value)) for value in gold):
        return "date"
    if gold and named is None and all(_FIGURE.fullmatch(str(value).strip()) for value in gold):
        return "amount"
    if named == "date" and not all(text_to_date(str(value)) for value in gold):
        return "text"  # "the date of first delivery" is no day
    return named or "text"


def known_kinds() -> str:
    """The names of all kinds, for messages."""
    return ", ".join(KINDS)


def _kind_of_name(field: str) -> str | None:
    words = [word.lower() for word in _WORDS.findall(keys_of(field)[-1])]
    for word in list(reversed(words))[:2]:
        for kind, names in _NAMES.items():
            if word in names:
                return kind
    return None


def _leaf_schema(field: str, json_schema: Schema) -> Schema:
    """The schema of a path's values; empty where the path leaves the schema."""
    definitions = definitions_of(json_schema)
    node = json_schema
    for key in keys_of(field):
        properties = _without_lists(node, definitions).get("properties", {})
        node = _without_lists(properties.get(key, {}), definitions)
    return node


def _without_lists(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """A field's resolved schema; of a list that of its items."""
    body = resolved(schema, definitions)
    while isinstance(body.get("items"), dict):
        body = resolved(body["items"], definitions)
    return body
