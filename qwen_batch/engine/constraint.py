"""Whether constrained decoding binds: one tiny question whose schema forces an answer that no model gives by itself.

An engine that ignores the schema (another server version, a backend that is switched off) would fill a table with
answers that merely look right; it is found here before the first document.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.engine.engine import Engine
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.errors import ConstraintError, ServerError
from qwen_batch.records import Chunk, Completion, Prompt

CONSTRAINT = "constraint"
"""What the question has in place of a job's name."""
FORCED = {"sum": "zq-7731", "reason": "ostrich"}  # of 2 and 2, by no model's own choice
MAX_ANSWER_TOKENS = 64
_SHOWN_CHARS = 120
_SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "string", "enum": [value]} for name, value in FORCED.items()},
    "required": list(FORCED),
    "additionalProperties": False,
}


async def check_constraint(engine: Engine, tokenizer: Tokenizer) -> None:
    """Asks the engine once, a second or less. Raises ConstraintError when the schema does not bind it.

    What it refuses is asked without the schema, and once more with it. Raises ServerError when the fault is another.
    """
    asked = constraint_prompt(tokenizer)
    completions = await engine.generate([asked])
    if any(one.error for one in completions):
        await _check_without_schema(engine, asked)
        completions = await engine.generate([asked])
    problem = binding_problem(completions)
    if problem is not None:
        raise ConstraintError(
            f"constrained decoding does not bind: {problem}",
            "answers would not follow the jobs' schemas. vllm: remove structured_outputs_config from engine.vllm and "
            "check that xgrammar is installed; http: use a server that enforces response_format json_schema",
        )


async def _check_without_schema(engine: Engine, asked: Prompt) -> None:
    for completion in await engine.generate([replace(asked, json_schema=None)]):
        if completion.error is not None:
            raise ServerError(
                f"the engine does not answer the first question: {completion.error[:_SHOWN_CHARS]}",
                "see that it is up and has its model loaded; http: engine.http.max_retries and timeout_s say how long "
                "a fault may last. The same command goes on",
            )


def constraint_prompt(tokenizer: Tokenizer) -> Prompt:
    """The question, at temperature 0."""
    messages = (("system", "You answer in JSON."), ("user", "What is 2 + 2, and why? Answer with a number."))
    return Prompt(
        doc_id="",
        job=CONSTRAINT,
        chunk=Chunk("", 0, 0),
        messages=messages,
        token_ids=tokenizer.render(messages),
        json_schema=json.dumps(_SCHEMA),
        temperature=0.0,
        top_p=1.0,
        max_tokens=MAX_ANSWER_TOKENS,
    )


def binding_problem(completions: Sequence[Completion]) -> str | None:
    """What is wrong with the answer to `constraint_prompt`; None if the schema bound it."""
    if len(completions) != 1:
        return f"one question got {len(completions)} answers"
    (completion,) = completions
    if completion.error is not None:
        return f"the engine refused a schema: {completion.error}"
    try:
        answer = json.loads(completion.text)
    except (ValueError, RecursionError):
        return f"the answer is no JSON: {completion.text[:_SHOWN_CHARS]!r}"
    return None if answer == FORCED else f"the answer breaks its schema: {completion.text[:_SHOWN_CHARS]!r}"
