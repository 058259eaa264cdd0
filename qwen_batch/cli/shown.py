"""What a job would be shown of one document: its passages with page, headings, fields and scores, or why all of it.

Reads the document in this process. Knows neither engine nor Ray.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwen_batch.asking.selecting.select import Chosen
    from qwen_batch.config import Config
    from qwen_batch.engine.tokens import Tokenizer
    from qwen_batch.job.definition import Job
    from qwen_batch.job.logs.lines import CondensedLog
    from qwen_batch.records import Chunk, CleanDocument

EXAMPLES_TRIED = 3
"""Shown where the settings show none."""
UNKNOWN_CONTEXT_TOKENS = 262_144
"""Where `engine.max_model_len` is auto: what the machine of the run has is not known here."""


def shown_lines(job: Job, clean: CleanDocument, config: Config, tokenizer: Tokenizer) -> Iterator[str]:
    """The lines to print."""
    from qwen_batch.asking.prompts import shown
    from qwen_batch.asking.selecting.heads import by_text
    from qwen_batch.asking.selecting.prompt import Limits, Whole, job_to_passages, second_passages
    from qwen_batch.asking.selecting.select import Searched, selected_chunk
    from qwen_batch.run.document.kinds.logs import read_as_log
    from qwen_batch.run.document.prompting import withheld_of

    name = clean.document.uri.rpartition("/")[2]
    all_tokens = len(tokenizer.token_ends(clean.text))
    yield f"{name}: {clean.pages} pages, {all_tokens:,} tokens of text, language {clean.language}"
    if job.workbook:
        yield from _workbook_lines(job, clean, config, tokenizer)
        return
    if job.passages:
        yield from _alone_lines(job, clean, tokenizer)
        return
    if log := read_as_log(clean, job):
        yield from _log_lines(log, job)
        return
    ((clean, _),) = by_text(clean, [job])
    searched = Searched(clean)
    limits = Limits(config.prompt, _room(job, config, tokenizer))
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


def example_lines_of(
    job: Job, clean: CleanDocument, config: Config, output: str, tokenizer: Tokenizer
) -> Iterator[str]:
    """The corrected rows of an output that the job's prompt shows of other documents beside this one."""
    from qwen_batch.asking.examples import example_lines, nearest_examples
    from qwen_batch.output.corrections.examples import read_examples
    from qwen_batch.output.layout import open_output

    examples = read_examples(open_output(output), job.name, set(job.schema.model_fields))
    count = config.prompt.examples or EXAMPLES_TRIED
    near = nearest_examples(examples, clean, count)
    off = "" if config.prompt.examples else " (prompt.examples is 0: a run shows none)"
    yield f"{len(near)} of {len(examples)} corrected rows of {output} are near{off}:"
    for one in near:
        yield from ("", one.document, *(f"    {line}" for line in example_lines(one, tokenizer)))


def _room(job: Job, config: Config, tokenizer: Tokenizer) -> int:
    """Tokens of text that a prompt of the job has room for."""
    from qwen_batch.run.document.spec import prompt_room

    length = config.engine.max_model_len
    return (length if isinstance(length, int) else UNKNOWN_CONTEXT_TOKENS) - prompt_room([job], tokenizer)


def _indented(text: str) -> Iterator[str]:
    return (f"    {line}" for line in text.splitlines() if line.strip())


def _workbook_lines(job: Job, clean: CleanDocument, config: Config, tokenizer: Tokenizer) -> Iterator[str]:
    """Tables or their first rows, and the facts that code computed of all of them."""
    from qwen_batch.asking.prompts import shown
    from qwen_batch.job.rows.left_out import job_without
    from qwen_batch.run.document.kinds.workbooks import Limits, workbook_prompt
    from qwen_batch.run.document.prompting import withheld_of
    from qwen_batch.run.document.rows import by_code, rows_found

    asked = job_without(job, by_code(rows_found(clean, job)))
    limits = Limits(_room(asked, config, tokenizer), withheld_of(clean.text, [asked], config.clean))
    text = shown(workbook_prompt(clean, job, asked, limits, tokenizer).chunk)
    yield f"{job.name} is shown tables and computed facts, {len(tokenizer.token_ends(text)):,} tokens:"
    yield ""
    yield from _indented(text)


def _alone_lines(job: Job, clean: CleanDocument, tokenizer: Tokenizer) -> Iterator[str]:
    """The passages that a job is asked of one by one, and the terms that are chosen for all of them."""
    from qwen_batch.asking.passages.cut import document_to_passages
    from qwen_batch.asking.passages.terms import document_to_terms

    passages = document_to_passages(clean, job.passages.tokens, tokenizer) if job.passages else ()
    yield f"{job.name} is asked of each of {len(passages)} passages alone:"
    if terms := document_to_terms(clean, job):
        yield f"terms chosen once for all: {', '.join(terms)}"
    for one in passages:
        yield ""
        yield f"passage {one.index + 1} of {one.count}, {len(tokenizer.token_ends(one.text))} tokens"
        yield from _indented(one.text)


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
