"""The corrected rows of an output as examples of right answers. Reads only."""

from __future__ import annotations

from collections.abc import Collection

from qwen_batch.outcomes import Example, ExampleFact
from qwen_batch.output.corrections.kept import Kept, read_kept, standing
from qwen_batch.storage.places import Store
from qwen_batch.value_paths import of_each_item, top_field

MAX_VALUE_CHARS = 200
"""A longer value is prose, which shows nothing of how a fact is written."""


def read_examples(store: Store, job: str, fields: Collection[str]) -> tuple[Example, ...]:
    """What people found right about a job in the fields that it has, one example a content, in fixed order."""
    found = []
    for question, decisions in sorted(standing(read_kept(store)).items()):
        facts = [fact for one in decisions if (fact := _fact(one)) and top_field(fact.path) in fields]
        if question.job == job and facts:
            name = decisions[0].source_uri.rpartition("/")[2]
            found.append(Example(question.doc_id, name, tuple(sorted(facts, key=lambda fact: fact.path))))
    return tuple(found)


def _fact(one: Kept) -> ExampleFact | None:
    value = one.value
    if not isinstance(value, str | int | float) or len(str(value)) > MAX_VALUE_CHARS or value == "":
        return None
    return ExampleFact(of_each_item(one.path), value, one.place.quote[:MAX_VALUE_CHARS])
