"""Phase 2, where the model is: every wording of the question about every beginning, all of them in one go."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.answers.fits.prepare import Beginning, Kind, load
from benchmarks.answers.spec import files_to_spec
from benchmarks.common import ROOT, ensure_environment
from qwen_batch.asking.fits import OPENING_TOKENS, QUESTION, fits_prompt, opening
from qwen_batch.asking.true_or_false import probability_true
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.shards import Shards
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job
from qwen_batch.job.files import load_job
from qwen_batch.records import Chunk, CleanDocument, Document, Prompt
from qwen_batch.run.document.spec import RunSpec, make_tokenizer

FOR: dict[str, Kind] = {"contract_terms": "contract", "invoice_receipt": "receipt"}
"""The jobs, and the kind of document that fits each."""
SHIPPED = "shipped"
QUESTIONS = {
    SHIPPED: QUESTION,
    "plain": "Is this document {fits}? Answer true or false.",
    "somebody": "Somebody said: this document is {fits}. Is that true? Answer true or false.",
    "kind": "What kind of document begins like this? Somebody answered: {fits}. Is that right? Answer true or false.",
    "itself": "Is the document itself {fits}, and not a text of another kind? Answer true or false.",
}
WORDS = {
    "contract_terms": (
        "a contract or agreement",
        "a contract or agreement that two or more parties sign",
        "a contract, agreement, lease or licence",
    ),
    "invoice_receipt": (
        "an invoice, a bill or a receipt",
        "a receipt or an invoice for goods or services that were sold",
        "a shop's receipt or a seller's invoice",
    ),
}
"""Beside those of the job itself, which are called SHIPPED."""
OPENINGS = (150, OPENING_TOKENS, 800)


class Said(NamedTuple):
    """One answer: how probable the model thinks that a document is what these words say; None if it does not tell."""

    name: str
    kind: Kind
    split: str
    job: str
    question: str
    words: str
    opening: int
    probability: float | None


def ask(cases: Path, out: Path, model: str, settings: Sequence[str], limit: int | None) -> int:
    """Writes a line an answer to OUT; gives the exit code."""
    files = [ROOT / "jobs" / f"{name}.py" for name in FOR]
    spec = files_to_spec((f"engine.model={model}", "engine.max_model_len=2048", *settings), files)
    kind = ENGINES.load(spec.plan.kind)
    ensure_environment(kind.env(spec.plan))
    beginnings = _limited(load(cases), limit)
    said = asyncio.run(_ask(beginnings, spec))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(f"{json.dumps(one._asdict(), ensure_ascii=False)}\n" for one in said), "utf-8")
    return 0


def _limited(beginnings: Sequence[Beginning], limit: int | None) -> list[Beginning]:
    """The first of each kind and half."""
    groups = dict.fromkeys((one.kind, one.split) for one in beginnings)
    return [one for group in groups for one in [two for two in beginnings if (two.kind, two.split) == group][:limit]]


async def _ask(beginnings: Sequence[Beginning], spec: RunSpec) -> list[Said]:
    engine = ENGINES.load(spec.plan.kind).start(spec.plan)
    shards = Shards(engine, spec.plan.batch_size, spec.plan.in_flight)
    jobs = {job.name: job for job in map(load_job, spec.jobs)}
    asked = list(_questions(beginnings, jobs, make_tokenizer(spec)))
    began = time.monotonic()
    completions = await shards.complete([prompt for _, prompt in asked])
    seconds = time.monotonic() - began
    engine.close()
    print(f"{spec.model_name}: {len(asked)} questions about {len(beginnings)} documents in {seconds:.1f} s")
    return [
        one._replace(probability=probability_true(completion))
        for (one, _), completion in zip(asked, completions, strict=True)
    ]


def _questions(
    beginnings: Sequence[Beginning], jobs: dict[str, Job], tokenizer: Tokenizer
) -> Iterator[tuple[Said, Prompt]]:
    """Those about one beginning are neighbours: they share all of it."""
    for one in beginnings:
        document = Document(one.name, one.name, "text/plain", len(one.text))
        clean = CleanDocument(document, one.text, (), (), one.language, 1, 0, None)
        for tokens in OPENINGS:
            text = opening(clean, tokenizer, tokens)
            chunk = Chunk(text, 0, len(text))
            for job in jobs.values():
                for words in (SHIPPED, *WORDS[job.name]):
                    asked = job if words == SHIPPED else replace(job, fits=words)
                    for question, form in QUESTIONS.items():
                        said = Said(one.name, one.kind, one.split, job.name, question, words, tokens, None)
                        yield said, fits_prompt(clean, chunk, asked, tokenizer, form)
