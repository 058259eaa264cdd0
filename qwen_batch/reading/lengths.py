"""How many tokens documents will have, told from the outside before any is read: for the engine's context.

An estimate from above. It need not be right: what turns out longer is cut into chunks, what is shorter costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.isolate.fenced import new_isolator
from qwen_batch.reading.originals import local_file
from qwen_batch.reading.parts.reader import Reader, all_readers
from qwen_batch.records import Document
from qwen_batch.storage.places import is_s3

TOKENS_PER_PAGE = 1_100
"""Of a dense page: 99 % of the contracts of the CUAD collection have fewer on average."""
BYTES_PER_TOKEN = 3
"""The fewest that a token takes in a file of which no reader says otherwise."""
MAX_OPENED = 1_000
"""Files whose pages are counted, a millisecond each, beginning with those that could be longest. The others are
taken to be no longer than these: a scan's size says nothing of its words."""


def document_tokens(documents: Sequence[Document], settings: ReadSettings) -> list[int]:
    """About how many tokens each has, in descending order of what its size allows."""
    readers = _readers_by_suffix()
    sizes = sorted(
        ((_from_size(document, readers.get(_suffix(document))), document) for document in documents),
        key=lambda pair: -pair[0],
    )
    opened = 0
    longest = 0
    tokens = []
    with new_isolator(settings) as isolator:
        for most, document in sizes:
            reader = readers.get(_suffix(document))
            page_count = reader.page_count if reader else None
            if most <= longest or page_count is None or document.archive or is_s3(document.uri):
                count = most
            elif opened < MAX_OPENED:
                opened += 1
                pages = isolator.call(page_count, local_file(document, settings, isolator))
                count = min(most, pages * TOKENS_PER_PAGE) if isinstance(pages, int) else 0  # reading will say why
            else:
                count = longest
            longest = max(longest, count)
            tokens.append(count)
    return tokens


def _from_size(document: Document, reader: Reader | None) -> int:
    suffix = _suffix(document)
    if reader is not None and suffix in reader.bytes_per_page:
        return (document.size // reader.bytes_per_page[suffix] + 1) * TOKENS_PER_PAGE
    return document.size // (reader.bytes_per_token[suffix] if reader else BYTES_PER_TOKEN)


def _readers_by_suffix() -> dict[str, Reader]:
    """The reader that says how long a file is, by the suffix of its name."""
    return {suffix: reader for reader in all_readers() for suffix in (*reader.bytes_per_token, *reader.bytes_per_page)}


def _suffix(document: Document) -> str:
    return Path(document.uri).suffix.lower()
