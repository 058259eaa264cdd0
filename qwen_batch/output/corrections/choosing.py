"""Which decisions of a file an output takes: new ones about values that are still there, and why not the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from qwen_batch.errors import UsageError
from qwen_batch.output.corrections.file import Correction, Corrections
from qwen_batch.output.corrections.kept import Kept, Place, correction_id, replaces, to_kept
from qwen_batch.output.corrections.values import find_place, native, plain, same, type_at, value_at
from qwen_batch.storage.uris import document_name
from qwen_batch.value_paths import of_each_item

SAVE_AGAIN = "make the report anew, look at the value again and save the file again"


@dataclass(frozen=True, slots=True)
class JobRows:
    """A job's rows of `latest_all`, as the output has them now.

    `kind` is the type of a result over all runs, `fields` the paths of what the job answers at present, () if that is
    not known.
    """

    kind: pa.StructType
    fields: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]

    def of_content(self, doc_id: str) -> list[Mapping[str, Any]]:
        """The rows of a content that is there, under each of its names."""
        return [row for row in self.rows if row["doc_id"] == doc_id and row["source_state"] == "present"]

    def state_of(self, source_uri: str) -> str:
        """Whether a file is there, for people."""
        state = next((row["source_state"] for row in self.rows if row["source_uri"] == source_uri), None)
        return "the document is gone" if state in {None, "deleted"} else "the document has changed"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A decision that an output does not take, and why; `document` is the name of a file."""

    document: str
    source_uri: str
    job: str
    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What becomes of a file's decisions; `known` is how many the output has already."""

    new: tuple[Kept, ...]
    known: int
    refused: tuple[NotTaken, ...]
    orphaned: tuple[NotTaken, ...]


def choose(file: Corrections, place: str, jobs: Mapping[str, JobRows], kept: Sequence[Kept]) -> Chosen:
    """Sorts the decisions of the file at a place.

    Raises UsageError with the key of the first one that no row can take: another job, field or type.
    """
    ids = {one.id for one in kept}
    taken: dict[str, Kept] = {}
    refused, orphaned = [], []
    known = 0
    for number, one in enumerate(file.corrections):
        answers = jobs.get(one.job)
        key = f"{place}: corrections.{number}"
        if answers is None:
            raise UsageError(f"{key}.job: no published table of {one.job!r}", "give the output that the report is of")
        _check(key, one, answers.kind)
        if correction_id(one) in ids or correction_id(one) in taken:
            known += 1
            continue
        rows = answers.of_content(one.doc_id)
        if why := _orphaned(one, answers, rows):
            orphaned.append(_not_taken(one, why))
            continue
        row = next((row for row in rows if row["source_uri"] == one.source_uri), rows[0])
        before = [old for old in (*kept, *taken.values()) if _same_question(one, old)]
        decided = _decided(one, row, before)
        if isinstance(decided, Kept):
            taken[decided.id] = decided
        else:
            refused.append(_not_taken(one, decided))
    return Chosen(tuple(taken.values()), known, tuple(refused), tuple(orphaned))


def is_there(path: str, fields: Iterable[str]) -> bool:
    """Whether a job that answers these fields has the value's; without any it is not known, and may be."""
    there = set(fields)
    return not there or of_each_item(path) in there


def _check(key: str, one: Correction, kind: pa.StructType) -> None:
    leaf = type_at(kind, one.path)
    if leaf is None or pa.types.is_struct(leaf) or pa.types.is_list(leaf):
        raise UsageError(f"{key}.path: {one.path!r} is no value of the job {one.job!r}", SAVE_AGAIN)
    try:
        native(one.new_value, leaf)
    except ValueError as error:
        raise UsageError(f"{key}.new_value: {one.path}: {error}", "correct the value in the report's page") from None


def _orphaned(one: Correction, answers: JobRows, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return answers.state_of(one.source_uri)
    return "" if is_there(one.path, answers.fields) else "the job has no such field any more"


def _decided(one: Correction, row: Mapping[str, Any], before: Sequence[Kept]) -> Kept | str:
    """The decision to be kept, or why it is refused."""
    decision = to_kept(one, _place(one, row))
    older = [old for old in before if replaces(decision, old)]
    if any(old.when >= decision.when for old in older):
        return "a later decision stands"
    at = find_place(row["result"] or {}, one.path, decision.wanted)
    says = plain(value_at(row["result"] or {}, at)) if at else None
    looked_at = (row["run_id"], row["job_fingerprint"]) == (one.run_id, one.job_fingerprint)
    if looked_at or older or same(says, one.old_value):
        return decision
    return f"it was answered again since, by run {row['run_id']}: it says {says!r} now, not {one.old_value!r}"


def _place(one: Correction, row: Mapping[str, Any]) -> Place:
    """Where the person pointed; of an accepted value where its evidence stands."""
    if one.pointed:
        boxes = tuple(box.model_dump() for box in one.pointed.boxes)
        return Place(
            quote=one.pointed.words, page=one.pointed.page, start=one.pointed.start, end=one.pointed.end, boxes=boxes
        )
    if one.decision == "accept":
        for said in row["evidence"] or ():
            if said["field"] == one.path and said.get("standing") in {None, "value"}:
                stands = {name: said[name] for name in ("page", "start", "end")}
                return Place(quote=said["quote"] or "", boxes=tuple(said["boxes"] or ()), **stands)
    return Place()


def _same_question(one: Correction, old: Kept) -> bool:
    return (one.doc_id, one.job) == (old.doc_id, old.job)


def _not_taken(one: Correction, why: str) -> NotTaken:
    return NotTaken(document_name(one.source_uri), one.source_uri, one.job, one.path, why)
