"""What a job says of a text beside its type: how long it may be, and what of the document it keeps.

Markers for `Annotated`, carried in the JSON schema under keys of our own. No grammar enforces them: the answer is
checked by code, and what it breaks goes back to the model. Knows JSON schema, nothing of answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from qwen_batch.errors import JobError
from qwen_batch.schema_walk import definitions_of, options_of, resolved
from qwen_batch.value_paths import EACH, key_path

Fact = Literal["numbers", "dates", "names"]

LIMITS_KEY = "x-limits"
KEEPS_KEY = "x-keeps"
STATED_KEY = "x-stated-numbers"
GLOSSARY_KEY = "x-glossary"
REWORDED_KEY = "x-reworded"
SHAPE_KEY = "x-same-shape"
PYTHON_KEY = "x-typed-python"
LIMIT_KEYS = (LIMITS_KEY, KEEPS_KEY, STATED_KEY, GLOSSARY_KEY, REWORDED_KEY, SHAPE_KEY, PYTHON_KEY)
OF_THE_WHOLE = (KEEPS_KEY, GLOSSARY_KEY, REWORDED_KEY, SHAPE_KEY, PYTHON_KEY)
"""Marks that compare a text with all of the document: they stand on fields of the job's own model."""
AIMED_SHARE = 0.8
CHARS_A_WORD = 6
ROOM = 2
"""How many times the limit a text's `max_length` is at least: what decoding cuts off could not be asked again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Marks a text, or the texts of a list: `Annotated[str, Limits(characters=120, emoji=2)]`.

    Characters are what a reader takes for one, so an emoji of several code points is one.
    """

    characters: int | None = None
    emoji: int | None = None

    def __post_init__(self) -> None:
        if self.characters is None and self.emoji is None:
            raise JobError("Limits(): it limits nothing", "Limits(characters=120, emoji=2)")
        if (self.characters is not None and self.characters < 1) or (self.emoji is not None and self.emoji < 0):
            raise JobError(f"{self}: no text keeps that", "Limits(characters=120, emoji=2)")

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), LIMITS_KEY: {"characters": self.characters, "emoji": self.emoji}}


class Keeps:
    """Marks a text that says the document anew: `Annotated[str, Keeps("numbers", "dates", "names")]`.

    Every number, written date or name of the document stands in it, and no number or date that the document lacks.
    Numbers are compared by value, whatever the language: 1.2 million is 120万. Names are words with a capital.
    """

    def __init__(self, *facts: Fact) -> None:
        if not facts or not set(facts) <= set(get_args(Fact)):
            raise JobError(f"Keeps{facts}: name what is kept", 'Keeps("numbers", "dates", "names")')
        self.facts = facts

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), KEEPS_KEY: list(self.facts)}


class Glossary:
    """Marks a text with the terms that it keeps: `Glossary("Aurora X2", zh={"warranty": "保修"})`.

    A term that stands in the document stands in the text too: as it is, or as the terms of the job's language have it.
    """

    def __init__(self, *kept: str, **translated: Mapping[str, str]) -> None:
        pairs = [(term, said) for terms in translated.values() for term, said in terms.items()]
        if not (kept or pairs) or not all(one.strip() for one in (*kept, *(word for pair in pairs for word in pair))):
            raise JobError("Glossary: give terms, none of them empty", 'Glossary("Aurora X2", zh={"warranty": "保修"})')
        self.kept = kept
        self.translated = {language: dict(terms) for language, terms in translated.items()}

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), GLOSSARY_KEY: {"kept": list(self.kept), "translated": self.translated}}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A marker that says all by being there."""

    key: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), self.key: True}


STATED_NUMBERS = _Mark(STATED_KEY)
"""Marks a text, or the texts of a list: every number in it stands in the document."""
REWORDED = _Mark(REWORDED_KEY)
"""Marks a text that is not the document's own, returned unchanged."""
SAME_SHAPE = _Mark(SHAPE_KEY)
"""Marks a text with the Markdown of the document: as many headings, list items, rows and cells, none left out."""
TYPED_PYTHON = _Mark(PYTHON_KEY)
"""Marks Python with docstrings and types, compiled and checked by mypy in a process of its own, never executed."""


@dataclass(frozen=True, slots=True)
class FieldLimits:
    """What one text of an answer has to keep: a field's path, `slides[].title`, and its marks."""

    path: str
    most: int
    characters: int | None = None
    emoji: int | None = None
    keeps: tuple[Fact, ...] = ()
    stated: bool = False
    terms: tuple[tuple[str, str], ...] = ()
    reworded: bool = False
    shape: bool = False
    python: bool = False

    @property
    def words(self) -> str:
        """What a prompt says of it."""
        kept = [*self.keeps[:-2], " and ".join(self.keeps[-2:])] if self.keeps else []
        said = [
            f"at most {self.characters} characters ({words_in(self.characters)} words of English)"
            if self.characters
            else "",
            "no emoji" if self.emoji == 0 else f"at most {self.emoji} emoji" if self.emoji else "",
            f"keeping all {', '.join(kept)}" if kept else "",
            "with numbers of the document alone" if self.stated else "",
            "not as the document has it" if self.reworded else "",
            "with the same Markdown" if self.shape else "",
            terms_in_words(self.terms),
        ]
        return ", ".join(filter(None, said))


def words_in(characters: int) -> int:
    """How many English words one is told who may write so many characters: a little less, for models count badly."""
    return max(1, round(characters * AIMED_SHARE / CHARS_A_WORD))


def terms_in_words(terms: tuple[tuple[str, str], ...]) -> str:
    """Terms as a prompt has them: those that stay, then what each of the others is called."""
    same = [f'"{term}"' for term, said in terms if term == said]
    others = [f'"{term}" is "{said}"' for term, said in terms if term != said]
    return "; ".join(filter(None, [f"keeping {', '.join(same)} as written" if same else "", ", ".join(others)]))


def field_limits(schema: dict[str, Any], language: str = "") -> tuple[FieldLimits, ...]:
    """The texts of a job's schema that are marked so; of glossaries the terms of this language."""
    return tuple(_limits(one, language) for one in _marked(schema, definitions_of(schema)))


def check_limits(job: str, schema: dict[str, Any], language: str = "") -> None:
    """Raises JobError naming the field whose mark means nothing there, or could not be kept."""
    for one in _marked(schema, definitions_of(schema)):
        if one.body.get("type") != "string" or "enum" in one.body or "const" in one.body:
            raise JobError(f"job {job}: {one.path} has limits, but it is no text", "mark a str, or a list of them")
        is_top = "." not in one.path and EACH not in one.path
        strange = next((key for key in OF_THE_WHOLE if key in one.marks and not is_top), None)
        if strange:
            raise JobError(
                f"job {job}: {one.path} is marked with {strange}, which compares all of the document with one text",
                "mark a text of the job's own model",
            )
        limits = _limits(one, language)
        if limits.characters is not None and limits.most < ROOM * limits.characters:
            raise JobError(
                f"job {job}: decoding would cut {one.path} at its max_length of {limits.most}, and nothing is cut",
                f"give it max_length={ROOM * limits.characters} or more: what is longer than Limits is asked again",
            )
        _check_glossary(job, one, language)


@dataclass(frozen=True, slots=True)
class _Marked:
    path: str
    body: dict[str, Any]
    marks: dict[str, Any] = field(default_factory=dict)


def _marked(schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[_Marked]:
    """Every field with a mark, those of nested models by the path that leads to them."""
    for name, value in schema.get("properties", {}).items():
        here, body = key_path(path, name), resolved(value, definitions)
        parts = [value, *options_of(value)]
        if body.get("type") == "array":
            items = body["items"]
            here, body = f"{here}{EACH}", resolved(items, definitions)
            parts += [items, *options_of(items), *(one["items"] for one in options_of(value) if "items" in one)]
        marks = {key: part[key] for part in parts for key in LIMIT_KEYS if key in part}
        if marks:
            yield _Marked(here, body, marks)
        yield from _marked(body, definitions, here)


def _limits(one: _Marked, language: str) -> FieldLimits:
    limits = one.marks.get(LIMITS_KEY, {})
    glossary = one.marks.get(GLOSSARY_KEY, {"kept": [], "translated": {}})
    translated = glossary["translated"].get(language.replace("-", "_"), {})
    return FieldLimits(
        path=one.path,
        most=int(one.body.get("maxLength", 0)),
        characters=limits.get("characters"),
        emoji=limits.get("emoji"),
        keeps=tuple(one.marks.get(KEEPS_KEY, ())),
        stated=STATED_KEY in one.marks,
        terms=(*((term, term) for term in glossary["kept"]), *translated.items()),
        reworded=REWORDED_KEY in one.marks,
        shape=SHAPE_KEY in one.marks,
        python=PYTHON_KEY in one.marks,
    )


def _check_glossary(job: str, one: _Marked, language: str) -> None:
    translated = one.marks.get(GLOSSARY_KEY, {}).get("translated", {})
    if translated and not language:
        raise JobError(
            f"job {job}: the glossary of {one.path} has terms of {', '.join(translated)}, but the job no language",
            'say which one its values are written in: Job(…, language="zh")',
        )
