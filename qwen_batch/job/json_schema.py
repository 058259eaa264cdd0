"""A job from a JSON Schema file: each plain value that it asks for becomes a fact with the words that say it.

A string, number, yes or no is asked as `{quote, value}`, a day as `Day`, an object of plain values with one quote for
all of them, and everything may be absent. Lists have at most `maxItems`, else MAX_ITEMS. `jobs new --schema` writes the
text that a `.json` file in the jobs folder stands for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.drafts import MAX_ITEMS, as_docstring, as_python, import_line, may_be_named, rounded

MAX_CHARS = 200
"""Of a string without `maxLength`."""
MAX_DEPTH = 4
_TOKENS_A_QUOTE = 40
_CHARS_A_TOKEN = 3
_TOKENS_A_VALUE = 15
_MOST_TOKENS = 4000
_TAKEN = {"Job", "Day", "Quoted", "Field", "BaseModel", "Literal", "Annotated"}
"""Names that the file imports."""
_ROOT_KEYS = {"x-instruction", "x-fits"}
_PLAIN = {"string": "str", "number": "float", "integer": "int", "boolean": "bool"}
_REFUSED = ("oneOf", "allOf", "not", "if", "patternProperties", "prefixItems")


def schema_to_job(name: str, text: str, path: str) -> str:
    """The text of the job file that a JSON Schema stands for. Raises JobError naming the file and the key."""
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        raise JobError(f"{path}, line {error.lineno}: no JSON: {error.msg}", "correct the file") from None
    return _Writing(path, schema if isinstance(schema, dict) else {}).job(name)


@dataclass
class _Writing:
    path: str
    schema: dict[str, Any]
    classes: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=lambda: {"EXTRACTION", "Job"})
    typing: set[str] = field(default_factory=set)

    def job(self, name: str) -> str:
        root = self._resolved(self.schema, "")
        if not root.get("properties"):
            raise self._wrong("", "has no properties", "write a schema of type object with named properties")
        for key in sorted(key for key in root if key.startswith("x-") and key not in _ROOT_KEYS):
            raise self._wrong(key, "is not known", f"one of {', '.join(sorted(_ROOT_KEYS))}")
        what = str(root.get("description") or root.get("title") or name.replace("_", " ")).strip()
        instruction = str(root.get("x-instruction") or f"Extract the facts of this document: {what.rstrip('.')}.")
        own = self._class_name(name.title().replace("_", ""))
        fields = list(self._fields(root, ""))
        lines = [
            f'"""{as_docstring(what)}"""',
            "",
            *([f"from typing import {', '.join(sorted(self.typing))}", ""] if self.typing else []),
            "from pydantic import BaseModel, Field",
            "",
            import_line(self.imports),
            *(f"\n\n{one.rstrip()}" for one in self.classes.values()),
            f"\n\nclass {own}(BaseModel):",
            f'    """{as_docstring(what)}"""',
            "",
            *(f"    {line}" for line in fields),
            "\n\nJOB = Job(",
            f"    name={as_python(name)},",
            f"    schema={own},",
            f"    instruction={as_python(instruction)},",
            "    sampling=EXTRACTION,",
            f"    max_output_tokens={min(_MOST_TOKENS, rounded(self._answer_tokens(root, 0)))},",
            *([f"    fits={as_python(str(root['x-fits']))},"] if root.get("x-fits") else []),
            ")",
            "",
        ]
        return "\n".join(lines)

    def _fields(self, owner: Mapping[str, Any], at: str, *, facts: bool = True) -> Iterator[str]:
        """The lines of a model's fields: facts with quotes of their own, or plain values of one that has a quote."""
        for key, raw in owner["properties"].items():
            place = f"{at}.{key}" if at else key
            if not may_be_named(key) or not key.isidentifier():
                raise self._wrong(place, "cannot be a field's name", "letters, digits and underscores, no Python word")
            schema = self._resolved(raw, place)
            words = str(schema.get("description") or schema.get("title") or key.replace("_", " "))
            yield self._field(key, schema, words, place, facts=facts)

    def _field(self, key: str, schema: dict[str, Any], words: str, at: str, *, facts: bool) -> str:
        described = f"description={as_python(words)}"
        if schema.get("type") == "array":
            items = self._resolved(schema.get("items") or {}, f"{at}[]")
            most = int(schema.get("maxItems", MAX_ITEMS))
            one = self._fact(key, items, f"{at}[]") if facts else self._plain(items, f"{at}[]")
            return f"{key}: list[{one}] = Field(max_length={most}, {described})"
        if facts:
            return f"{key}: {self._fact(key, schema, at)} | None = Field({described})"
        return f"{key}: {self._plain(schema, at)} | None = Field({described})"

    def _fact(self, key: str, schema: dict[str, Any], at: str) -> str:
        """The class of a fact, written out if it is a new one."""
        if at.count(".") >= MAX_DEPTH:
            raise self._wrong(at, f"lies deeper than {MAX_DEPTH} objects", "a flatter schema is answered better")
        if schema.get("properties"):
            nested = any(
                self._resolved(one, at).get("type") in {"object", "array"} or "properties" in self._resolved(one, at)
                for one in schema["properties"].values()
            )
            base = "BaseModel" if nested else "Quoted"
            if not nested:
                self.imports.add(base)
            lines = list(self._fields(schema, at, facts=nested))
            return self._written(key, base, schema, lines)
        if schema.get("type") == "string" and schema.get("format") == "date":
            self.imports.add("Day")
            return "Day"
        self.imports.add("Quoted")
        value = self._plain(schema, at)
        return self._written(key, "Quoted", schema, [f"value: {value}"])

    def _plain(self, schema: dict[str, Any], at: str) -> str:
        """The type of a value without a quote of its own."""
        if "const" in schema or "enum" in schema:
            self.typing.add("Literal")
            return f"Literal[{', '.join(map(repr, schema.get('enum', [schema.get('const')])))}]"
        kind = schema.get("type")
        if kind not in _PLAIN:
            raise self._wrong(at, f"is of type {kind!r}", f"one of {', '.join(_PLAIN)}, array, object")
        bounds = self._bounds(schema, at)
        if not bounds:
            return _PLAIN[kind]
        self.typing.add("Annotated")
        return f"Annotated[{_PLAIN[kind]}, Field({bounds})]"

    def _bounds(self, schema: Mapping[str, Any], at: str) -> str:
        if schema["type"] == "string":
            if "pattern" in schema:
                return f"pattern={schema['pattern']!r}"
            if "format" in schema and schema["format"] != "date":
                raise self._wrong(at, f"has the format {schema['format']!r}", "leave it away, or use the format date")
            return f"max_length={int(schema.get('maxLength', MAX_CHARS))}"
        names = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
        return ", ".join(f"{names[key]}={schema[key]!r}" for key in names if key in schema)

    def _written(self, key: str, base: str, schema: Mapping[str, Any], fields: list[str]) -> str:
        said = as_docstring(str(schema.get("description") or schema.get("title") or key.replace("_", " ")))
        name = self._class_name(re.sub(r"\W", "", key.title().replace("_", "")))
        while name in self.classes:
            name += "Of"
        body = "\n".join(f"    {line}" for line in fields)
        self.classes[name] = f'class {name}({base}):\n    """{said}"""\n\n{body}\n'
        return name

    def _class_name(self, name: str) -> str:
        name = name if name[:1].isalpha() else f"Fact{name}"
        return f"{name}Fact" if name in _TAKEN else name

    def _resolved(self, schema: Any, at: str) -> dict[str, Any]:
        """A schema without references and without the option of null."""
        seen: set[str] = set()
        while True:
            if not isinstance(schema, dict):
                raise self._wrong(at, "is no schema", 'an object such as {"type": "string"}')
            if used := next((key for key in _REFUSED if key in schema), None):
                raise self._wrong(at, f"uses {used}", "a schema of plain types, objects, arrays and enums")
            if "$ref" in schema:
                reference = str(schema["$ref"])
                if reference in seen:
                    raise self._wrong(at, f"refers to itself by {reference}", "a schema without rings")
                seen.add(reference)
                schema = _without(schema, "$ref") | self._target(reference, at)
            elif "anyOf" in schema:
                schema = _without(schema, "anyOf") | self._the_one(schema["anyOf"], {"type": "null"}, at)
            elif isinstance(kind := schema.get("type"), list):
                return schema | {"type": self._the_one(kind, "null", at)}
            else:
                return schema

    def _target(self, reference: str, at: str) -> dict[str, Any]:
        target: Any = self.schema if reference.startswith("#/") else None
        for part in reference[2:].split("/"):
            target = target.get(part) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise self._wrong(at, f"refers to {reference}, which is not there", "define it under $defs of this file")
        return target

    def _the_one(self, options: Any, nothing: Any, at: str) -> Any:
        """What is left of some options beside null."""
        left = [one for one in options if one != nothing]
        if len(left) != 1:
            raise self._wrong(at, f"may be {len(left)} things", "one type for each value, and null beside it")
        return left[0]

    def _answer_tokens(self, schema: dict[str, Any], depth: int) -> int:
        """About how long one answer may become."""
        schema = self._resolved(schema, "")
        if depth > MAX_DEPTH:
            return 0
        if schema.get("type") == "array":
            return int(schema.get("maxItems", MAX_ITEMS)) * self._answer_tokens(schema.get("items") or {}, depth + 1)
        if schema.get("properties"):
            return sum(self._answer_tokens(one, depth + 1) for one in schema["properties"].values())
        chars = int(schema.get("maxLength", MAX_CHARS)) if schema.get("type") == "string" else 0
        return _TOKENS_A_QUOTE + _TOKENS_A_VALUE + chars // _CHARS_A_TOKEN

    def _wrong(self, at: str, what: str, remedy: str) -> JobError:
        return JobError(f"{self.path}: {at or 'the schema'} {what}", remedy)


def _without(schema: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}
