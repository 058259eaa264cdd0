"""Reading a document does what the document's name says, in the child that is there to die: kills, hangs, devours."""

from __future__ import annotations

import os
import signal
import time
from functools import wraps
from pathlib import Path

MODULE = "qwen_batch.reading.parts.reader"
BLOCK_BYTES = 8 << 20


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    while True:
        time.sleep(1)


def devour() -> None:
    blocks = []
    while True:
        blocks.append(bytearray(BLOCK_BYTES))


DEEDS = {"kills.txt": kill, "hangs.txt": hang, "devours.txt": devour}


def apply(module) -> None:
    original = module.document_to_pages

    @wraps(original)
    def document_to_pages(document, *arguments):
        if deed := DEEDS.get(Path(document.uri).name):
            deed()
        return original(document, *arguments)

    module.document_to_pages = document_to_pages
