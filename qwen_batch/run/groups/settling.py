"""What a group's row has that a document's has not: places in the members' documents, and values that rules made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.evidence.members.computing import computed_fields
from qwen_batch.evidence.members.group import Group, cite_members
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.members import is_asked, member_fields
from qwen_batch.outcomes import MemberOf

COMPUTED = "computed"
"""The finish reason of a row that no model was asked for."""
_PAGES = re.compile(r"^pages? (\d+)(?:-(\d+))?: ")


@dataclass(frozen=True, slots=True)
class WithMembers:
    """A result with what its members add to it."""

    merged: Merged
    confidence: dict[str, float | None]


def with_members(merged: Merged, confidence: Mapping[str, float | None], group: Group, job: Job) -> WithMembers:
    """The result of a group: evidence in its members' documents, and the fields that rules fill."""
    made = {one.field: one for one in computed_fields(group.members, member_fields(job_schema(job)))}
    parts = {one.field: one for one in merged.parts} | {name: one.parts() for name, one in made.items()}
    named = _named(merged.warnings, group)
    return WithMembers(
        Merged(
            result={**merged.result, **{name: one.value for name, one in made.items()}},
            evidence=(
                *cite_members(merged.evidence, group.cited),
                *(found for one in made.values() for found in one.evidence),
            ),
            parts=tuple(parts[name] for name in merged.result),
            warnings=(*named, *(warning for one in made.values() for warning in one.warnings)),
            cut=(*merged.cut, *(name for name, one in made.items() if one.is_cut)),
        ),
        {name: made[name].confidence if name in made else confidence.get(name) for name in merged.result},
    )


def by_rules_alone(job: Job) -> Merged | None:
    """The result of a job that rules alone fill, before they did; None for one that the model is asked."""
    if is_asked(job_schema(job)):
        return None
    result: dict[str, Any] = job.schema().model_dump(mode="json", by_alias=True)
    return Merged(result, (), ())


def warnings_of(warnings: Iterable[str], group: Group | None) -> tuple[str, ...]:
    """Warnings of a document; of a group with the names of members where they name pages of its text."""
    return tuple(warnings) if group is None else _named(warnings, group)


def members_of(group: Group | None) -> tuple[MemberOf, ...]:
    """The documents whose rows a group has read."""
    return tuple(MemberOf(one.doc_id, one.source_uri) for one in group.members) if group else ()


def _named(warnings: Iterable[str], group: Group) -> tuple[str, ...]:
    return tuple(_PAGES.sub(lambda found: _names(found, group.members), warning) for warning in warnings)


def _names(found: re.Match[str], members: Sequence[Any]) -> str:
    first, last = int(found[1]), int(found[2] or found[1])
    names = [member.name for member in members[first - 1 : last]]
    return f"{names[0]} to {names[-1]}: " if len(names) > 1 else f"{names[0]}: " if names else found[0]
