"""What of all documents and jobs still has to be done: told by keys alone, for a run and for its plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qwen_batch.output.key_set import KeySet
from qwen_batch.output.keys import DoneKeys, Key, document_key
from qwen_batch.records import Document
from qwen_batch.run.document.work import Work
from qwen_batch.run.request import Question


@dataclass(frozen=True, slots=True)
class Settled:
    """All that is `wanted`, told apart: what has a row, is skipped, or failed for good, and what is `owed`."""

    wanted: frozenset[Key]
    records: frozenset[Key]
    skips: frozenset[Key]
    failures: frozenset[Key]
    owed: frozenset[Key]


def settled_of(
    documents: Iterable[Document],
    fingerprints: Mapping[str, str],
    done: DoneKeys,
    limits: str,
    only: frozenset[Question] | None = None,
) -> Settled:
    """What is owed of these documents to each job; `fingerprints` has one entry a job."""
    wanted = (document_key(one, job, fingerprint) for one in documents for job, fingerprint in fingerprints.items())
    return settled_keys(wanted, done, limits, only)


def settled_keys(keys: Iterable[Key], done: DoneKeys, limits: str, only: frozenset[Question] | None = None) -> Settled:
    """What is owed: all that has no row, no skip and no failure under these limits; of `only`, also what failed."""
    wanted = frozenset(keys)
    if only is not None:
        wanted = frozenset(key for key in wanted if Question(key.source_uri, key.job) in only)
    records, skips = wanted & done.records, wanted & done.skips
    failed = {key for key in wanted if key.failed_under(limits) in done.failures}
    failures = frozenset(failed if only is None else ()) - records - skips
    return Settled(wanted, records, skips, failures, wanted - records - skips - failures)


def owed_works(documents: Iterable[Document], fingerprints: Mapping[str, str], owed: KeySet) -> Iterator[Work]:
    """One work for each content that is owed to any of its names, called by the first of these."""
    begun: set[str] = set()
    for document in documents:
        keys = owed.of_content(document.id)
        names, jobs = {key.source_uri for key in keys}, {key.job for key in keys}
        if document.uri not in names or document.id in begun:
            continue
        if len(names) > 1:
            begun.add(document.id)
        yield Work(document, tuple(job for job in fingerprints if job in jobs))
