"""The groups of a run, one level of jobs after the other: formed when their members have ended, asked in waves.

A wave holds the rows of so many members, in whole groups; each group goes the way of a document.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qwen_batch.evidence.members.group import Group
from qwen_batch.evidence.members.member import Member
from qwen_batch.job.members import GroupBy
from qwen_batch.outcomes import Failure, MemberOf
from qwen_batch.output.corrections.kept import Standing, read_kept, standing
from qwen_batch.output.keys import DoneKeys, Key
from qwen_batch.output.ledger import Ledger
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.groups.forming import Ending, Formed, Groups, Members, form_groups
from qwen_batch.run.groups.rows import Said, decided_digests, member_rows, reasons, values_at
from qwen_batch.run.groups.text import with_own_names
from qwen_batch.run.request import Product

WAVE_MEMBERS = 10_000
"""Whose rows are in memory at a time, some kilobytes each; a group that has more is a wave of its own."""
BYTES_A_VALUE = 64
"""What a value of a row takes beside its words: its name, its quote's frame, Python's own objects not counted."""
NO_MEMBERS = "none of its {count} members has a row, the first failed: {first}"


@dataclass(slots=True)
class Round:
    """The groups of one level: by product what was formed, and what the user should know."""

    groups: dict[str, Groups] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    @property
    def formed(self) -> Iterator[tuple[str, Formed]]:
        """Each group that can be asked, with its job."""
        return ((job, one) for job, groups in self.groups.items() for one in groups.formed)

    @property
    def waiting(self) -> int:
        """How many wait for a member."""
        return sum(len(groups.waiting) for groups in self.groups.values())


class GroupRounds:
    """Forms groups from what the ledger has of their members, and makes works of them."""

    def __init__(self, ledger: Ledger, products: Sequence[Product], limits: str) -> None:
        self._ledger = ledger
        self._products = {product.name: product for product in products}
        self._limits = limits
        self._standing: Standing = standing(read_kept(ledger.store))

    def form(self, level: Sequence[Product], documents: Mapping[str, Sequence[Document]], done: DoneKeys) -> Round:
        """The groups of a level's products; `documents` are by product those that it has made rows of."""
        found = Round()
        for product in level:
            groups = form_groups(product, self._members(product, documents, done))
            found.groups[product.name] = groups
            if groups.nameless:
                over = product.grouping.over if product.grouping else None
                path = over.path if isinstance(over, GroupBy) else ""
                found.messages.append(f"{groups.nameless} documents are in no group of {product.name}: no {path}")
        return found

    def lost(self, found: Round, owed: Container[Key]) -> list[Failure]:
        """The failures of owed groups of which no member has a row."""
        lost = [(job, one) for job, one in self._owed(found, owed) if not one.members]
        failures = []
        for (job, one), failed in zip(lost, self._failed(lost), strict=True):
            message = NO_MEMBERS.format(count=len(failed), first=f"{failed[0].source_uri} ({failed[0].code})")
            failures.append(Failure(one.document, "read", "no_members", message, job=job))
        return failures

    def waves(self, found: Round, owed: Container[Key]) -> Iterator[list[Work]]:
        """Works for the owed groups that have a member, as many at a time as their rows may be in memory."""
        wave: list[tuple[str, Formed]] = []
        count = 0
        for job, one in [(job, one) for job, one in self._owed(found, owed) if one.members]:
            if wave and count + len(one.members) > WAVE_MEMBERS:
                yield self._works(wave)
                wave, count = [], 0
            wave.append((job, one))
            count += len(one.members)
        if wave:
            yield self._works(wave)

    def _owed(self, found: Round, owed: Container[Key]) -> Iterator[tuple[str, Formed]]:
        return ((job, one) for job, one in found.formed if self._products[job].key(one.document) in owed)

    def _works(self, wave: Sequence[tuple[str, Formed]]) -> list[Work]:
        rows: dict[Key, Member] = {}
        for of in {product.name: product for job, _ in wave for product in [self._of(job)]}.values():
            wanted = [of.key(document) for job, one in wave if self._of(job) is of for document in one.members]
            rows |= member_rows(self._ledger, of.table, wanted, self._standing)
        works = []
        for (job, one), failed in zip(wave, self._failed(wave), strict=True):
            members = with_own_names([rows[self._of(job).key(document)] for document in one.members])
            document = replace(one.document, size=sum(map(_size_of, members)))
            works.append(Work(document, (job,), group=Group(members, failed)))
        return works

    def _members(self, product: Product, documents: Mapping[str, Sequence[Document]], done: DoneKeys) -> Members:
        of = self._of(product.name)
        answered = {key.asked() for key in done.records}

        def ending_of(document: Document) -> Ending | None:
            key = of.key(document)
            if key in answered:
                return "row"
            if key in done.skips:
                return "skipped"
            return "failed" if key.failed_under(self._limits) in done.failures else None

        over = product.grouping.over if product.grouping else None
        values: Mapping[Key, object] = {}
        if isinstance(over, GroupBy):
            wanted = [key for document in documents[of.name] if (key := of.key(document)) in answered]
            values = values_at(self._ledger, of.table, wanted, over.keys, self._standing)
        return Members(
            documents=documents[of.name],
            ending_of=ending_of,
            key_of=of.key,
            decided=decided_digests(self._standing, of.name),
            value_of=lambda document: values.get(of.key(document)),
        )

    def _failed(self, groups: Sequence[tuple[str, Formed]]) -> list[tuple[MemberOf, ...]]:
        """Of each group the members that failed, and why."""
        keys = [
            {document: self._of(job).key(document).failed_under(self._limits) for document in one.failed}
            for job, one in groups
        ]
        why = reasons(self._ledger, [key for each in keys for key in each.values()])
        unknown = Said("lost", "")
        return [tuple(MemberOf(one.id, one.uri, *why.get(key, unknown)) for one, key in each.items()) for each in keys]

    def _of(self, job: str) -> Product:
        grouping = self._products[job].grouping
        if grouping is None:
            raise ValueError(f"{job} is asked of documents")
        return self._products[grouping.of]


def _size_of(member: Member) -> int:
    """About how long a member's rows are as text, in bytes."""
    quotes = sum(len(one.quote.encode()) + BYTES_A_VALUE for one in member.evidence)
    return quotes + len(str(member.result).encode())
