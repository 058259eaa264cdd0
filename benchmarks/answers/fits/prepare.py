"""Phase 1: the beginnings of contracts, receipts and other documents into one file, by the pipeline's own reading.

Half of each kind is for choosing words and threshold (`dev`), half only to be reported (`test`): by the hash of the
file's name.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from benchmarks.answers.documents.labels import cuad, sroie
from benchmarks.common import path_to_document
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import ReadTools, document_to_text, make_tools

Kind = Literal["contract", "receipt", "other"]
OTHERS = ("docling", "docubench/documents", "olmocr", "tesseract_test", "unstructured", "zh")
"""Folders of documents that are neither contracts nor receipts, but for those named below."""
CONTRACTS_AND_RECEIPTS = frozenset(
    {
        "00056221.jpg",  # a ticket
        "00111002.jpg",  # a slip of a card payment
        "1ZVqiyJZ.pdf",  # a policy of an insurance
        "B0nA2c30.png",
        "BnftpXVQ.pdf",  # a credit agreement
        "C7fe2lau.xml",  # an invoice
        "LICENSE",
        "LICENSE.md",
        "qr_bill_example.jpg",
        "table_10_90.png",  # of a contract
        "vBIz5dut.jpeg",
    }
)
"""In these folders, and what one could take for one."""
NO_DOCUMENTS = frozenset({".jsonl", ".json"})
MIN_CHARS = 200
"""Less text says nothing of what it is."""
KEPT_CHARS = 8_000
COUNTS: dict[Kind, int] = {"contract": 60, "receipt": 40, "other": 40}


class Beginning(NamedTuple):
    """The text that a document begins with; `language` as the reading tells it."""

    name: str
    kind: Kind
    split: Literal["dev", "test"]
    text: str
    language: str


class _Read(NamedTuple):
    text: str
    language: str


def prepare(out: Path, data: Path, limit: int | None) -> int:
    """Writes the beginnings to OUT; gives the exit code, 1 if there are fewer than there should be."""
    found = [one for kind, count in COUNTS.items() for one in _beginnings(kind, min(count, limit or count), data)]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(f"{json.dumps(one._asdict(), ensure_ascii=False)}\n" for one in found), "utf-8")
    counts = {kind: sum(one.kind == kind for one in found) for kind in COUNTS}
    print(f"{out}: {counts}")
    return int(limit is None and counts != COUNTS)


def load(file: Path) -> list[Beginning]:
    """What `prepare` wrote."""
    return [Beginning(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def candidates(kind: Kind, data: Path) -> Iterator[Path]:
    """The files of a kind."""
    if kind == "contract":
        yield from (one.path for one in cuad(data))
    elif kind == "receipt":
        yield from (one.path for one in sroie(data))
    else:
        files = [path for folder in OTHERS for path in sorted((data / folder).rglob("*")) if path.is_file()]
        yield from (one for one in files if one.name not in CONTRACTS_AND_RECEIPTS and one.suffix not in NO_DOCUMENTS)


def by_hash(paths: Sequence[Path]) -> list[Path]:
    """In the order of the hash of their names: as good as by lot, and always the same."""
    return sorted(paths, key=lambda path: hashlib.sha256(path.name.encode()).hexdigest())


def _beginnings(kind: Kind, count: int, data: Path) -> list[Beginning]:
    """The first documents of a kind that can be read and say something, each name and text once."""
    taken: dict[str, tuple[Path, _Read]] = {}
    tools = make_tools(load_config(None, ()))
    with tools.isolator:
        for path in by_hash(list(candidates(kind, data))):
            if len(taken) < count and (read := _read(path, tools)):
                taken.setdefault(read.text, (path, read))
    half = -(-len(taken) // 2)
    return [
        Beginning(path.name, kind, "dev" if place < half else "test", read.text, read.language)
        for place, (path, read) in enumerate(taken.values())
    ]


def _read(path: Path, tools: ReadTools) -> _Read | None:
    try:
        text = document_to_text(path_to_document(path), tools)
    except ValueError:  # an archive or a kind that is not read
        return None
    if isinstance(text, Failure) or len(text.clean.text.strip()) < MIN_CHARS:
        return None
    print(f"{path.name}: {' '.join(text.clean.text.split())[:100]}", file=sys.stderr, flush=True)
    return _Read(text.clean.text[:KEPT_CHARS], text.clean.language)
