"""What documents say of the same aspect, side by side: all of it, what is alike, what differs, what contradicts.

An aspect is what `by` names, a subject what `about` names; the same name in other letters, and the same amount in
another unit, are the same. Without a subject each document is one; for conflicts all documents speak of the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qwen_batch.evidence.members.member import Member, Stated, stated
from qwen_batch.evidence.members.names import Names
from qwen_batch.evidence.same_value import is_same_value
from qwen_batch.job.facts.quantities import is_same_quantity
from qwen_batch.job.members import FromMembers
from qwen_batch.value_paths import top_field

MANY = 2
"""What can differ, or be alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """An aspect with the values that belong side by side; `about` is the subject where all are of one."""

    aspect: str
    cells: tuple[Stated, ...]
    about: str | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    aspect: str
    subject: str
    cell: Stated


def compared(members: Sequence[Member], marker: FromMembers) -> list[Row]:
    """The rows of one of the rules that compare, aspects in the order in which they first come."""
    statements = list(_statements(members, marker))
    if marker.rule == "conflicts":
        return list(_conflicts(statements, marker.about != ""))
    rows = [Row(aspect, cells) for aspect, cells in _by_aspect(statements)]
    if marker.rule == "table":
        return rows
    subjects = len({one.subject for one in statements})
    return [row for row in rows if _is_wanted(row, marker.rule == "shared", subjects)]


def says_the_same(first: str, second: str) -> bool:
    """Whether two values are one: the same quantity, or the same words."""
    by_number = is_same_quantity(first, second)
    return is_same_value(first, second) if by_number is None else by_number


def _statements(members: Sequence[Member], marker: FromMembers) -> Iterator[_Statement]:
    aspects, subjects = Names(), Names()
    for member in members:
        for cell in stated(member, marker.path):
            aspect = cell.said(marker.by) if marker.by else top_field(marker.path).replace("_", " ")
            subject = cell.said(marker.about) if marker.about else member.source_uri
            if aspect:
                yield _Statement(aspects.of(aspect), subjects.of(subject) if subject else member.name, cell)


def _by_aspect(statements: Sequence[_Statement]) -> Iterator[tuple[str, tuple[Stated, ...]]]:
    """For each aspect one value a subject: of its own document where that says one, else of whoever does."""
    own = _own_documents(statements)
    found: dict[str, dict[str, Stated]] = defaultdict(dict)
    for is_own in (True, False):
        for one in statements:
            if (own.get(one.subject) == one.cell.member.source_uri) is is_own:
                found[one.aspect].setdefault(one.subject, one.cell)
    order = dict.fromkeys(one.aspect for one in statements)
    subjects = {subject: place for place, subject in enumerate(dict.fromkeys(one.subject for one in statements))}
    for aspect in order:
        by_subject = sorted(found[aspect].items(), key=lambda item: subjects[item[0]])
        yield aspect, tuple(cell for _, cell in by_subject)


def _own_documents(statements: Sequence[_Statement]) -> dict[str, str]:
    """For each subject the document that says most of it: what others say of it is hearsay."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in statements:
        counts[one.subject][one.cell.member.source_uri] += 1
    return {subject: count.most_common(1)[0][0] for subject, count in counts.items()}


def _is_wanted(row: Row, shared: bool, subjects: int) -> bool:
    if len(row.cells) < MANY:
        return False
    first, *others = (str(cell.value) for cell in row.cells)
    alike = all(says_the_same(first, other) for other in others)
    return alike and len(row.cells) == subjects if shared else not alike


def _conflicts(statements: Sequence[_Statement], by_subject: bool) -> Iterator[Row]:
    """What is said of one aspect of one subject in several ways, each way once."""
    together: dict[tuple[str, str], list[Stated]] = defaultdict(list)
    for one in statements:
        together[one.aspect, one.subject if by_subject else ""].append(one.cell)
    for (aspect, subject), cells in together.items():
        different: list[Stated] = []
        for cell in cells:
            if not any(says_the_same(str(cell.value), str(other.value)) for other in different):
                different.append(cell)
        if len(different) >= MANY:
            yield Row(aspect, tuple(different), subject or None)
