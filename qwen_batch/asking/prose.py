"""The rule `model`: what the chunks of a document say in prose, put into one text by a second, small call.

The same engine, the same shards, a schema of that one field with its own bounds, validated and repaired as any answer.
Texts that do not fit one prompt are merged in groups, and what comes of these again. It fails without an exception:
whoever asked still has the chunks' texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, create_model

from qwen_batch.asking.answer import Rejected, prompts_to_answers
from qwen_batch.asking.answering import Answering
from qwen_batch.asking.prompts import chunk_to_prompt, prompt_overhead
from qwen_batch.errors import QwenBatchError
from qwen_batch.job.definition import Job
from qwen_batch.job.rules import PROSE_CHARS, FieldRule
from qwen_batch.records import Answer, Chunk, CleanDocument, tokens_of

FRAME_TOKENS = 12  # of "Part 123:" and the blank line between two texts
PROMPT_MARGIN_TOKENS = 16
ANSWER_FRAME_TOKENS = 32  # of the JSON around the text
MAX_ROUNDS = 4
MAX_NAME_CHARS = 63


@dataclass(frozen=True, slots=True)
class ProseRequest:
    """The texts of one field that a document's chunks gave to a job, in order."""

    clean: CleanDocument
    job: str
    rule: FieldRule
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProseAnswer:
    """The last call's answer, its only value the text; None where it failed. Tokens are sums over all calls."""

    job: str
    field: str
    answer: Answer | None
    problem: str = ""
    prompt_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    @property
    def text(self) -> str | None:
        """The merged text."""
        return None if self.answer is None else _only_text(self.answer)


async def texts_to_prose(request: ProseRequest, answering: Answering) -> ProseAnswer:
    """One text of several. Raises EngineError when the engine is dead; all else is the answer's problem."""
    job = prose_job(answering.jobs[request.job], request.rule)
    asking = replace(answering, jobs={job.name: job})
    try:
        return await _merged(request, job, asking)
    except QwenBatchError:
        raise
    except Exception as error:  # noqa: BLE001  a row is worth more than its summary
        return ProseAnswer(request.job, request.rule.field, None, problem=f"{type(error).__name__}: {error}")


async def _merged(request: ProseRequest, job: Job, asking: Answering) -> ProseAnswer:
    done = ProseAnswer(request.job, request.rule.field, None)
    texts = list(request.texts)
    for _ in range(MAX_ROUNDS):
        groups = _groups(texts, _room(job, asking), asking)
        chunks = [_chunk(group) for group in groups if len(group) > 1]
        if not chunks:
            return replace(done, answer=None, problem="the texts do not fit the context")
        prompts = [chunk_to_prompt(request.clean, chunk, job, asking.tokenizer) for chunk in chunks]
        answers = await prompts_to_answers(prompts, asking)
        for answer in answers:
            if isinstance(answer, Rejected):
                return replace(done, answer=None, problem=f"{answer.code}: {answer.message}")
            done = _counted(done, answer)
            if not (done.text or "").strip():
                return replace(done, answer=None, problem="the model's text is empty")
        merged = iter(answers)
        texts = [text for group in groups for text in (_texts(next(merged)) if len(group) > 1 else group)]
        if len(texts) == 1:
            return done
    return replace(done, answer=None, problem=f"not one text after {MAX_ROUNDS} rounds")


def prose_job(job: Job, rule: FieldRule) -> Job:
    """The question that merges texts of one field: its bounds and description, the job's sampling."""
    most = rule.max_chars or PROSE_CHARS
    name = rule.field if rule.field.isidentifier() and not rule.field.startswith("_") else "text"
    text = Annotated[str, Field(max_length=most, description=rule.description or None)]
    schema = create_model("Prose", **{name: (text, ...)})  # type: ignore[call-overload]
    instruction = (
        f"These are texts on the parts of one document, in order. Write one {name} of the whole document from them."
    )
    tokens = min(job.max_output_tokens, most + ANSWER_FRAME_TOKENS)
    return Job(f"merge_{job.name}"[:MAX_NAME_CHARS], schema, instruction, job.sampling, tokens)


def _room(job: Job, answering: Answering) -> int:
    used = prompt_overhead(job, answering.tokenizer) + job.max_output_tokens + PROMPT_MARGIN_TOKENS
    return answering.plan.max_model_len - used


def _groups(texts: Sequence[str], room: int, answering: Answering) -> list[list[str]]:
    """Neighbours that fit one prompt together."""
    groups: list[list[str]] = []
    left = 0
    for text in texts:
        size = len(answering.tokenizer.token_ends(text)) + FRAME_TOKENS
        if not groups or size > left:
            groups.append([])
            left = room
        groups[-1].append(text)
        left -= size
    return groups


def _chunk(texts: Sequence[str]) -> Chunk:
    text = "\n\n".join(f"Part {number}: {text}" for number, text in enumerate(texts, 1))
    return Chunk(text, 0, len(text))


def _texts(answer: Answer | Rejected) -> list[str]:
    """The text, or those of the halves where one answer was too short for it."""
    return [] if isinstance(answer, Rejected) else [_only_text(part) for part in answer.parts or (answer,)]


def _only_text(answer: Answer) -> str:
    return str(next(iter(answer.result.values())))


def _counted(done: ProseAnswer, answer: Answer) -> ProseAnswer:
    return replace(done, answer=answer, **tokens_of((done, answer)))
