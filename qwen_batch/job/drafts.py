"""A job file as text, from a few facts and their kinds: what `init` and `jobs new` write."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qwen_batch.errors import UsageError

MAX_ITEMS = 10
_FACT = re.compile(r"([A-Za-z]\w*)\s*(?::\s*(\w+))?(?:\s+(.+))?", re.ASCII)
_ALSO_CALLED = {
    "money": "amount",
    "date": "day",
    "name": "party",
    "names": "parties",
    "bool": "yes_no",
    "string": "text",
}
_STEP_TOKENS = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: the field's type, what of `qwen_batch` it needs, and the class that is written out for it."""

    type: str
    imports: str
    written: str = ""


def _quoted(name: str, says: str, value: str) -> Kind:
    text = f'class {name}(Quoted):\n    """{says}, with the words that say it."""\n\n    value: {value}\n'
    return Kind(f"{name} | None", "Quoted", text)


_TEXT = _quoted("Fact", "A fact in a few words", 'str = Field(max_length=120, description="in a few words")')
KINDS = {
    "text": _TEXT,
    "day": Kind("Day | None", "Day"),
    "amount": Kind("Amount | None", "Amount"),
    "party": Kind("Party | None", "Party"),
    "number": _quoted("Number", "A number", "float"),
    "yes_no": _quoted("YesNo", "Whether something holds", "bool"),
    "list": Kind("list[Fact]", "Quoted", _TEXT.written),
    "parties": Kind("list[Party]", "Party"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the job."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a job is written from; `documents` says what one of them is, such as "an invoice"."""

    name: str
    documents: str
    facts: tuple[Fact, ...]


def text_to_facts(text: str) -> tuple[Fact, ...]:
    """`seller:party who is paid, total:amount` as facts; with `;` between them words may have commas.

    Raises UsageError for one that is none.
    """
    facts = []
    for part in filter(None, (one.strip() for one in text.split(";" if ";" in text else ","))):
        _check_name(part)
        found = _FACT.fullmatch(part)
        name, kind, words = found.groups() if found else (part, None, None)
        kind = _ALSO_CALLED.get(kind or "text", kind or "text")
        if not found or not may_be_named(name):
            raise UsageError(
                f"{part!r} names no field", "write it as name:kind and what belongs there: total:amount sum to pay"
            )
        if kind not in KINDS:
            raise UsageError(f"{part!r}: there is no kind of fact {kind!r}", f"one of {', '.join(KINDS)}")
        facts.append(Fact(name, kind, (words or f"{name.replace('_', ' ')} that the document states").strip()))
    names = [fact.name for fact in facts]
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"the fact {min(twice)!r} is named twice", "name each once")
    if not facts:
        raise UsageError("no fact is named", "name one at least, such as total:amount")
    return tuple(facts)


def _check_name(part: str) -> None:
    """Raises UsageError for `day of sale:day`, which would be a field `day` with odd words."""
    name, _, after = part.partition(":")
    kind = next(iter(after.split()), "")
    if len(name.split()) > 1 and _ALSO_CALLED.get(kind, kind) in KINDS:
        raise UsageError(f"{part!r}: a field's name has no spaces", f"write {'_'.join(name.split())}:{after.strip()}")


def may_be_named(name: str) -> bool:
    """Whether a field of a pydantic model may be called so."""
    from pydantic import BaseModel

    return not (keyword.iskeyword(name) or hasattr(BaseModel, name) or name.startswith("model_"))


def job_text(job: Draft, max_output_tokens: int) -> str:
    """The job's file."""
    kinds = [KINDS[fact.kind] for fact in job.facts]
    imports = {"EXTRACTION", "Job", *(kind.imports for kind in kinds)}
    schema = "".join(part.capitalize() for part in job.name.split("_"))
    used = {kind.written: None for kind in kinds if kind.written}
    schema = f"{schema}Facts" if f"class {schema}(" in "".join(used) or schema in imports else schema
    what = as_docstring(job.documents)
    return "\n".join(
        [
            f'"""{what[:1].upper()}{what[1:]}: {", ".join(fact.name for fact in job.facts)}."""',
            "",
            "from pydantic import BaseModel, Field",
            "",
            import_line(imports),
            *(f"\n\n{text.rstrip()}" for text in used),
            f"\n\nclass {schema}(BaseModel):",
            f'    """The facts of {what}."""',
            "",
            "    # The model reads these descriptions: say in a few words what belongs there.",
            *_fields(job.facts),
            "\n\nJOB = Job(",
            f"    name={json.dumps(job.name)},",
            f"    schema={schema},",
            f"    instruction={as_python(f'Extract the facts of {job.documents.strip()}.')},",
            "    sampling=EXTRACTION,",
            f"    max_output_tokens={max_output_tokens},",
            f"    # fits={as_python(job.documents.strip())},  # other documents would be skipped, not asked",
            ")",
            "",
        ]
    )


def _fields(facts: Sequence[Fact]) -> Iterator[str]:
    for fact in facts:
        kind = KINDS[fact.kind].type
        room = f"max_length={MAX_ITEMS}, " if kind.startswith("list") else ""
        yield f"    {fact.name}: {kind} = Field({room}description={as_python(fact.description)})"


def import_line(names: Iterable[str]) -> str:
    """The line that imports names of qwen_batch, constants first, as ruff sorts them."""
    return f"from qwen_batch import {', '.join(sorted(names, key=lambda one: (not one.isupper(), one)))}"


def rounded(tokens: int) -> int:
    """A bound that looks as a person would write it."""
    return -(-tokens // _STEP_TOKENS) * _STEP_TOKENS


def as_python(text: str) -> str:
    """A text as Python writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def as_docstring(text: str) -> str:
    """A text for between the quotation marks of a docstring."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
