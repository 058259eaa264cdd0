"""From a completion to a checked result: JSON, the job's pydantic model, and no spelled-out nulls.

The grammar binds the engine, but a truncated answer is no JSON and a validator may know more than
the grammar: every answer passes pydantic here, whatever the engine promised.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from qwen_batch.records import Completion

ABSENT = frozenset(
    {"", "n/a", "na", "none", "null", "nil", "not specified", "not stated", "not mentioned", "unknown"}
    | {"not applicable", "not provided", "无", "未提及", "未说明", "不适用", "不详"}
)
MAX_PROBLEM_CHARS = 400


@dataclass(frozen=True, slots=True)
class Valid:
    """An answer that its schema accepts; `result` is JSON-like data in the schema's field order."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why an answer was rejected, in words that the model can act on."""

    code: str
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
        result = schema.model_validate(_without_placeholders(data)).model_dump(mode="json", by_alias=True)
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


def _without_placeholders(data: Any) -> Any:
    """Turns a fact whose value only says that there is none into null, and drops such list items."""
    if isinstance(data, dict):
        return {key: None if _is_absent(value) else _without_placeholders(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_placeholders(item) for item in data if not _is_absent(item)]
    return data


def _is_absent(value: Any) -> bool:
    """True for a quoted fact without a quote, or whose every value is null or a placeholder."""
    if not isinstance(value, dict) or "quote" not in value:
        return False
    values = [item for key, item in value.items() if key != "quote"]
    return _is_placeholder(value["quote"]) or (bool(values) and all(map(_is_placeholder, values)))


def _is_placeholder(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip(" .").lower() in ABSENT)


def _problem(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
    return "; ".join(lines)[:MAX_PROBLEM_CHARS]
