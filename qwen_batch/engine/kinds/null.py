"""A deterministic engine without a model: the smallest valid instance of each schema.

For dry runs and fault tests; a run uses it only when `engine.kind: null` says so. Strings are empty
unless the schema asks for more, numbers are as near to zero as allowed, optional values null, lists empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from qwen_batch.config import Config
from qwen_batch.engine.engine import ChosenEngine, EngineKind
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.records import Completion, Prompt
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of, referred

_EXAMPLES = {"date": "1970-01-01", "date-time": "1970-01-01T00:00:00Z", "time": "00:00:00Z"}
NO_QUOTE = "-"  # a fact that may not be absent needs a quote, and this one is in no document


class NullEngine:
    """Answers every prompt at once with the smallest instance of its schema."""

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """One completion a prompt; token counts are those of the prompt and none generated."""
        return [
            Completion(
                text=smallest_instance(prompt.json_schema),
                finish_reason="stop",
                prompt_tokens=len(prompt.token_ids),
                output_tokens=0,
            )
            for prompt in shard
        ]

    def close(self) -> None:
        """Nothing to end."""


@lru_cache(maxsize=64)
def smallest_instance(json_schema: str | None) -> str:
    """JSON text of the smallest value that a JSON schema allows; nothing without one."""
    if json_schema is None:
        return ""
    schema = json.loads(json_schema)
    return json.dumps(_instance(schema, definitions_of(schema)), ensure_ascii=False)


def _instance(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    schema = referred(schema, definitions)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if options := options_of(schema):
        return None if may_be_null(schema) else _instance(options[0], definitions)
    match schema.get("type"):
        case "object":
            fields = {name: _instance(value, definitions) for name, value in schema["properties"].items()}
            is_fact = "quote" in fields and any(value is not None for name, value in fields.items() if name != "quote")
            return {**fields, "quote": fields["quote"] or NO_QUOTE} if is_fact else fields
        case "array":
            return [_instance(schema["items"], definitions)] * schema.get("minItems", 0)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
        case "string":
            return _text(schema)
    return None


def _number(schema: dict[str, Any]) -> float:
    """Zero, or what is allowed nearest to it."""
    step = 1 if schema["type"] == "integer" else 0.5
    low = schema.get("minimum", schema.get("exclusiveMinimum", float("-inf")) + step)
    high = schema.get("maximum", schema.get("exclusiveMaximum", float("inf")) - step)
    if low > high:  # an open interval narrower than the step
        return float((low + high) / 2)
    nearest = min(max(0, low), high)
    return int(nearest) if schema["type"] == "integer" else float(nearest)


def _text(schema: dict[str, Any]) -> str:
    """The empty text, or the first of a few examples that has the shape that is asked for."""
    blank = " " * int(schema.get("minLength", 0))
    if "pattern" in schema:
        return next((text for text in ("", *_EXAMPLES.values()) if _has_shape(text, schema["pattern"])), blank)
    return _EXAMPLES.get(str(schema.get("format")), blank)


def _has_shape(text: str, pattern: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:  # JSON schema's patterns are not quite Python's
        return False


def _choose(config: Config) -> ChosenEngine:
    plan = engine_plan(config.engine, "null", gpus=0, cpu_dtype="no numbers")
    return ChosenEngine(plan, "null", "engine.kind is null: no model, the smallest valid answers")


ENGINE = EngineKind(
    name="null",
    choose=_choose,
    tokenizer=lambda _plan: ApproximateTokenizer(),
    start=lambda _plan: NullEngine(),
    has_model=False,
)
