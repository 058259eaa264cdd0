"""What the answer benchmark keeps between its phases: a document with its gold, and a variant's answers.

Files are gzipped pickles: one a document, one a variant. What a variant's answers repeat of the documents is taken out
before they are written and put back when they are read.
"""

from __future__ import annotations

import gzip
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qwen_batch.asking.orders.without import Without
from qwen_batch.records import Answer, Chunk, CleanDocument, Completion
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work

MAX_ANSWERS_BYTES = 16 << 20
CaseKey = tuple[str, str]
"""Set and name of a case."""


@dataclass(frozen=True, slots=True)
class FieldGold:
    """A field's label: the normalised answer, and the words of the document that say it; both empty is absent."""

    answer: str
    spans: tuple[str, ...] = ()

    @property
    def is_absent(self) -> bool:
        """Whether the document does not state it, as far as the label knows."""
        return not self.answer and not self.spans


@dataclass(frozen=True, slots=True)
class Case:
    """One document of a set, read, with its gold.

    `job` is what it is asked; `uncleaned` is its text with all cleaning switched off, `raw_text` pdfplumber's of the
    first pages, both for digital contracts alone. `twin` is the name of the case that it must be answered like: a
    scan's original, a poisoned document's clean one. `note` is the order that was inserted.
    """

    set_name: str
    name: str
    job: str
    clean: CleanDocument
    gold: Mapping[str, FieldGold] = field(default_factory=dict)
    labels: Any = None
    uncleaned: CleanDocument | None = None
    raw_text: str | None = None
    twin: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BaselineAnswer:
    """What the baseline's one prompt about a case was answered."""

    name: str
    completion: Completion


@dataclass(frozen=True, slots=True)
class VariantAnswers:
    """All that a variant gave: `works` by case, of the baseline `baseline` instead, and what it cost."""

    variant: str
    spec: RunSpec
    works: Mapping[CaseKey, Work]
    baseline: Mapping[CaseKey, BaselineAnswer]
    figures: Mapping[str, float]


def case_file(folder: Path, set_name: str, key: str) -> Path:
    """Where a case is kept; `key` is the beginning of its document's hash or another short name."""
    return folder / "cases" / f"{set_name}-{re.sub('[^A-Za-z0-9_.-]', '_', key)[:48]}.pickle.gz"


def save(value: Any, path: Path) -> int:
    """Writes a value, whole or not at all; gives its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(pickle.dumps(value), 6)
    part = path.with_suffix(".part")
    part.write_bytes(packed)
    part.replace(path)
    return len(packed)


def load(path: Path) -> Any:
    """A value that `save` wrote."""
    return pickle.loads(gzip.decompress(path.read_bytes()))  # noqa: S301  our own file


def load_cases(folder: Path, sets: Sequence[str] = ()) -> Iterator[Case]:
    """The cases of a prepared folder, the shortest contract first, then set by set."""
    files = sorted((folder / "cases").glob("*.pickle.gz"))
    if not files:
        raise SystemExit(f"{folder}: no cases; run `python -m benchmarks.answers prepare --out {folder}` first")
    cases = [load(path) for path in files if not sets or path.name.split("-", 1)[0] in sets]
    yield from sorted(cases, key=lambda case: (case.set_name, case.clean.pages, case.name))


def save_answers(answers: VariantAnswers, path: Path) -> None:
    """Writes a variant's answers without what the cases hold. Raises ValueError for a file too large to travel."""
    size = save(replace(answers, works={key: _slim(work) for key, work in answers.works.items()}), path)
    if size > MAX_ANSWERS_BYTES:
        raise ValueError(f"{path}: {size} bytes are more than travel; ask fewer documents with --limit")


def full_work(work: Work, clean: CleanDocument) -> Work:
    """A work as it left the engine, with its document put back; `clean` is what the variant asked about."""
    prompts = tuple(replace(prompt, chunk=_with_text(prompt.chunk, clean.text)) for prompt in work.prompts)
    answers = tuple(
        replace(answer, chunk=_with_text(answer.chunk, clean.text)) if isinstance(answer, Answer) else answer
        for answer in work.answers
    )
    without = tuple(_without_of(one, clean.text) for one in work.without)
    return replace(work, clean=clean, document=clean.document, prompts=prompts, answers=answers, without=without)


def _slim(work: Work) -> Work:
    """Without the document, and without the texts of prompts and chunks."""
    prompts = tuple(
        replace(prompt, messages=(), token_ids=(), json_schema=None, chunk=replace(prompt.chunk, text=""))
        for prompt in work.prompts
    )
    answers = tuple(
        replace(answer, chunk=replace(answer.chunk, text="")) if isinstance(answer, Answer) else answer
        for answer in work.answers
    )
    without = tuple(_without_of(one, "") for one in work.without)
    return replace(work, clean=None, prompts=prompts, answers=answers, without=without)


def _without_of(one: Without | None, text: str) -> Without | None:
    """What was asked without a prompt's orders, its chunk with the text of the document, or with none."""
    if one is None or not isinstance(one.answer, Answer):
        return one
    return replace(one, answer=replace(one.answer, chunk=_with_text(one.answer.chunk, text)))


def _with_text(chunk: Chunk, text: str) -> Chunk:
    return replace(chunk, text=text[chunk.start : chunk.end])
