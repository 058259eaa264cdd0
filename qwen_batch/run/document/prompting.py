"""A document's clean text to the prompts of its jobs: passages, chunks, and what each kind of job is shown.

Pure: no engine and no file. What does not fit the context is a failure of the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.chunk import MAX_HEADING_TOKENS, document_to_chunks
from qwen_batch.asking.examples import with_examples
from qwen_batch.asking.fits import fits_prompt, opening
from qwen_batch.asking.logs.chunks import log_to_chunks
from qwen_batch.asking.orders.injected_orders import orders_in
from qwen_batch.asking.prompts import chunk_to_prompt
from qwen_batch.asking.selecting.heads import by_text
from qwen_batch.asking.selecting.prompt import Limits, Whole, job_to_passages, second_passages
from qwen_batch.asking.selecting.select import Searched, selected_chunk
from qwen_batch.asking.text_budget import text_budget
from qwen_batch.config import CleanSettings
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.definition import Job, job_looks, job_schema
from qwen_batch.job.logs.lines import CondensedLog
from qwen_batch.job.members import is_asked
from qwen_batch.job.rows.left_out import job_without
from qwen_batch.outcomes import Failure
from qwen_batch.records import Chunk, CleanDocument, Prompt
from qwen_batch.run.document.kinds.logs import lines_asked, log_of, with_log
from qwen_batch.run.document.kinds.passages import job_passages, passage_prompts
from qwen_batch.run.document.kinds.workbooks import Limits as WorkbookLimits
from qwen_batch.run.document.kinds.workbooks import workbook_prompt
from qwen_batch.run.document.rows import by_code, layout_questions, perhaps_by_code, rows_found
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work

MIN_CHUNK_TOKENS = 256


def prompt_stage(work: Work, spec: RunSpec, tokenizer: Tokenizer, jobs: Mapping[str, Job]) -> Work:
    """Clean text to prompts that fit the context: passages, or chunk by chunk with a chunk's jobs side by side."""
    if work.failure or work.clean is None:
        return work
    clean = work.clean
    all_jobs = [jobs[name] for name in work.jobs if is_asked(job_schema(jobs[name]))]
    questions = fits_questions(clean, all_jobs, spec, tokenizer)
    work = with_log(work, jobs)
    every = [job for job in all_jobs if log_of(work, job) is None]
    found = {job.name: rows_found(clean, job) for job in every}
    asked = _prompts(clean, [job_without(job, by_code(found[job.name])) for job in every], spec, tokenizer, jobs)
    layouts = [one for job in every for one in layout_questions(clean, job, found[job.name], tokenizer)]
    open_jobs = [job for job in every if perhaps_by_code(found[job.name]) != by_code(found[job.name])]
    rest = _prompts(
        clean, [job_without(job, perhaps_by_code(found[job.name])) for job in open_jobs], spec, tokenizer, jobs
    )
    of_log = _log_prompts(work.log, [job for job in all_jobs if job not in every], spec, tokenizer)
    unasked = asked.unasked + of_log.unasked
    prompts = of_log.prompts + tuple(
        with_examples(
            replace(prompt, left_out=left_out(found[prompt.job])), spec.examples_for(clean, prompt.job), tokenizer
        )
        for some, left_out in ((asked.prompts, by_code), (rest.prompts, perhaps_by_code))
        for prompt in some
    )
    if unasked and not prompts and not questions and not layouts:
        return replace(work, failure=replace(unasked[0], job=None))
    return replace(work, prompts=prompts, unasked=unasked, questions=questions, layouts=tuple(layouts))


@dataclass(frozen=True, slots=True)
class _Prompts:
    prompts: tuple[Prompt, ...] = ()
    unasked: tuple[Failure, ...] = ()


def _prompts(
    clean: CleanDocument, every: Sequence[Job], spec: RunSpec, tokenizer: Tokenizer, jobs: Mapping[str, Job]
) -> _Prompts:
    """The prompts of these jobs, and a failure for each that has none; a job that asks for nothing has neither.

    `jobs` are those with all of their lists.
    """

    def made(job: Job, room: int) -> tuple[Prompt, ...]:
        if job.workbook:
            limits = WorkbookLimits(room, withheld_of(clean.text, [job], spec.config.clean))
            return (workbook_prompt(clean, jobs[job.name], job, limits, tokenizer),)
        chunks = [_seen(one, [job], spec) for one in job_passages(clean, job, room, tokenizer)]
        return passage_prompts(clean, chunks, job, tokenizer)

    own = [job for job in every if job.passages or (job.workbook and job_looks(job))]
    alone = _alone(clean, own, made, spec, tokenizer)
    prompts, unasked = list(alone.prompts), list(alone.unasked)
    asking = [job for job in every if job_looks(job) and not job.workbook and not job.passages]
    for text, asked in by_text(clean, asking) if asking else ():
        selected = _selected_prompts(text, asked, spec, tokenizer)
        whole = [job for job in asked if job.name not in selected]
        chunks = _chunks(text, whole, spec, tokenizer) if whole else ()
        if isinstance(chunks, Failure):
            unasked += [replace(chunks, job=job.name) for job in whole]
        else:
            prompts += [chunk_to_prompt(text, chunk, job, tokenizer) for chunk in chunks for job in whole]
        prompts += [prompt for several in selected.values() for prompt in several]
    return _Prompts(tuple(prompts), tuple(unasked))


def _log_prompts(log: CondensedLog | None, jobs: Sequence[Job], spec: RunSpec, tokenizer: Tokenizer) -> _Prompts:
    """The prompts of the jobs that are asked of a log."""
    if log is None:
        return _Prompts()

    def made(job: Job, room: int) -> tuple[Prompt, ...]:
        chunks = log_to_chunks(log, lines_asked(job), room, tokenizer)
        return tuple(chunk_to_prompt(log.clean, _seen(chunk, [job], spec), job, tokenizer) for chunk in chunks)

    return _alone(log.clean, jobs, made, spec, tokenizer)


def _alone(
    clean: CleanDocument,
    jobs: Sequence[Job],
    made: Callable[[Job, int], tuple[Prompt, ...]],
    spec: RunSpec,
    tokenizer: Tokenizer,
) -> _Prompts:
    """The prompts of jobs that share none with others: `made` of a job and the tokens of text that it has room for."""
    rooms = {job.name: chunk_budget([job], spec, tokenizer) for job in jobs}
    return _Prompts(
        tuple(prompt for job in jobs if rooms[job.name] >= MIN_CHUNK_TOKENS for prompt in made(job, rooms[job.name])),
        tuple(replace(_no_room(clean, spec), job=job.name) for job in jobs if rooms[job.name] < MIN_CHUNK_TOKENS),
    )


def fits_questions(
    clean: CleanDocument, jobs: Sequence[Job], spec: RunSpec, tokenizer: Tokenizer
) -> tuple[Prompt, ...]:
    """For each job that says what it is for the question whether the document is that."""
    asking = [job for job in jobs if spec.asks_fits(job)]
    if not asking:
        return ()
    text = opening(clean, tokenizer)
    # a chunk for each job: what one job's fields make an order must not change what another is shown
    return tuple(fits_prompt(clean, _seen(Chunk(text, 0, len(text)), [job], spec), job, tokenizer) for job in asking)


def _selected_prompts(
    clean: CleanDocument, jobs: Sequence[Job], spec: RunSpec, tokenizer: Tokenizer
) -> dict[str, tuple[Prompt, ...]]:
    """The prompts of the jobs that are shown passages; each is made as if its job were the only one."""
    searched = Searched(clean)
    prompts = {}
    for job in jobs:
        limits = Limits(spec.config.prompt, chunk_budget([job], spec, tokenizer))
        chosen = job_to_passages(searched, job, limits, tokenizer)
        if not isinstance(chosen, Whole):
            withheld = withheld_of(clean.text, [job], spec.config.clean)
            chunks = [selected_chunk(clean, chosen, withheld)]
            if again := second_passages(searched, job, chosen, spec.config.prompt):
                chunks.append(replace(selected_chunk(clean, again, withheld), second=True))
            prompts[job.name] = tuple(chunk_to_prompt(clean, chunk, job, tokenizer) for chunk in chunks)
    return prompts


def _chunks(
    clean: CleanDocument, jobs: Sequence[Job], spec: RunSpec, tokenizer: Tokenizer
) -> tuple[Chunk, ...] | Failure:
    """All of a document for these jobs, in as many chunks as it takes and as are allowed."""
    room = chunk_budget(jobs, spec, tokenizer)
    if room < MIN_CHUNK_TOKENS + MAX_HEADING_TOKENS:
        return _no_room(clean, spec)
    budget = text_budget(room, MAX_HEADING_TOKENS, spec.config.long)
    chunks = document_to_chunks(clean, budget.whole, tokenizer, budget.part)
    if len(chunks) > 1 and spec.config.long.mode == "single":
        return _too_long(clean, spec, tokenizer, room)
    return tuple(_seen(chunk, jobs, spec) for chunk in chunks)


def _seen(chunk: Chunk, jobs: Sequence[Job], spec: RunSpec) -> Chunk:
    """The chunk without what no prompt of these jobs shows."""
    return replace(chunk, withheld=withheld_of(chunk.text, jobs, spec.config.clean))


def withheld_of(text: str, jobs: Sequence[Job], settings: CleanSettings) -> tuple[tuple[int, int], ...]:
    """The characters of a text that no prompt of these jobs shows."""
    if not settings.withhold_orders:
        return ()
    is_json = text.lstrip()[:1] in ("{", "[")  # there keys named like the fields are what is to be read
    fields = () if is_json else {name for job in jobs for name in job.schema.model_fields}
    return orders_in(text, fields)


def chunk_budget(jobs: Sequence[Job], spec: RunSpec, tokenizer: Tokenizer) -> int:
    """Tokens of document text that fit beside the longest prompt and answer of the jobs."""
    return spec.plan.max_model_len - spec.prompt_room(jobs, tokenizer)


def _no_room(clean: CleanDocument, spec: RunSpec) -> Failure:
    message = f"a context of {spec.plan.max_model_len} tokens has no room for it; raise engine.max_model_len"
    return Failure(clean.document, "chunk", "no_room", message)


def _too_long(clean: CleanDocument, spec: RunSpec, tokenizer: Tokenizer, room: int) -> Failure:
    message = (
        f"its text has {len(tokenizer.token_ends(clean.text)):,} tokens, and one prompt of {spec.plan.max_model_len:,} "
        f"has room for {room:,}; set long.mode to auto, or raise engine.max_model_len as far as the model allows"
    )
    return Failure(clean.document, "chunk", "too_long", message)
