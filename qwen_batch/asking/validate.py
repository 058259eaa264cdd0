"""From a completion to a checked result: JSON, the job's pydantic model, and no spelled-out nulls.

The grammar binds the engine, but a truncated answer is no JSON and a validator may know more than
the grammar: every answer passes pydantic here, whatever the engine promised.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from qwen_batch.failure_codes import FailureCode
from qwen_batch.job.facts.kinds import Amount
from qwen_batch.job.nothing import is_placeholder
from qwen_batch.records import Completion

MAX_PROBLEM_CHARS = 400
MIN_COPIED_WORDS = 3  # of a field's description that are no value of it


@dataclass(frozen=True, slots=True)
class Valid:
    """An answer that its schema accepts; `result` is JSON-like data in the schema's field order."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why an answer was rejected, in words that the model can act on."""

    code: FailureCode
    problem: str


def completion_to_result(completion: Completion, schema: type[BaseModel]) -> Valid | Invalid:
    """Checks one completion. Codes: engine_error, truncated, invalid_json, invalid_answer."""
    if completion.error is not None:
        return Invalid("engine_error", completion.error)
    if completion.finish_reason == "length":
        return Invalid("truncated", f"the answer was cut off after {completion.output_tokens} tokens; be shorter")
    try:
        data = json.loads(completion.text)
    except (ValueError, RecursionError) as error:
        return Invalid("invalid_json", f"not valid JSON: {error}"[:MAX_PROBLEM_CHARS])
    try:
        result = schema.model_validate(_without_placeholders(data, schema)).model_dump(mode="json", by_alias=True)
    except ValidationError as error:
        return Invalid("invalid_answer", _problem(error))
    number = _number_out_of_range(result)
    if number is not None:
        return Invalid("invalid_answer", f"the number {str(number)[:40]} is out of range")
    return Valid(result)


def _number_out_of_range(data: Any) -> float | None:
    """The first number that neither a table nor JSON can hold: beyond 64 bits, infinite or not a number."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        return next((found for item in data if (found := _number_out_of_range(item)) is not None), None)
    if isinstance(data, float) and not math.isfinite(data):
        return data
    return data if isinstance(data, int) and not -(1 << 63) <= data < 1 << 63 else None


def _without_placeholders(data: Any, annotation: Any) -> Any:
    """Turns what only says that there is nothing into null where a field may be null, and drops such list items."""
    kinds, model = _kinds(annotation), _only_model(annotation)
    if isinstance(data, list):
        items = _items(annotation)
        return [_without_placeholders(item, items) for item in data if not _is_absent(item, model)]
    if isinstance(data, dict):
        types = {key: field.annotation for key, field in _fields(model).items()}
        return {
            key: None
            if _is_absent(value, _only_model(types.get(key)))
            else _without_placeholders(value, types.get(key))
            for key, value in data.items()
        }
    may_be_null = NoneType in kinds and not {Literal, list} & set(kinds)
    return None if may_be_null and isinstance(data, str) and is_placeholder(data) else data


def _fields(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    """A model's fields by the keys that an answer has for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()} if model else {}


def _kinds(annotation: Any) -> list[Any]:
    """The types in an annotation, Literal and list by name: `list[Day] | None` has list, Day and NoneType."""
    origin = get_origin(annotation)
    if origin is Literal:
        return [Literal]
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    inner = [kind for argument in get_args(annotation) for kind in _kinds(argument)]
    return ([list] if origin is list else []) + (inner or [annotation])


def _items(annotation: Any) -> Any:
    """The type of the items of the list in an annotation."""
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    return next((found for one in get_args(annotation) if (found := _items(one)) is not None), None)


def _only_model(annotation: Any) -> type[BaseModel] | None:
    models = [kind for kind in _kinds(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return models[0] if len(models) == 1 else None


def _is_absent(value: Any, model: type[BaseModel] | None) -> bool:
    """True for a fact without a quote, without a value that is no placeholder, or an amount without a number."""
    if not isinstance(value, dict) or "quote" not in value:
        return False
    fields = _fields(model)
    empty = [
        is_placeholder(item) or (key in fields and _is_copied(item, fields[key].description or ""))
        for key, item in value.items()
        if key != "quote"
    ]
    if is_placeholder(value["quote"]) or (bool(empty) and all(empty)):
        return True
    if model is None:
        return False
    return _lacks_a_value(value, model) or (issubclass(model, Amount) and not model.is_stated(value))


def _lacks_a_value(fact: dict[str, Any], model: type[BaseModel]) -> bool:
    """Whether a value is null that may not be: decoding offers null for each value of a fact that may be absent."""
    fields = _fields(model)
    return any(fact[key] is None and NoneType not in _kinds(fields[key].annotation) for key in fact if key in fields)


def _is_copied(value: Any, description: str) -> bool:
    """Whether a text is what its field is described by: of "name of the state" a small model makes the value."""
    if not isinstance(value, str) or len(value.split()) < MIN_COPIED_WORDS:
        return False
    return " ".join(value.lower().split()).strip(" .") in description.lower()


def _problem(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
    return "; ".join(lines)[:MAX_PROBLEM_CHARS]
