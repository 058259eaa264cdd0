"""A run's specification fitted to its documents: the engine's context, and whether compiling it is worth the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.asking.chunk import MAX_HEADING_TOKENS
from qwen_batch.asking.text_budget import prompt_lengths
from qwen_batch.engine.plan import fitted_plan
from qwen_batch.reading.lengths import document_tokens
from qwen_batch.records import Document
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer


def fitted_spec(spec: RunSpec, documents: Sequence[Document]) -> RunSpec:
    """The same with a context that these documents need, and an engine that is compiled if they are many.

    Opens PDF files, to count their pages.
    """
    tokenizer = make_tokenizer(spec)
    room = spec.prompt_room(load_jobs(spec).values(), tokenizer) + MAX_HEADING_TOKENS
    lengths = prompt_lengths(document_tokens(documents, spec.config.read), spec.config.long)
    return replace(spec, plan=fitted_plan(spec.plan, lengths, len(spec.jobs), room))
