"""OCR of one document's pages as Ray tasks: a large scan uses every core, and its tail holds nobody up.

Knows how to hand out pages and take them back; what happens to a page is `reading.recognise_page`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from qwen_batch.config import Config
from qwen_batch.errors import QwenBatchError
from qwen_batch.reading.document_to_text import PAGE_CRASH_WARNING, OcrTask, ReadTools, make_tools, recognise_page
from qwen_batch.records import Page
from qwen_batch.run.on_ray.session import ocr_slots

WAITING_PER_SLOT = 2
"""Pages of one document that are handed out at a time, for each slot: a book leaves room for the letter behind it."""
MAX_RETRIES = 1
"""A page whose worker dies is tried so many times again."""


def spread_ocr(task: OcrTask, pages: Sequence[Page]) -> Iterator[Page]:
    """The pages after OCR, as they come. One whose worker dies again keeps what it had and gets a warning."""
    import ray

    slots = ocr_slots()
    remote = ray.remote(max_retries=MAX_RETRIES, **slots.one)(ocr_page)
    window = WAITING_PER_SLOT * slots.count
    shared = ray.put(task)
    waiting = deque(pages)
    running: dict[Any, Page] = {}
    while waiting or running:
        while waiting and len(running) < window:
            page = waiting.popleft()
            running[remote.remote(shared, page)] = page
        (done,), _ = ray.wait(list(running), num_returns=1)
        page = running.pop(done)
        try:
            yield ray.get(done)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, QwenBatchError):
                raise error.cause from None
            raise
        except ray.exceptions.RayError as error:
            warning = PAGE_CRASH_WARNING.format(message=str(error).splitlines()[0])
            yield replace(page, warnings=(*page.warnings, warning))


def ocr_page(task: OcrTask, page: Page) -> Page:
    """One page, in a worker that keeps its child process for the next one."""
    return recognise_page(task, page, worker_tools(task.config))


@lru_cache(maxsize=1)
def worker_tools(config: Config) -> ReadTools:
    """The tools that a Ray worker keeps between tasks."""
    return make_tools(config)
