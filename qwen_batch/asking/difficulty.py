"""What of a job a small model finds hard, whatever its prompt costs: `qwen-batch jobs check` says it beside the waste.

Only the shape of the schema: how deep values stand, how long lists may get, how many fields there are at once, and
fields of nested models that nothing but their name explains. Knows jobs, nothing of prompts or documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qwen_batch.asking.cost import FieldText, described_fields
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.rules import LOG_KEY, ROWS_KEY
from qwen_batch.schema_walk import definitions_of, resolved

MAX_DEPTH = 3
"""Of values: a field of the job's model is 1 deep, one of a model in a list of it 2."""
MAX_ITEMS = 20
MAX_FIELDS = 12


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Something that a small model will often get wrong: where, what, and what would help."""

    where: str
    what: str
    remedy: str


def job_difficulties(job: Job) -> tuple[Difficulty, ...]:
    """All that a small model will find hard in a job: no error, for a larger one may do it."""
    schema = job_schema(job)
    fields = list(described_fields(schema))
    asked = [field for field in fields if not {ROWS_KEY, LOG_KEY} & field.schema.keys()]  # those lists are read by code
    lengths = {field.path: resolved(field.schema, definitions_of(schema)).get("maxItems", 0) for field in asked}
    return (
        *_many_fields(fields),
        *_deep(fields),
        *(_long_list(path, most) for path, most in lengths.items() if most > MAX_ITEMS),
        *_unexplained(fields),
    )


def _many_fields(fields: Sequence[FieldText]) -> Iterator[Difficulty]:
    counts = Counter(field.path.rpartition(".")[0] for field in fields)
    for owner, count in counts.items():
        if count > MAX_FIELDS:
            remedy = "leave out what nobody reads, or make two jobs of it: a document is read once for both"
            yield Difficulty(owner or "schema", f"it has {count} fields at once", remedy)


def _deep(fields: Sequence[FieldText]) -> Iterator[Difficulty]:
    deep = dict.fromkeys(field.path.rpartition(".")[0] for field in fields if field.path.count(".") == MAX_DEPTH)
    for path in deep:
        what = f"its values stand {MAX_DEPTH + 1} models deep or more"
        yield Difficulty(path, what, "make it a list of the job's own model that names what it belongs to")


def _long_list(path: str, most: int) -> Difficulty:
    remedy = f"allow {MAX_ITEMS} if documents seldom have more; else ask a larger model"
    return Difficulty(path, f"it may have {most} items, and small models leave some out or repeat them", remedy)


def _unexplained(fields: Sequence[FieldText]) -> Iterator[Difficulty]:
    """Those of the job's own model are waste already: `cost` names them."""
    for field in fields:
        if "." in field.path and not field.description and not field.is_choice:
            yield Difficulty(field.path, "it has no description", "say in a few words what belongs there")
