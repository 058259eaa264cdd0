"""What a job's JSON schema may hold, and the schema that constrained decoding is given.

Knows JSON schema, nothing of jobs but their name; what the grammar backend enforces is said in `enforceable`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.drafting.limits import LIMIT_KEYS
from qwen_batch.job.enforceable import check_enforceable
from qwen_batch.job.looking import LOOK_KEYS
from qwen_batch.job.rules import DERIVED_KEY, GROUNDED_KEY, LOG_KEY, MOST_KEY, REDUCE_KEY, ROWS_KEY
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of, target_of

_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_LONG_MONTHS = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_DAYS = f"(?:{_LONG_MONTHS}|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
CALENDAR_DAY = f"^(?:{_YEAR}-{_DAYS}|{_LEAP_YEAR}-02-29)$"
"""A day that the calendar has: the grammar's own `date` also lets 0000-01-01 and 2023-02-30 through, which no repair
mended in a model that was sure of them."""
_ANNOTATIONS = (
    *("title", "description", "default", "examples"),
    *(REDUCE_KEY, GROUNDED_KEY, ROWS_KEY, LOG_KEY, MOST_KEY, *LOOK_KEYS, *LIMIT_KEYS),
)
_OURS = ("x-aggregate", "x-grouped")


def decoding_schema(schema: dict[str, Any]) -> str:
    """The JSON schema for constrained decoding: every key required, prose removed, keys in field order."""
    strict = _strict(schema)
    return json.dumps(_with_empty_quotes(strict, definitions_of(strict)), ensure_ascii=False)


def check_schema(job: str, schema: dict[str, Any]) -> None:
    """Raises JobError naming the field that the grammar would not enforce, or that could go on for ever."""
    if not schema.get("properties") or _refers_to_itself(schema):
        raise JobError(
            f"job {job}: its schema is no plain model (a root model, an empty or a recursive one)",
            "use a pydantic model with named fields, and lists where something repeats",
        )
    check_enforceable(job, schema)


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key not in (*_ANNOTATIONS, *_OURS)}
    if schema.get("format") == "date" and schema.get("type") == "string":
        strict["pattern"] = CALENDAR_DAY
        del strict["format"]
    for table in ("properties", "$defs"):  # there the keys are names, not keywords
        if table in schema:
            asked = {name: value for name, value in schema[table].items() if DERIVED_KEY not in value}
            strict[table] = {name: _strict(value) for name, value in asked.items()}
    if "properties" in schema:
        strict["required"] = list(strict["properties"])
        strict["additionalProperties"] = False
    return strict


def _with_empty_quotes(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Asks an optional quoted fact as an object whose quote may be empty, instead of as null.

    A small model that may write null writes it for facts that are there: of 14 dates and laws of the
    sample contracts it found none that way, and 13 when it had to look for a quote first. Validation
    turns an empty quote back into null. A list of such facts has one at least, for the same reason: of 8 contracts
    the 0.5B model gave parties for one when the list could be empty.
    """
    optional: dict[str, Any] = {}
    for owner in (*definitions.values(), schema):  # facts within facts first
        for name, field in owner.get("properties", {}).items():
            in_list = field.get("type") == "array"
            options = (field["items"],) if in_list else options_of(field)
            target = next((target_of(one) for one in options), "")
            is_quoted = "quote" in definitions.get(target, {}).get("properties", {})
            if not is_quoted or not (in_list or may_be_null(field)):
                continue
            optional[f"{target}OrAbsent"] = _absentable(definitions[target])
            absentable = {"$ref": f"#/$defs/{target}OrAbsent"}
            owner["properties"][name] = (
                {**field, "items": absentable, "minItems": max(1, field.get("minItems", 0))} if in_list else absentable
            )
    definitions.update(optional)
    return schema


def _absentable(definition: dict[str, Any]) -> dict[str, Any]:
    """Every value may be null, whatever the quote: a 1.5B model quotes "not stated", and then had to make up a day."""
    properties = {
        name: value if name == "quote" else {"anyOf": [value, {"type": "null"}]}
        for name, value in definition["properties"].items()
    }
    return {**definition, "properties": properties}


def _refers_to_itself(schema: dict[str, Any]) -> bool:
    """Whether a definition contains itself, directly or through others."""
    definitions = definitions_of(schema)
    if "$ref" in schema:  # pydantic writes a recursive top model as a reference
        return True
    references = {name: set(_references(body)) for name, body in definitions.items()}
    for name in definitions:
        reached: set[str] = set()
        ahead = set(references[name])
        while ahead:
            reached |= ahead
            ahead = {target for found in ahead for target in references.get(found, ())} - reached
        if name in reached:
            return True
    return False


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _references(item)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield target_of(schema)
        for item in schema.values():
            yield from _references(item)
