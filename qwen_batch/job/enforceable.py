"""Which features of JSON schema constrained decoding enforces: what the grammar backend drops silently is an error.

Found by asking xgrammar 0.2.8 for answers that each keyword forbids (tests/test_enforceable.py does it again), and
by what vLLM 0.29 refuses before that.
"""

from __future__ import annotations

import re
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.members import FROM_MEMBERS_KEY
from qwen_batch.schema_walk import options_of
from qwen_batch.value_paths import key_path

BOUNDED_FORMATS = frozenset({"date", "date-time", "time", "duration", "uuid", "ipv4", "ipv6"})
UNENFORCED = frozenset(
    {"allOf", "not", "if", "then", "else", "uniqueItems", "contains", "minContains", "maxContains", "prefixItems"}
    | {"dependentRequired", "dependentSchemas", "patternProperties", "propertyNames", "minProperties", "maxProperties"}
    | {"multipleOf", "unevaluatedProperties", "unevaluatedItems"}
)
_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "deprecated", "$ref"})
_SHAPES = frozenset({"type", "enum", "const", "anyOf", "oneOf", "$ref"})
_ENDLESS = re.compile(r"(?<!\\)[*+]|\{\d*,\}")  # a repetition without an end
_NO_GRAMMAR = re.compile(r"\(\?[^:]|\\[bB1-9]")  # looking around, word borders, back references
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")
_REMEDY = "use a simpler type, and check the rest in a pydantic validator"


def check_enforceable(job: str, schema: Any, path: str = "") -> None:
    """Raises JobError naming the field and the feature that an answer could break, or that lets it go on for ever."""
    if not isinstance(schema, dict):
        return
    for keyword in sorted(UNENFORCED & schema.keys()):
        raise _unenforced(job, path, keyword)
    if "oneOf" in schema and "discriminator" not in schema:
        raise _unenforced(job, path, "oneOf without a discriminator")
    beside = sorted(key for key in schema.keys() - _ANNOTATIONS if not key.startswith("x-"))
    if "$ref" in schema and beside:
        raise _unenforced(job, path, f"{beside[0]} beside a nested model")
    if path and not _SHAPES & schema.keys() and "properties" not in schema:
        raise JobError(f"job {job}: {path} may be anything", "give it a type, such as str with a max_length")
    _check_bounded(job, schema, path)
    for table in ("properties", "$defs"):
        for name, value in schema.get(table, {}).items():
            if FROM_MEMBERS_KEY not in value:  # no answer has it
                check_enforceable(job, value, key_path(path, name))
    for option in (*options_of(schema), schema.get("items")):
        check_enforceable(job, option, path)


def _check_bounded(job: str, schema: dict[str, Any], path: str) -> None:
    if schema.get("type") == "string" and not {"enum", "const"} & schema.keys():
        _check_string(job, schema, path)
    if schema.get("type") == "array" and "maxItems" not in schema:
        raise JobError(f"job {job}: the list {path} has no max_length", "add Field(max_length=...): lists must end")
    if schema.get("type") == "object" and not schema.get("properties"):
        remedy = "name its keys in a pydantic model, or use a list of pairs"
        raise JobError(f"job {job}: {path} is a free dict or an empty model", remedy)


def _check_string(job: str, schema: dict[str, Any], path: str) -> None:
    shape = next((key for key in ("pattern", "format") if key in schema), None)
    length = next((key for key in ("maxLength", "minLength") if key in schema), None)
    if shape == "format" and schema["format"] not in BOUNDED_FORMATS:
        raise _unenforced(job, path, f"format {schema['format']}")
    if shape and length:
        remedy = (
            f"keep one: a pattern with its own bounds, such as [A-Z]{{3}}, or {length} and a validator for the rest"
        )
        raise JobError(f"job {job}: {path} has {length} beside {shape}, and decoding does not enforce both", remedy)
    if shape == "pattern":
        _check_pattern(job, schema["pattern"], path)
    if not shape and "maxLength" not in schema:
        raise JobError(f"job {job}: the string {path} has no max_length", "add Field(max_length=...): text must end")


def _check_pattern(job: str, pattern: str, path: str) -> None:
    if _NO_GRAMMAR.search(pattern):
        raise _unenforced(job, path, f"the pattern {pattern} with more than a grammar can say")
    if _ENDLESS.search(_CLASS.sub("c", pattern)):
        raise JobError(f"job {job}: the pattern {pattern} of {path} has no end", "repeat with bounds, such as {1,20}")


def _unenforced(job: str, path: str, what: str) -> JobError:
    return JobError(
        f"job {job}: {path or 'the schema'} uses {what}, which constrained decoding does not enforce", _REMEDY
    )
