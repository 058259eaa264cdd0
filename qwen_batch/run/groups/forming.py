"""Which documents go together, and what their group is known by. Pure: knows what became of members, reads nothing.

A group's id is the hash of all that would change its answer: its job's name, and of each member its key, what people
decided of it, and whether it failed.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qwen_batch.evidence.members.names import folded_name
from qwen_batch.job.members import GroupBy
from qwen_batch.output.keys import Key
from qwen_batch.records import Document
from qwen_batch.run.request import Product
from qwen_batch.storage.uris import GROUP_SCHEME, group_uri

GROUP_MIME = "application/x-qwen-batch-group"
Ending = Literal["row", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Formed:
    """A group of which all members have ended, as a document, with those that have a row and those that failed."""

    document: Document
    members: tuple[Document, ...]
    failed: tuple[Document, ...]


@dataclass(slots=True)
class Groups:
    """The groups of one job: those that can be asked, and the names of those that wait for a member.

    `nameless` counts the documents that are in no group, because the value that names it is lacking.
    """

    formed: list[Formed] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    nameless: int = 0


@dataclass(frozen=True, slots=True)
class Members:
    """What groups are formed of: documents, what became of each, and what people decided of its row.

    `value_of` gives what a row says at the path of a GroupBy.
    """

    documents: Sequence[Document]
    ending_of: Callable[[Document], Ending | None]
    key_of: Callable[[Document], Key]
    decided: Mapping[str, str] = field(default_factory=dict)
    value_of: Callable[[Document], object] = lambda _: None


def form_groups(product: Product, members: Members) -> Groups:
    """The groups of a product with a grouping, by name."""
    groups = Groups()
    together: dict[str, list[Document]] = defaultdict(list)
    names: dict[str, str] = {}
    for document in members.documents:
        name = _name_of(product, document, members)
        if name is None:
            groups.nameless += members.ending_of(document) != "skipped"
            continue
        folded = folded_name(name) if _is_by_value(product) else name
        together[names.setdefault(folded, name)].append(document)
    for name in sorted(together):
        uri = group_uri(product.name, name)
        endings = [(document, members.ending_of(document)) for document in together[name]]
        if any(ending is None for _, ending in endings):
            groups.waiting.append(uri)
            continue
        rows = tuple(document for document, ending in endings if ending == "row")
        failed = tuple(document for document, ending in endings if ending == "failed")
        if rows or failed:
            groups.formed.append(Formed(_as_document(product.name, uri, members, rows, failed), rows, failed))
    return groups


def _is_by_value(product: Product) -> bool:
    return product.grouping is not None and isinstance(product.grouping.over, GroupBy)


def _name_of(product: Product, document: Document, members: Members) -> str | None:
    over = product.grouping.over if product.grouping else None
    if over == "all":
        return "all"
    uri = document.uri
    if uri.startswith(GROUP_SCHEME):  # a row of a group: what comes behind that one's job
        uri = f"/{uri.removeprefix(GROUP_SCHEME).partition('/')[2]}"
    if over == "folder":
        return uri.rpartition("/")[0]
    if over is None:
        return uri
    value = members.value_of(document)
    return None if value is None or not str(value).strip() else str(value).strip().replace("/", "%2F")


def _as_document(
    job: str, uri: str, members: Members, rows: Iterable[Document], failed: Iterable[Document]
) -> Document:
    keys = sorted((*members.key_of(one), members.decided.get(one.id, "")) for one in rows)
    without = sorted(members.key_of(one) for one in failed)
    told = json.dumps([job, keys, without], ensure_ascii=False)
    size = sum(one.size for one in rows)
    return Document(hashlib.sha256(told.encode()).hexdigest(), uri, GROUP_MIME, size)
