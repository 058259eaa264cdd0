"""OCR of one document's pages on all cores, however many documents are read beside it.

A page is recognised by whoever holds a slot, of which there is one a core, for all workers together. A slot is a lock
on a file: that of a worker that is killed is free at once.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.config import Config
from qwen_batch.reading.document_to_text import OcrTask, ReadTools, make_tools, recognise_page
from qwen_batch.records import Page

ASK_AGAIN_S = 0.02
"""A page takes seconds."""


@dataclass(frozen=True, slots=True)
class Slots:
    """So many slots; `folder` holds a file for each."""

    folder: Path
    count: int

    @contextmanager
    def one(self) -> Iterator[None]:
        """Waits for a slot and holds it."""
        while True:
            for number in range(self.count):
                with (self.folder / str(number)).open("ab") as file:
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        continue
                    yield
                    return
            time.sleep(ASK_AGAIN_S)


class SpreadOverSlots:
    """A SpreadOcr of threads, each with a child process of its own, which stays for the next document."""

    def __init__(self, config: Config, slots: Slots) -> None:
        self._config = config
        self._slots = slots
        self._threads = ThreadPoolExecutor(slots.count, thread_name_prefix="ocr")
        self._own = threading.local()

    def __call__(self, task: OcrTask, pages: Sequence[Page]) -> Iterator[Page]:
        """The pages after OCR, as they come."""
        futures = [self._threads.submit(self._recognise, task, page) for page in pages]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    def _recognise(self, task: OcrTask, page: Page) -> Page:
        with self._slots.one():
            return recognise_page(task, page, self._tools())

    def _tools(self) -> ReadTools:
        if not hasattr(self._own, "tools"):
            self._own.tools = make_tools(self._config)
        tools: ReadTools = self._own.tools
        return tools
