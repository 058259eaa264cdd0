"""What reading and OCR found, kept by content: another job over the same folder reads nothing again.

A key holds the document's hash, the settings that shape its text, and the code, packages and programs that made it, so
that a new version never serves what an old one read. Limits are no part of it, and failures are not kept.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from qwen_batch.config import CacheSettings, Config, OcrSettings
from qwen_batch.folders import cache_directory
from qwen_batch.reading.parts.reader import ReadResult
from qwen_batch.reading.version import programs_for, reading_version
from qwen_batch.records import Document, Page
from qwen_batch.storage.file_cache import FileCache

GIB = 1 << 30
LIMITS = {"timeout_s", "memory_mb", "sandbox"}  # decide whether there is a text, not which
T = TypeVar("T")


class Shelf(Generic[T]):
    """Values of one type in a cache, as JSON: what comes back is validated. Without a cache it is always empty."""

    def __init__(self, files: FileCache | None, adapter: TypeAdapter[T]) -> None:
        self._files = files
        self._adapter = adapter

    def get(self, key: str) -> T | None:
        """The value, None if it is not there or no longer valid."""
        kept = self._files.get(key) if self._files else None
        if kept is None:
            return None
        try:
            return self._adapter.validate_json(kept)
        except ValidationError:
            return None

    def size(self, key: str) -> int | None:
        """Bytes on disk of what is kept, None if there is nothing; it is not read."""
        return self._files.size(key) if self._files else None

    def put(self, key: str, value: T) -> None:
        """Keeps the value; text that is no Unicode, such as half a surrogate pair, is not kept."""
        if self._files:
            with suppress(ValueError):
                self._files.put(key, self._adapter.dump_json(value))


class TextCache:
    """Documents as read, pages as recognised, and the OCR languages of documents, under one set of settings."""

    def __init__(self, config: Config) -> None:
        files = _files(config.cache)
        self.reads: Shelf[ReadResult] = Shelf(files, TypeAdapter(ReadResult))
        self.pages: Shelf[Page] = Shelf(files, TypeAdapter(Page))
        self.languages: Shelf[tuple[str, ...]] = Shelf(files, TypeAdapter(tuple[str, ...]))
        self._settings = f"{config.read.model_dump_json(exclude=LIMITS)} {reading_version(config.ocr.engine)}"

    def read_key(self, document: Document) -> str:
        """The key of a document as read; its suffix counts, for it may decide what plain text is."""
        return self._key("read", document)

    def ocr_key(self, document: Document, ocr: OcrSettings, *details: object) -> str:
        """The key of something that OCR found in a document."""
        return self._key("ocr", document, ocr.model_dump_json(exclude={"timeout_s"}), *details)

    def _key(self, kind: str, document: Document, *details: object) -> str:
        suffix = Path(document.uri).suffix.lower()
        text = repr((kind, document.id, suffix, self._settings, programs_for(suffix), details))
        return hashlib.sha256(text.encode()).hexdigest()


def _files(settings: CacheSettings) -> FileCache | None:
    if not settings.enabled:
        return None
    folder = Path(settings.directory).expanduser() if settings.directory else cache_directory() / "text"
    return FileCache(folder, round(settings.max_gb * GIB))
