"""What a job is: a pydantic schema, an instruction and sampling. Knows nothing of files or engines.

A job file defines one `JOB = Job(...)` and imports only `qwen_batch` and pydantic.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from qwen_batch.errors import JobError

JOB_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
MAX_QUOTE_CHARS = 160
_ANNOTATIONS = ("title", "description", "default", "examples")
_UNENFORCED = ("allOf", "not", "if", "patternProperties", "uniqueItems", "dependentRequired", "contains")


Quote = Annotated[str, Field(max_length=MAX_QUOTE_CHARS, description="the exact words of the document")]


class Quoted(BaseModel):
    """A fact with the words of the document that say it, quoted before the fact is stated.

    The engine quotes, the code locates. Any model with a field `quote` gets evidence; one that wants
    it in another place declares `quote: Quote` itself.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    quote: Quote


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn, by a name that stands in the manifest."""

    name: str
    temperature: float
    top_p: float = 1.0


EXTRACTION = Sampling("extraction", temperature=0.3, top_p=0.9)
DRAFTING = Sampling("drafting", temperature=0.7, top_p=0.8)


@dataclass(frozen=True, slots=True)
class Job:
    """One question asked of every document.

    `schema` is the row's `result`; `instruction` says in one or two sentences what is wanted;
    `max_output_tokens` bounds one answer. Raises JobError for a schema that cannot be enforced.
    """

    name: str
    schema: type[BaseModel]
    instruction: str
    sampling: Sampling = EXTRACTION
    max_output_tokens: int = 1024

    def __post_init__(self) -> None:
        if not JOB_NAME.fullmatch(self.name):
            raise JobError(f"job name {self.name!r} is not valid", "use lower case letters, digits and underscores")
        if not self.instruction.strip():
            raise JobError(f"job {self.name}: the instruction is empty", "say in a sentence what is wanted")
        _check_enforceable(self.name, self.schema.model_json_schema())


def job_json_schema(job: Job) -> str:
    """The JSON schema for constrained decoding: every key required, prose removed, keys in field order."""
    schema = _strict(job.schema.model_json_schema())
    return json.dumps(_with_empty_quotes(schema, schema.get("$defs", {})), ensure_ascii=False)


def job_fingerprint(job: Job, **context: Any) -> str:
    """16 hex digits that change when anything that shapes an answer does.

    `context` adds what the job does not know: the model, the settings of reading and cleaning, the
    version of the prompt.
    """
    content = {
        "name": job.name,
        "schema": job.schema.model_json_schema(),
        "instruction": job.instruction,
        "sampling": asdict(job.sampling),
        "max_output_tokens": job.max_output_tokens,
        **context,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str, ensure_ascii=False).encode())
    return digest.hexdigest()[:16]


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items() if key not in _ANNOTATIONS}
    for table in ("properties", "$defs"):  # there the keys are names, not keywords
        if table in schema:
            strict[table] = {name: _strict(value) for name, value in schema[table].items()}
    if "properties" in schema:
        strict["required"] = list(schema["properties"])
        strict["additionalProperties"] = False
    return strict


def _with_empty_quotes(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Asks an optional quoted fact as an object whose quote may be empty, instead of as null.

    A small model that may write null writes it for facts that are there: of 14 dates and laws of the
    sample contracts it found none that way, and all when it had to look for a quote first. Validation
    turns an empty quote back into null.
    """
    optional: dict[str, Any] = {}
    for name, field in schema["properties"].items():
        reference = next((option.get("$ref", "") for option in field.get("anyOf", ())), "")
        target = reference.rsplit("/", 1)[-1]
        if {"type": "null"} in field.get("anyOf", ()) and "quote" in definitions.get(target, {}).get("properties", {}):
            optional[f"{target}OrAbsent"] = _absentable(definitions[target])
            schema["properties"][name] = {"$ref": f"#/$defs/{target}OrAbsent"}
    definitions.update(optional)
    return schema


def _absentable(definition: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: value if name == "quote" else {"anyOf": [value, {"type": "null"}]}
        for name, value in definition["properties"].items()
    }
    return {**definition, "properties": properties}


def _check_enforceable(job: str, schema: Any, path: str = "") -> None:
    if isinstance(schema, list):
        for item in schema:
            _check_enforceable(job, item, path)
        return
    if not isinstance(schema, dict):
        return
    for keyword in _UNENFORCED:
        if keyword in schema:
            raise JobError(
                f"job {job}: {path or 'the schema'} uses {keyword}, which constrained decoding does not enforce",
                "use a simpler type, and check the rest in a pydantic validator",
            )
    _check_bounded(job, schema, path)
    for table in ("properties", "$defs"):
        for name, value in schema.get(table, {}).items():
            _check_enforceable(job, value, f"{path}.{name}".lstrip("."))
    for key in ("items", "anyOf", "oneOf", "prefixItems"):
        if key in schema:
            _check_enforceable(job, schema[key], path)


def _check_bounded(job: str, schema: dict[str, Any], path: str) -> None:
    free_text = schema.get("type") == "string" and not {"enum", "const", "format", "pattern"} & schema.keys()
    if free_text and "maxLength" not in schema:
        raise JobError(f"job {job}: the string {path} has no max_length", "add Field(max_length=...): text must end")
    if schema.get("type") == "array" and "maxItems" not in schema:
        raise JobError(f"job {job}: the list {path} has no max_length", "add Field(max_length=...): lists must end")
    if schema.get("type") == "object" and "properties" not in schema:
        raise JobError(f"job {job}: {path} is a free dict", "name its keys in a pydantic model, or use a list of pairs")
