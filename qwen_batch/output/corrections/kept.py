"""A decision as an output keeps it, `_corrections/<run id>.json`, and which decisions stand.

A file is part of the publication of the rows that it corrected. It is written once and never again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from qwen_batch.output.corrections.file import Correction
from qwen_batch.output.corrections.values import same
from qwen_batch.output.layout import corrections_paths
from qwen_batch.output.manifest import Moment, Written
from qwen_batch.storage.places import Store
from qwen_batch.value_paths import of_each_item


class Place(BaseModel):
    """Where a person pointed, or for an accepted value where its evidence stood; boxes are in points."""

    model_config = ConfigDict(frozen=True)

    quote: str = ""
    page: int | None = None
    start: int | None = None
    end: int | None = None
    boxes: tuple[dict[str, float], ...] = ()


class Kept(Written):
    """A decision: `value` is what the person says is right, None if there is no such value.

    It was made of a row with `run_id` and `job_fingerprint`, which said `old_value`. `former` are what the value was
    before other decisions that this one replaces. `item` is, of a path in a list, the whole item as it is with it.
    """

    id: str
    doc_id: str
    source_uri: str
    job: str
    path: str
    decision: str
    old_value: Any
    value: Any
    who: str
    when: Moment
    run_id: str
    job_fingerprint: str
    place: Place
    item: Any = None
    former: tuple[Any, ...] = ()

    @property
    def wanted(self) -> tuple[Any, ...]:
        """What an item of a list may say that this decision is about, by preference."""
        olds = (self.old_value, *self.former)
        return olds if self.value is None or self.old_value == self.value else (*olds, self.value)


class KeptFile(Written):
    """The decisions of one `apply`."""

    run_id: str
    decisions: tuple[Kept, ...]


class QuestionOf(NamedTuple):
    """What decisions are about, wherever the document lies and whoever answered."""

    doc_id: str
    job: str


Standing = Mapping[QuestionOf, tuple[Kept, ...]]
"""The decisions that stand, by content and job, oldest first."""


def correction_id(one: Correction) -> str:
    """The same for the same decision, however often it is saved."""
    said = [one.doc_id, one.job, one.path, one.decision, one.old_value, one.new_value, one.who, one.when.isoformat()]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def to_kept(one: Correction, place: Place, former: tuple[Any, ...] = ()) -> Kept:
    """A decision of a file, to be kept."""
    value = {"accept": one.old_value, "correct": one.new_value, "reject": None}[one.decision]
    return Kept(
        id=correction_id(one),
        **one.model_dump(exclude={"new_value", "pointed"}),
        value=value,
        place=place,
        former=former,
    )


def read_kept(store: Store) -> tuple[Kept, ...]:
    """All decisions that an output keeps, in the order in which they were applied."""
    files = (KeptFile.from_json(store.read(path), store.uri(path)) for path in corrections_paths(store))
    return tuple(one for file in files for one in file.decisions)


def replaces(new: Kept, old: Kept) -> bool:
    """Whether a decision is about the same value as an older one of the same content and job.

    A path in a list counts the items of the row that was looked at, so there the value says which item is meant.
    """
    if "[" not in new.path:
        return new.path == old.path
    if of_each_item(new.path) != of_each_item(old.path):
        return False
    again = new.path == old.path and same(new.old_value, old.old_value)
    return again or (old.value is not None and same(new.old_value, old.value))


def standing(decisions: Iterable[Kept]) -> Standing:
    """Those that no later one replaces. A decision takes over what the value was before the replaced ones."""
    found: dict[QuestionOf, list[Kept]] = {}
    for one in sorted(decisions, key=lambda kept: kept.when):
        mine = found.setdefault(QuestionOf(one.doc_id, one.job), [])
        before = [old for old in mine if replaces(one, old)]
        values = [value for old in before for value in (old.old_value, old.value, *old.former) if value is not None]
        former = (*one.former, *(value for value in values if value not in one.former))
        mine[:] = [*(old for old in mine if old not in before), one.model_copy(update={"former": former})]
    return {question: tuple(mine) for question, mine in found.items()}


def digest_of(decisions: Iterable[Kept]) -> str:
    """Tells apart which decisions a row has."""
    return hashlib.sha256(" ".join(sorted(one.id for one in decisions)).encode()).hexdigest()[:8]
