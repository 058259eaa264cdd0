"""Whether a PDF's objects hold some key, by a look at its bytes: pdfium doesn't tell of layers and portfolios.

A key in a comment or a string counts as well, which costs a closer look and nothing else. Object streams (PDF 1.7,
7.5.7) are unpacked; where that is not possible (encryption, limits) the answer is yes.
"""

from __future__ import annotations

import mmap
import re
import zlib
from pathlib import Path

MAX_STREAMS = 5000
MAX_UNPACKED_BYTES = 64 << 20
MAX_DICTIONARY_BYTES = 600

_STREAM = re.compile(rb"/ObjStm\b")
_BEGINS = re.compile(rb"stream\r?\n")


def holds_key(path: Path, key: bytes) -> bool:
    """Whether the file may hold a key such as b"/OCGs"."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _holds(data, key)
    except (OSError, ValueError):
        return True


def _holds(data: mmap.mmap, key: bytes) -> bool:
    if data.find(key) >= 0:
        return True
    left = MAX_UNPACKED_BYTES
    for number, match in enumerate(_STREAM.finditer(data)):
        begin = _BEGINS.search(data, match.end(), match.end() + MAX_DICTIONARY_BYTES)
        if begin is None:
            continue
        if number >= MAX_STREAMS or left <= 0:
            return True
        end = data.find(b"endstream", begin.end())
        try:
            unpacked = zlib.decompressobj().decompress(data[begin.end() : end if end > 0 else len(data)], left)
        except zlib.error:
            return True
        if key in unpacked:
            return True
        left -= len(unpacked)
    return False
