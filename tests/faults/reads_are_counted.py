"""No fault: each document that is read is a line in the file QWEN_BATCH_READS, so that work done again is seen."""

from __future__ import annotations

import os
from functools import wraps

MODULE = "qwen_batch.reading.parts.reader"


def apply(module) -> None:
    original = module.document_to_pages

    @wraps(original)
    def document_to_pages(document, *arguments):
        log = os.open(os.environ["QWEN_BATCH_READS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(log, f"{document.id}\n".encode())
        os.close(log)
        return original(document, *arguments)

    module.document_to_pages = document_to_pages
