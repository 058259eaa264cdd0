"""What a job would be shown of one document: its passages with page, headings, fields and scores, or why all of it.

Reads the document in this process. Knows neither engine nor Ray.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwen_batch.asking.selecting.select import Chosen
    from qwen_batch.config import Config
    from qwen_batch.engine.tokens import Tokenizer
    from qwen_batch.job.definition import Job
    from qwen_batch.job.logs.lines import CondensedLog
    from qwen_batch.records import Chunk

UNKNOWN_CONTEXT_TOKENS = 262_144
"""Where `engine.max_model_len` is auto: what the machine of the run has is not known here."""


def shown_lines(job: Job, file: Path, config: Config, tokenizer: Tokenizer) -> Iterator[str]:
    """The lines to print. Raises UsageError for a file that is not one document or cannot be read."""
    from qwen_batch.asking.prompts import shown
    from qwen_batch.asking.selecting.heads import by_text
    from qwen_batch.asking.selecting.prompt import Limits, Whole, job_to_passages, second_passages
    from qwen_batch.asking.selecting.select import Searched, selected_chunk
    from qwen_batch.run.document.alone import file_to_clean
    from qwen_batch.run.document.logs import read_as_log
    from qwen_batch.run.document.spec import prompt_room
    from qwen_batch.run.document.stages import withheld_of

    clean = file_to_clean(file, config)
    all_tokens = len(tokenizer.token_ends(clean.text))
    yield f"{file.name}: {clean.pages} pages, {all_tokens:,} tokens of text, language {clean.language}"
    if log := read_as_log(clean, job):
        yield from _log_lines(log, job)
        return
    ((clean, _),) = by_text(clean, [job])
    searched = Searched(clean)
    length = config.engine.max_model_len
    context = length if isinstance(length, int) else UNKNOWN_CONTEXT_TOKENS
    limits = Limits(config.prompt, context - prompt_room([job], tokenizer))
    chosen = job_to_passages(searched, job, limits, tokenizer)
    if isinstance(chosen, Whole):
        yield f"{job.name} is shown all of it: {chosen.why}"
        return
    chunk = selected_chunk(clean, chosen, withheld_of(clean.text, [job], config.clean))
    tokens = len(tokenizer.token_ends(shown(chunk)))
    again = second_passages(searched, job, chosen, config.prompt)
    if again:
        yield f"A second reading shows {len(again)} of these passages (prompt.second_reading)."
    yield f"{job.name} is shown {len(chosen)} of {len(searched.passages)} passages, {tokens:,} tokens:"
    for place, one in enumerate(chosen):
        yield ""
        yield from _passage_lines(chunk, place, one, "first passage" if place == 0 else "last passage")


def _log_lines(log: CondensedLog, job: Job) -> Iterator[str]:
    yield f"{job.name} is shown {len(log.shown)} lines of this log:"
    yield ""
    for line, words in zip(log.shown, log.clean.text.splitlines(), strict=True):
        yield f"{line.number:>9,}  {words}"
    yield from ("", *log.warnings) if log.warnings else ()


def _passage_lines(chunk: Chunk, place: int, one: Chosen, otherwise: str) -> Iterator[str]:
    from qwen_batch.asking.prompts import visible

    passage = chunk.passages[place]
    best_first = sorted(one.fields.items(), key=lambda scored: -scored[1])
    fields = ", ".join(f"{field} {score:.1f}" if score else field for field, score in best_first) or otherwise
    yield " | ".join(filter(None, (f"page {one.passage.page}", passage.label, fields)))
    for start, end in filter(any, (passage.lead, (passage.start, passage.end))):
        yield from (f"    {line}" for line in visible(chunk, start, end).splitlines() if line.strip())
