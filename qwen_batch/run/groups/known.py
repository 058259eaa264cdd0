"""Groups in an output's index of sources: which content each has now, and which are gone.

So that the newest row of a group is that of its present members, also when they are what they were before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qwen_batch.job.members import GroupBy
from qwen_batch.output.layout import SOURCES
from qwen_batch.records import Document
from qwen_batch.run.groups.forming import Groups
from qwen_batch.run.groups.rounds import Round
from qwen_batch.run.request import Product
from qwen_batch.storage.places import Store
from qwen_batch.storage.sources import KnownSource, covers, read_index, write_index
from qwen_batch.storage.uris import group_uri


def remember_groups(store: Store, level: Sequence[Product], found: Round, inputs: Sequence[str]) -> None:
    """Writes the groups of a level into an output's index. `inputs` as in `with_groups`."""
    known = index = read_index(store, SOURCES)
    for product in level:
        index = with_groups(index, product, found.groups[product.name], inputs)
    if index != known:
        write_index(store, SOURCES, index)


def with_groups(
    index: Mapping[str, KnownSource], product: Product, groups: Groups, inputs: Sequence[str]
) -> dict[str, KnownSource]:
    """The index with a job's groups. `inputs` are those of a run that looked at all of them, none of any other."""
    formed = {one.document.uri: _known(one.document) for one in groups.formed}
    there = {*formed, *groups.waiting}
    gone = {
        uri: replace(known, state="deleted")
        for uri, known in _of_job(index, product.name)
        if uri not in there and _is_gone(uri, index, product, groups, inputs)
    }
    return {**index, **formed, **gone}


def _of_job(index: Mapping[str, KnownSource], job: str) -> Iterable[tuple[str, KnownSource]]:
    before = group_uri(job, "")
    return ((uri, known) for uri, known in index.items() if uri.startswith(before) and known.state == "present")


def _is_gone(
    uri: str, index: Mapping[str, KnownSource], product: Product, groups: Groups, inputs: Sequence[str]
) -> bool:
    """Whether a group that was not formed has no member any more."""
    name = uri.removeprefix(group_uri(product.name, ""))
    over = product.grouping.over if product.grouping else None
    if over is None:
        known = index.get(f"/{name}") or index.get(name)
        return known is not None and known.state == "deleted"
    if isinstance(over, GroupBy):
        return bool(inputs) and not groups.waiting
    return over == "folder" and any(covers(item, place) for item in inputs for place in (f"/{name}", name))


def _known(document: Document) -> KnownSource:
    return KnownSource(document.uri, document.id, document.size, document.id, 0, 0, "present", document.uri)
