"""What travels through the stages of a run: a document on its way, and the answers to one of its jobs.

Each stage fills in what it knows and changes nothing else; what every stage has to know is in `spec`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from qwen_batch.asking.answer import Rejected
from qwen_batch.asking.fits import Fit
from qwen_batch.asking.orders.without import Span, Without
from qwen_batch.asking.passages.terms import ChosenTerms
from qwen_batch.asking.prose import ProseAnswer
from qwen_batch.evidence.members.group import Group
from qwen_batch.job.logs.lines import CondensedLog
from qwen_batch.outcomes import Failure
from qwen_batch.records import Answer, CleanDocument, Document, Prompt
from qwen_batch.run.document.rows import LayoutQuestion, Told

SMALL_BYTES = 64 << 10
MAX_REJECTED_SHARE = 0.2
"""A document of which a larger share of the chunks has no valid answer is a failure, not a row with gaps."""
MAX_LEFT_SHARE = 0.5
"""The same of passages that are asked alone: where one has no answer its own text stands, and is seen."""


@dataclass(frozen=True, slots=True)
class Work:
    """One document on its way: `jobs` are the names asked of it, each stage fills the next field.

    `answers` has one entry a prompt; `prose` holds what the model made of several chunks' texts. `began_s` is when its
    reading began, in seconds since the epoch. `unasked` says for each job without a prompt why it has none.
    `questions` ask whether the document is what a job is for, `fits` are their answers: a job that it does not fit has
    no prompts any more. `without` has one entry a prompt where passages are asked about that may give orders. Of a
    `group` the text is made of the rows of its members, in place of reading. `layouts` ask which column of a table is
    which field, `told` are their answers. `terms` are those that the passages of a job share. `log` is what jobs that
    read logs are asked of in place of the text.
    """

    document: Document
    jobs: tuple[str, ...]
    clean: CleanDocument | None = None
    prompts: tuple[Prompt, ...] = ()
    answers: tuple[Answer | Rejected, ...] = ()
    failure: Failure | None = None
    began_s: float | None = None
    prose: tuple[ProseAnswer, ...] = ()
    unasked: tuple[Failure, ...] = ()
    questions: tuple[Prompt, ...] = ()
    fits: tuple[Fit, ...] = ()
    without: tuple[Without | None, ...] = ()
    group: Group | None = None
    layouts: tuple[LayoutQuestion, ...] = ()
    told: tuple[Told, ...] = ()
    terms: tuple[ChosenTerms, ...] = ()
    log: CondensedLog | None = None

    @property
    def is_asked(self) -> bool:
        """Whether an engine has anything to do for it."""
        return bool(self.prompts or self.questions or self.layouts)

    @property
    def is_small(self) -> bool:
        """Whether its document is read in less time than a call to another process takes."""
        return self.document.size <= SMALL_BYTES

    @property
    def unfit(self) -> dict[str, Fit]:
        """By job why the document is not what it is for."""
        return {fit.job: fit for fit in self.fits if not fit.fits}


@dataclass(frozen=True, slots=True)
class RejectedPrompt:
    """A prompt without a valid answer, and why it has none."""

    prompt: Prompt
    why: Rejected


@dataclass(frozen=True, slots=True)
class ChunkAnswers:
    """What a job's chunks came back with, in document order; a chunk that was halved has several valid answers.

    `alone` says that they are passages, each asked alone.
    """

    valid: tuple[Answer, ...]
    rejected: tuple[RejectedPrompt, ...]
    chunks: int
    alone: bool = False

    @property
    def share_valid(self) -> float:
        """The share of the chunks that have a valid answer."""
        return 1 - len(self.rejected) / max(1, self.chunks)

    @property
    def is_lost(self) -> bool:
        """Whether so little was answered that a row would mislead."""
        most = MAX_LEFT_SHARE if self.alone else MAX_REJECTED_SHARE
        return not self.valid or len(self.rejected) > self.chunks * most


def chunk_answers(work: Work, job: str, *, second: bool = False) -> ChunkAnswers:
    """The answers of a work to one of its jobs, in document order; `second` for those of the second reading."""
    mine = [
        (prompt, answer)
        for prompt, answer in zip(work.prompts, work.answers, strict=True)
        if prompt.job == job and prompt.chunk.second is second
    ]
    return ChunkAnswers(
        valid=tuple(part for _, answer in mine if isinstance(answer, Answer) for part in answer.parts or (answer,)),
        rejected=tuple(RejectedPrompt(prompt, answer) for prompt, answer in mine if isinstance(answer, Rejected)),
        chunks=len(mine),
        alone=any(prompt.chunk.alone for prompt, _ in mine),
    )


def orders_of(work: Work, job: str) -> tuple[Without, ...]:
    """What came of the suspicious passages of a job's prompts, of those that had any."""
    mine = zip(work.prompts, work.without, strict=bool(work.without))
    return tuple(one for prompt, one in mine if prompt.job == job and one is not None)


def ordering_spans(work: Work, job: str) -> tuple[Span, ...]:
    """Characters of the clean text that speak to the reader, by what the model said of a job's prompts."""
    return tuple(sorted({span for one in orders_of(work, job) for span in one.spans}))


def without_orders(work: Work) -> Work:
    """The work as if no prompt had shown what speaks to the reader; a prompt of nothing else has no answer."""
    kept = [
        (prompt, answer if one is None or not one.spans else one.answer)
        for prompt, answer, one in zip(work.prompts, work.answers, work.without, strict=True)
    ]
    answered = [(prompt, answer) for prompt, answer in kept if answer is not None]
    return replace(
        work,
        prompts=tuple(prompt for prompt, _ in answered),
        answers=tuple(answer for _, answer in answered),
        without=(),
        prose=(),
    )
