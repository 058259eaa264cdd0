"""What a job says of where its fields stand in a document: words to look for, near misses, and fields about the whole.

Markers for `Annotated`, carried in the JSON schema under keys of our own. Knows JSON schema, nothing of documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qwen_batch.errors import JobError
from qwen_batch.job.rules import DERIVED_KEY, PROSE_CHARS, ROWS_KEY
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of, resolved, target_of

LOOKS_FOR_KEY = "x-looks-for"
MENTIONS_KEY = "x-mentions"
WHOLE_KEY = "x-whole-document"
LOOK_KEYS = (LOOKS_FOR_KEY, MENTIONS_KEY, WHOLE_KEY)
_LANGUAGE = re.compile("[a-z]{2}")
MAX_SHORT_LIST = 8
"""A list that may have more items is looked for in all of a document."""


def _has_words(phrase: object) -> bool:
    return isinstance(phrase, str) and any(map(str.isalnum, phrase))


class _Phrases:
    """A marker that holds phrases."""

    key = ""

    def __init__(self, *phrases: str) -> None:
        if not phrases or not all(map(_has_words, phrases)):
            raise JobError(
                f"{type(self).__name__}: give one phrase or more", f'{type(self).__name__}("words", "words")'
            )
        self.phrases = phrases

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), self.key: list(self.phrases)}


class LooksFor(_Phrases):
    """Words that a passage with this field uses: `Annotated[Law | None, LooksFor("governed by", "laws of")]`.

    Without it the field's name and description are what is looked for.
    """

    key = LOOKS_FOR_KEY


class Mentions:
    """Words of which one must stand around a value's quote: `Mentions(en=("renew", "extend"), zh=("续", "延长"))`.

    A value whose passage has none of them is taken back: a notice that ends a renewal is said where "renew" is said.
    By the document's language (ISO 639-1); for a language without words nothing is taken back. Parts of words count.
    """

    def __init__(self, **words: tuple[str, ...]) -> None:
        if not words or not all(isinstance(these, tuple) and these for these in words.values()):
            raise JobError("Mentions: give words by language", 'Mentions(en=("renew", "extend"))')
        if not all(_LANGUAGE.fullmatch(language) for language in words):
            raise JobError(f"Mentions: languages have two letters, not {', '.join(words)}", 'Mentions(en=("renew",))')
        if not all(_has_words(word) for these in words.values() for word in these):
            raise JobError("Mentions: a word has a letter or a digit", 'Mentions(en=("renew", "extend"))')
        self.words = words

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), MENTIONS_KEY: {language: list(these) for language, these in self.words.items()}}


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """Marks a field that is about all of a document, such as its sections or risks: no single passage states it.

    It is asked over the headings of a document with the opening sentences of every section.
    """

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), WHOLE_KEY: True}


WHOLE_DOCUMENT = WholeDocument()


@dataclass(frozen=True, slots=True)
class FieldLook:
    """Where one top-level field is looked for, by its `phrases`; `is_list` says that many passages may hold it.

    `whole` is a field about the whole document, `by_headings` one that is marked so; `mentions` are words by language.
    """

    field: str
    phrases: tuple[str, ...]
    is_list: bool = False
    whole: bool = False
    by_headings: bool = False
    mentions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def query(self) -> str:
        """All of its words."""
        return " ".join(self.phrases)

    def words(self, language: str) -> tuple[str, ...]:
        """The words of which one must be mentioned in a document of this language; none if that is not known."""
        return dict(self.mentions).get(language, ())


def field_looks(schema: dict[str, Any]) -> tuple[FieldLook, ...]:
    """One look for each top-level field that the model is asked for."""
    definitions = definitions_of(schema)
    return tuple(
        _look(name, field, definitions) for name, field in schema["properties"].items() if DERIVED_KEY not in field
    )


def check_looks(job: str, schema: dict[str, Any]) -> None:
    """Raises JobError naming the field whose marker would mean nothing there."""
    definitions = definitions_of(schema)
    for place in _unheard(schema, definitions):
        raise JobError(
            f"job {job}: {place} is marked, but only fields of the job's own model are looked for",
            "mark the field of the job's model that holds it",
        )
    for name, field in schema["properties"].items():
        if not _marker(field, MENTIONS_KEY):
            continue
        has_quote = "quote" in resolved(field, definitions).get("properties", {})
        if not (has_quote and may_be_null(field)):
            problem = "may not be null" if has_quote else "has no quote around which they could stand"
            raise JobError(
                f"job {job}: {name} has Mentions, but it {problem}", "use a Quoted model | None for the field"
            )


def _unheard(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    """Where a marker stands that nobody reads: in a nested model, on a list's items, on a field that code fills.

    In the items of a table's rows they name columns.
    """
    columns = {
        target_of(field["items"]) for field in schema["properties"].values() if ROWS_KEY in field and "items" in field
    }
    for owner, definition in definitions.items():
        if owner in columns:
            continue
        yield from (owner for key in LOOK_KEYS if key in definition)
        yield from (f"{owner}.{name}" for name, field in definition.get("properties", {}).items() if _is_marked(field))
    for name, field in schema["properties"].items():
        parts = [part for option in (field, *options_of(field)) for part in _inner(option)]
        yield from (f"{name}[]" for part in parts if _is_marked(part))
        if DERIVED_KEY in field and _is_marked(field):
            yield name


def _inner(field: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    items = field.get("items")
    return (items,) if isinstance(items, dict) else ()


def _is_marked(field: dict[str, Any]) -> bool:
    return any(key in part for part in (field, *options_of(field), *_inner(field)) for key in LOOK_KEYS)


def _look(name: str, field: dict[str, Any], definitions: dict[str, Any]) -> FieldLook:
    body = resolved(field, definitions)
    phrases = _marker(field, LOOKS_FOR_KEY) or [field.get("description", "")]
    by_headings = bool(_marker(field, WHOLE_KEY))
    is_list = body.get("type") == "array"
    is_prose = body.get("type") == "string" and body.get("maxLength", 0) > PROSE_CHARS
    is_long = is_list and body.get("maxItems", MAX_SHORT_LIST + 1) > MAX_SHORT_LIST
    return FieldLook(
        field=name,
        phrases=tuple(filter(None, (name.replace("_", " "), *phrases))),
        is_list=is_list,
        whole=by_headings or is_prose or is_long,
        by_headings=by_headings,
        mentions=tuple((language, tuple(words)) for language, words in (_marker(field, MENTIONS_KEY) or {}).items()),
    )


def _marker(field: dict[str, Any], key: str) -> Any:
    return field.get(key) or next((option[key] for option in options_of(field) if key in option), None)
