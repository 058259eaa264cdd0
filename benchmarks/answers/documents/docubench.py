"""The schemas of docubench as jobs, and its labels as flat values.

A schema of objects, lists, strings, numbers and booleans becomes a pydantic model whose every field may be null: the
file of each document is written beside the cases. Values are judged leaf by leaf: a list's items are told apart by
nothing but their values, so `lenders[].name` is a bag of names.
"""

from __future__ import annotations

import keyword
from collections import Counter
from dataclasses import dataclass
from typing import Any

TYPES = {"string": "Text", "number": "float", "integer": "int", "boolean": "bool"}
MAX_ITEMS = 24
MAX_OUTPUT_TOKENS = 2000
HEAD = '''"""A docubench schema as a job; made by benchmarks/answers/documents/docubench.py."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import Job, Sampling

Text = Annotated[str, Field(max_length=100)]
'''
TAIL = """

JOB = Job(
    name={name!r},
    schema=Top,
    instruction="Extract the data of this document. What it does not state is null.",
    sampling=Sampling("greedy", temperature=0.0),
    max_output_tokens={tokens},
)
"""


@dataclass(frozen=True, slots=True)
class LeafCounts:
    """How many leaf values were right, given in all, and labelled in all."""

    right: int
    given: int
    labelled: int


def schema_to_job(name: str, schema: dict[str, Any]) -> str:
    """The text of a job file. Raises ValueError naming what of the schema cannot be expressed."""
    classes: list[str] = []
    _class("Top", schema, classes)
    return HEAD + "".join(classes) + TAIL.format(name=name, tokens=MAX_OUTPUT_TOKENS)


def _class(name: str, schema: dict[str, Any], classes: list[str]) -> None:
    lines = [f'\n\nclass {name}(BaseModel):\n    """Made from a JSON schema."""\n']
    for key, value in schema["properties"].items():
        if not key.isidentifier() or keyword.iskeyword(key) or key.startswith("_"):
            raise ValueError(f"the key {key!r} is no name in Python")
        shape = _shape(f"{name}_{key}", value, classes)
        bound = f"max_length={MAX_ITEMS}, " if shape.startswith("list[") else ""
        nullable = "" if shape.startswith("list[") else " | None"
        lines.append(f"    {key}: {shape}{nullable} = Field({bound}description={value.get('description', '')!r})")
    classes.append("\n".join(lines))


def _shape(name: str, schema: dict[str, Any], classes: list[str]) -> str:
    kinds = schema.get("type")
    kind = next((one for one in kinds if one != "null"), None) if isinstance(kinds, list) else kinds
    if kind == "object" and schema.get("properties"):
        _class(name, schema, classes)
        return name
    if kind == "array" and "items" in schema:
        return f"list[{_shape(name, schema['items'], classes)}]"
    if kind in TYPES:
        return TYPES[kind]
    raise ValueError(f"{name} has the type {kinds!r}")


def count_leaves(result: Any, labels: Any) -> LeafCounts:
    """Compares two JSON values leaf by leaf, lists as bags; null, empty and missing are the same."""
    given, labelled = Counter(_leaves(result)), Counter(_leaves(labels))
    return LeafCounts((given & labelled).total(), given.total(), labelled.total())


def _leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{path}.{key}")]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item, f"{path}[]")]
    text = _plain(value)
    return [(path, text)] if text else []


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}"
    return "".join(character for character in str(value).casefold() if character.isalnum())
