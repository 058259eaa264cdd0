"""Documents that a pipeline must refuse, each with the code it must report.

Owns ``samples/bad``. One function makes one fault; ``BAD_FILES`` lists them.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from gen_layout import blank_pdf, sample_to_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from gen_model import Sample

TRUNCATED_SHARE = 0.4
PASSWORD = "harrowgate"  # noqa: S105 - written in README.md, it protects nothing
BLOB_BYTES = 4096
BLOB_SEED = 404
HUGE_SIDE_PX = 40_000
ROWS_PER_CHUNK = 500
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class BadFile:
    """One faulty file: its name, the expected error code and its maker."""

    source: str
    code: str
    make: Callable[[Sample], bytes]


def truncated_pdf(good: Sample) -> bytes:
    """Cut a good PDF, as an interrupted copy would."""
    pdf = sample_to_pdf(good)
    return pdf[: int(len(pdf) * TRUNCATED_SHARE)]


def encrypted_pdf(good: Sample) -> bytes:
    """Lock a good PDF with AES-256 and a user password."""
    return sample_to_pdf(good, password=PASSWORD)


def empty_page_pdf(_good: Sample) -> bytes:
    """Return one page without any mark."""
    return blank_pdf()


def zero_bytes(_good: Sample) -> bytes:
    """Return nothing at all."""
    return b""


def gzip_blob(_good: Sample) -> bytes:
    """Return compressed random bytes, which are no document of any kind."""
    noise = np.random.default_rng(BLOB_SEED).bytes(BLOB_BYTES)
    return gzip.compress(noise, mtime=0)


def huge_png(_good: Sample) -> bytes:
    """Return a valid white 1-bit PNG of 1,600 megapixels, row by row through zlib."""
    row = b"\x00" + b"\xff" * (HUGE_SIDE_PX // 8)
    header = struct.pack(">IIBBBBB", HUGE_SIDE_PX, HUGE_SIDE_PX, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(level=9)
    data = bytearray()
    for _ in range(HUGE_SIDE_PX // ROWS_PER_CHUNK):
        data += packer.compress(row * ROWS_PER_CHUNK)
    data += packer.flush()
    chunks = _png_chunk(b"IHDR", header), _png_chunk(b"IDAT", bytes(data))
    return PNG_SIGNATURE + b"".join(chunks) + _png_chunk(b"IEND", b"")


def _png_chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


BAD_FILES = (
    BadFile("bad/blank.pdf", "no_text", empty_page_pdf),
    BadFile("bad/encrypted.pdf", "encrypted", encrypted_pdf),
    BadFile("bad/huge_image.png", "too_large", huge_png),
    BadFile("bad/truncated.pdf", "damaged", truncated_pdf),
    BadFile("bad/wrong_extension.pdf", "unsupported", gzip_blob),
    BadFile("bad/zero_bytes.pdf", "empty_file", zero_bytes),
)
