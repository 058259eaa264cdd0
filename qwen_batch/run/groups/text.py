"""A group as a document: the rows of its members as text, and which line repeats what.

What rules have found comes first, then the members one after the other. The words shape the prompt: GROUP_VERSION is
part of the fingerprint of every job of members.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qwen_batch.evidence.members.computing import Computed, computed_fields
from qwen_batch.evidence.members.group import Cited, Group
from qwen_batch.evidence.members.member import Member
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.members import FromMembers, member_fields
from qwen_batch.job.nothing import is_absent
from qwen_batch.outcomes import Evidence
from qwen_batch.records import Box, CleanDocument, Document, LineSpan
from qwen_batch.value_paths import EACH, is_within, item_path, key_path, top_field

GROUP_VERSION = 1
MAX_NAMED = 5
"""Failed members that a warning names."""
_NO_BOX = Box(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class GroupText:
    """The text as a clean document, in which a page is a member, and the group with the way back."""

    clean: CleanDocument
    group: Group


@dataclass(slots=True)
class _Writer:
    text: str = ""
    lines: list[LineSpan] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)

    def line(self, words: str, page: int, evidence: Sequence[Evidence] = ()) -> None:
        start = len(self.text)
        self.text += words
        self.lines.append(LineSpan(start, len(self.text), page, _NO_BOX))
        if evidence:
            self.cited.append(Cited(start, len(self.text), tuple(evidence)))
        self.text += "\n"

    def gap(self) -> None:
        if self.text:
            self.text += "\n"


def group_to_text(document: Document, group: Group, job: Job) -> GroupText:
    """The text that a job is asked of a group."""
    writer = _Writer()
    if job.over is not None:
        fields = member_fields(job_schema(job))
        for field, one in zip(fields, computed_fields(group.members, fields), strict=True):
            _write_computed(writer, one, field.marker)
    told = _told_by_rules(job)
    for number, member in enumerate(group.members, 1):
        _write_member(writer, member, number, told)
    languages = Counter(member.language for member in group.members)
    clean = CleanDocument(
        document=document,
        text=writer.text,
        lines=tuple(writer.lines),
        trimmed=(),
        language=languages.most_common(1)[0][0],
        pages=sum(member.pages for member in group.members),
        ocr_pages=sum(member.ocr_pages for member in group.members),
        ocr_confidence=None,
        warnings=tuple(_warnings(group)),
    )
    return GroupText(clean, replace(group, cited=tuple(writer.cited)))


def with_own_names(members: Sequence[Member]) -> tuple[Member, ...]:
    """The members, those with the same file's name called by their paths."""
    counts = Counter(member.name for member in members)
    return tuple(replace(one, name=one.source_uri) if counts[one.name] > 1 else one for one in members)


def _write_computed(writer: _Writer, one: Computed, marker: FromMembers) -> None:
    if is_absent(one.value):
        return
    label = one.field.replace("_", " ")
    if not isinstance(one.value, list):
        writer.line(f"{label}: {one.value}", 1, one.evidence)
        return
    writer.gap()
    writer.line(f"## {label}", 1)
    behind = _by_item(one)
    for place, item in enumerate(one.value):
        said = _in_order(item, marker.by, behind[place]) if marker.rule == "ordered" else _said(item)
        writer.line(f"- {said}", 1, behind[place])


def _in_order(item: Mapping[str, Any], by: str, behind: Sequence[Evidence]) -> str:
    """An item of a list in order: what it is ordered by, then its words and the document's, without keys and counts."""
    words = [
        _flat(value) for key, value in item.items() if key not in {by, "quote", "document"} and isinstance(value, str)
    ]
    quote = next((f' — "{_flat(one.quote)}"' for one in behind if one.quote), "")
    return f"{_flat(item.get(by) or '?')} {'; '.join(words)}{quote}"


def _by_item(one: Computed) -> dict[int, list[Evidence]]:
    behind: dict[int, list[Evidence]] = defaultdict(list)
    place = 0
    for found in one.evidence:  # in the order of the items
        while not is_within(found.field, item_path(one.field, place)) and place < len(one.value):
            place += 1
        behind[place].append(found)
    return behind


def _said(item: Any) -> str:
    if not isinstance(item, Mapping):
        return _flat(item)
    if "said" in item:
        cells = "; ".join(f"{cell['document']}: {_flat(cell['value'])}" for cell in item["said"])
        about = f" ({item['about']})" if item.get("about") else ""
        return f"{item['aspect']}{about}: {cells}"
    return _pairs(item)


def _told_by_rules(job: Job) -> frozenset[str]:
    """The fields of members whose items a rule has put in order: they are in the text already."""
    rules = member_fields(job_schema(job)) if job.over is not None else ()
    lists = (one.marker.path.removesuffix(EACH) for one in rules if one.marker.rule == "ordered")
    return frozenset(path for path in lists if path == top_field(path))


def _write_member(writer: _Writer, member: Member, number: int, told: frozenset[str]) -> None:
    result = {path: value for path, value in member.result.items() if path not in told}
    if told and all(map(is_absent, result.values())):
        return
    writer.gap()
    here = Evidence("", "", "", None, None, None, (), "exact", 1.0)
    writer.line(f"# {member.name}", number, [member.cites(here)])
    for path, value in result.items():
        for label, words, places in _lines(value, path):
            found = [
                one
                for one in member.evidence
                if one.standing == "value" and any(is_within(one.field, at) for at in places)
            ]
            quote = next((one for one in found if one.quote), None)
            page = f" (page {quote.page})" if quote and quote.page is not None else ""
            quoted = f' — "{_flat(quote.quote)}"{page}' if quote else ""
            writer.line(
                f"{label}: {words}{quoted}", number, [member.cites(one) for one in found] or [member.cites(here)]
            )


def _lines(value: Any, path: str, label: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """A value line by line: what it is called, its words, and the paths that it repeats."""
    label = label or path.replace("_", " ")
    if is_absent(value):
        return
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _lines(item, item_path(path, place), label)
    elif isinstance(value, Mapping):
        plain = {key: item for key, item in value.items() if not isinstance(item, dict | list)}
        if words := _pairs(plain):
            yield label, words, [key_path(path, key) for key in plain]
        for key in value.keys() - plain.keys():
            yield from _lines(value[key], key_path(path, key), f"{label}, {key.replace('_', ' ')}")
    else:
        yield label, _flat(value), [path]


def _pairs(item: Mapping[str, Any]) -> str:
    """The values of an object, without its quote, by their names."""
    said = [(key, value) for key, value in item.items() if key != "quote" and not is_absent(value)]
    if len(said) == 1:
        return _flat(said[0][1])
    return "; ".join(f"{key.replace('_', ' ')} {_flat(value)}" for key, value in said)


def _flat(value: Any) -> str:
    return " ".join(str(value).split())


def _warnings(group: Group) -> Iterator[str]:
    if group.failed:
        names = [f"{one.source_uri} ({one.code})" for one in group.failed[:MAX_NAMED]]
        more = f" and {len(group.failed) - MAX_NAMED} more" if len(group.failed) > MAX_NAMED else ""
        every = len(group.failed) + len(group.members)
        yield f"{len(group.failed)} of {every} members failed and are not in it: {', '.join(names)}{more}"
