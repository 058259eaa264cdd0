"""How many tokens documents will have, told from the outside before any is read: for the engine's context.

An estimate from above. It need not be right: what turns out longer is cut into chunks, what is shorter costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.reading.readers.pdf import page_count
from qwen_batch.records import Document
from qwen_batch.storage.places import is_s3

TOKENS_PER_PAGE = 1_100
"""Of a dense page: 99 % of the contracts of the CUAD collection have fewer on average."""
BYTES_PER_TOKEN = {".pdf": 8, ".docx": 3, ".pptx": 50, ".xlsx": 2, ".ods": 2, ".odt": 3, ".xls": 8, ".doc": 8}
"""The fewest that a token takes in a file of this kind; the packed formats hold pictures too, which take more."""
TEXT_BYTES_PER_TOKEN = 3
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"})
IMAGE_BYTES_PER_PAGE = 30_000
MAX_OPENED = 1_000
"""PDF files whose pages are counted, a millisecond each, beginning with those that could be longest. The others are
taken to be no longer than these: a scan's size says nothing of its words."""


def document_tokens(documents: Sequence[Document], settings: ReadSettings) -> list[int]:
    """About how many tokens each has, in descending order of what its size allows."""
    sizes = sorted(((_from_size(document), document) for document in documents), key=lambda pair: -pair[0])
    opened = 0
    longest = 0
    tokens = []
    with Isolator(settings.timeout_s, settings.memory_mb) as isolator:
        for most, document in sizes:
            if most <= longest or not _is_local_pdf(document):
                count = most
            elif opened < MAX_OPENED:
                opened += 1
                pages = isolator.call(page_count, Path(document.uri))
                count = min(most, pages * TOKENS_PER_PAGE) if isinstance(pages, int) else 0  # reading will say why
            else:
                count = longest
            longest = max(longest, count)
            tokens.append(count)
    return tokens


def _from_size(document: Document) -> int:
    suffix = Path(document.uri).suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return (document.size // IMAGE_BYTES_PER_PAGE + 1) * TOKENS_PER_PAGE
    return document.size // BYTES_PER_TOKEN.get(suffix, TEXT_BYTES_PER_TOKEN)


def _is_local_pdf(document: Document) -> bool:
    return document.uri.lower().endswith(".pdf") and not is_s3(document.uri)
