"""What a job's prompt costs, part by part, and what of it is wasted: `qwen-batch jobs check` prints both.

Every token here is paid once a chunk of every document. Knows jobs, prompts and tokenizers, nothing of documents.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qwen_batch.asking.prompts import REMINDER, SYSTEM, schema_outline
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.rules import DERIVED_KEY
from qwen_batch.schema_walk import definitions_of, options_of, referred
from qwen_batch.value_paths import key_path

MAX_INSTRUCTION_TOKENS = 80
MAX_EXAMPLE_TOKENS = 25
MAX_DESCRIPTION_TOKENS = 25
CHARS_A_TOKEN = 3  # of an answer: English has about four, numbers and names fewer, Chinese one or two
SAID_BY_THE_PROMPT = {
    "no invention": r"\b(?:do not|don't|never) (?:invent|make up|guess|hallucinate|fabricate)\b|不要(?:编造|猜测|虚构)",
    "the document alone": r"\bonly (?:use|the information|what)\b|\buse only\b|仅(?:根据|使用)",
    "JSON": r"\bjson\b",
    "exact quotes": r"\b(?:verbatim|word for word|exact(?:ly)? (?:quote|copy|words))\b|逐字",
}
_POLITE = re.compile(
    r"\b(?:please|kindly|thank you|thanks|you are (?:an?|the) [\w -]*(?:assistant|expert|lawyer|analyst)|"
    r"your task is|i (?:would|'d) like|make sure(?: to| that)?|very (?:carefully|important)|carefully)\b"
    r"|请|谢谢|务必|您",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"(?:e\.g\.|for example|such as|例如|比如)(.*)", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"[^.!?。！？\n]+")
_WORD = re.compile(r"\w+")
_SMALL_WORDS = frozenset(
    {"a", "an", "the", "of", "its", "this", "that", "is", "in", "to", "for", "as", "name", "value"}
)
MIN_RULE_WORDS = 3


@dataclass(frozen=True, slots=True)
class PartCost:
    """Tokens of one part of the prompt: `system`, `instruction`, `outline`, or a field by its path."""

    part: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Waste:
    """Something in a prompt that costs and does not help: where, what, and what to do."""

    where: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class FieldText:
    """A field that the model is asked for, by its path in the job's schema, and what it says of itself."""

    path: str
    name: str
    schema: dict[str, Any]

    @property
    def description(self) -> str:
        """Its own words; of a nested model none."""
        return str(self.schema.get("description", ""))

    @property
    def is_choice(self) -> bool:
        """Whether its values explain it: an enum, or a list of one."""
        return '"enum"' in json.dumps(self.schema)


def prompt_costs(job: Job, tokenizer: Tokenizer) -> tuple[PartCost, ...]:
    """Tokens of each part of a job's prompt beside the document; each line of the outline is a part too."""
    outline = schema_outline(job)
    parts = {"system": SYSTEM, "reminder": REMINDER, "instruction": job.instruction, "outline": outline}
    lines = {f"  {line.partition(':')[0]}": line for line in outline.splitlines()}
    return tuple(PartCost(part, len(tokenizer.token_ends(text))) for part, text in (parts | lines).items())


def job_waste(job: Job, tokenizer: Tokenizer) -> tuple[Waste, ...]:
    """All that is wasted in a job's prompt, in the order of its parts."""
    schema = job_schema(job)
    fields = list(described_fields(schema))
    texts = [("instruction", job.instruction), *((field.path, field.description) for field in fields)]
    return (
        *_polite(texts),
        *_said_twice(texts),
        *_too_long(job, fields, tokenizer),
        *_empty_descriptions(fields),
        *_too_little_room(job),
    )


def longest_answer_tokens(job: Job) -> int:
    """About how many tokens the longest answer has that the schema allows, filled to every bound."""
    schema = job_schema(job)
    return _longest_chars(schema, definitions_of(schema)) // CHARS_A_TOKEN


def described_fields(schema: dict[str, Any]) -> Iterator[FieldText]:
    """Every field that a job describes, in its order, nested ones behind their owner; quotes are the same in all."""
    yield from _fields(schema, definitions_of(schema))


def _fields(schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[FieldText]:
    for name, field in schema.get("properties", {}).items():
        if DERIVED_KEY in field or name == "quote":
            continue
        here = key_path(path, name)
        yield FieldText(here, name, field)
        options = (field, *options_of(field))
        for option in (*options, *(one.get("items", {}) for one in options)):
            if "$ref" in option:
                yield from _fields(referred(option, definitions), definitions, here)


def _polite(texts: list[tuple[str, str]]) -> Iterator[Waste]:
    for where, text in texts:
        for found in dict.fromkeys(word.lower() for word in _POLITE.findall(text)):
            yield Waste(where, f"{found!r} tells the model nothing", "leave it out")


def _said_twice(texts: list[tuple[str, str]]) -> Iterator[Waste]:
    said: dict[str, str] = {}
    for where, text in texts:
        for rule, pattern in SAID_BY_THE_PROMPT.items():
            if re.search(pattern, text, re.IGNORECASE):
                yield Waste(where, f"every prompt says it already ({rule})", "leave it out")
        for sentence in _SENTENCE.findall(text):
            words = _WORD.findall(sentence.lower())
            key = " ".join(words)
            if len(words) < MIN_RULE_WORDS:
                continue
            other = said.setdefault(key, where)
            if other != where and where.rpartition(".")[2] != other.rpartition(".")[2]:
                yield Waste(where, f"{sentence.strip()!r} stands in {other} too", "say it once, in the instruction")


def _too_long(job: Job, fields: list[FieldText], tokenizer: Tokenizer) -> Iterator[Waste]:
    if (tokens := len(tokenizer.token_ends(job.instruction))) > MAX_INSTRUCTION_TOKENS:
        yield Waste("instruction", f"it has {tokens} tokens", "say in a sentence or two what is wanted")
    for field in fields:
        example = _EXAMPLE.search(field.description)
        if example and (tokens := len(tokenizer.token_ends(example[1]))) > MAX_EXAMPLE_TOKENS:
            yield Waste(field.path, f"its example has {tokens} tokens", f"keep examples under {MAX_EXAMPLE_TOKENS}")
        elif (tokens := len(tokenizer.token_ends(field.description))) > MAX_DESCRIPTION_TOKENS:
            yield Waste(field.path, f"its description has {tokens} tokens", "a few words are enough")


def _empty_descriptions(fields: list[FieldText]) -> Iterator[Waste]:
    counts = Counter(field.description for field in fields if field.description)
    names: dict[str, set[str]] = {}
    for field in fields:
        names.setdefault(field.description, set()).add(field.name)
    for field in fields:
        words = set(_WORD.findall(field.description.lower())) - _SMALL_WORDS
        own = set(field.name.lower().split("_")) | _SMALL_WORDS
        if not field.description and "." not in field.path and not field.is_choice:
            yield Waste(field.path, "it has no description", "say in a few words what belongs there")
        elif field.description and words <= own:
            yield Waste(field.path, f"{field.description!r} only repeats its name", "say more, or leave it out")
    for description, count in counts.items():
        if count > 1 and len(names[description]) > 1:
            where = ", ".join(sorted(names[description]))
            yield Waste(where, f"{description!r} describes several fields", "say in each what sets it apart")


def _too_little_room(job: Job) -> Iterator[Waste]:
    longest = longest_answer_tokens(job)
    if longest > job.max_output_tokens:
        yield Waste(
            "max_output_tokens",
            f"{job.max_output_tokens} tokens, and the longest answer that the bounds allow has about {longest}",
            "lower max_length of lists and texts, or raise it",
        )


def _longest_chars(schema: dict[str, Any], definitions: dict[str, Any]) -> int:
    """Characters of the longest JSON text that a schema allows."""
    schema = referred(schema, definitions)
    if options := options_of(schema):
        return max(_longest_chars(option, definitions) for option in options)
    if "properties" in schema:
        asked = {name: field for name, field in schema["properties"].items() if DERIVED_KEY not in field}
        return 2 + sum(len(name) + len('"": , ') + _longest_chars(field, definitions) for name, field in asked.items())
    if schema.get("type") == "array":
        return 2 + int(schema["maxItems"]) * (2 + _longest_chars(schema["items"], definitions))
    if "enum" in schema or "const" in schema:
        return 2 + max(len(str(value)) for value in schema.get("enum", [schema.get("const")]))
    return 2 + int(schema.get("maxLength", len("2024-05-01T00:00:00")))
