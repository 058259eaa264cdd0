"""What lies at the inputs of a run: found, hashed where it was written since, and remembered in the output's index.

All that this takes in memory is given back when it is done: what stays is on disk.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa

from qwen_batch.outcomes import Failure
from qwen_batch.output.layout import OUTPUT_NAMES, SOURCES
from qwen_batch.reading.discover import sources_to_documents
from qwen_batch.reading.listing import Listing, inputs_to_listing
from qwen_batch.records import Document
from qwen_batch.run.request import RunRequest, Spec
from qwen_batch.run.todo.spool import Spool
from qwen_batch.storage.identity import by_known_names
from qwen_batch.storage.sources import read_index, updated_index, write_index


@dataclass(frozen=True, slots=True)
class Found:
    """The documents, those that failed as they were found, and what the user should know."""

    documents: Sequence[Document]
    failures: tuple[Failure, ...]
    messages: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.documents) + len(self.failures)

    def __iter__(self) -> Iterator[Document]:
        """All documents, also those that failed."""
        return chain(self.documents, (failure.document for failure in self.failures))


def list_inputs(request: RunRequest[Spec]) -> Listing:
    """The files at the inputs; reads none. Raises UsageError for an input that names nothing."""
    return inputs_to_listing(request.inputs, request.limit, request.store.root, OUTPUT_NAMES)


def find_documents(request: RunRequest[Spec], listing: Listing, tell: Callable[[tuple[str, ...]], object]) -> Found:
    """The documents of the listed files, by the names that the output knows them by. Writes the output's index.

    `tell` hears what the user should know of them before that.
    """
    store = request.store
    known = read_index(store, SOURCES)
    sources = by_known_names(listing.sources, known)
    found = sources_to_documents(sources, known, request.spec.config.read, request.limit)
    messages = (*listing.messages, *found.messages)
    tell(messages)
    named = [uri for source in sources for uri in (source.uri, *source.also)]
    index = updated_index(known, found.sources, named, request.inputs if request.is_whole else (), listing.leaves_out)
    if index != known:
        write_index(store, SOURCES, index)
    return Found(Spool(found.documents), found.failures, messages)


def give_memory_back() -> None:
    """Hands what was freed back to the system; without glibc, what Python and Arrow have of it themselves."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
