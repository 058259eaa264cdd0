"""Any server that speaks OpenAI's protocol, such as `vllm serve`: a chat completion for each prompt.

Retries with growing pauses, and the server's own wishes for them, are the `openai` client's. The key is read from
the environment where it is needed and stands in no message, plan or setting.
"""

from __future__ import annotations

import asyncio
import codecs
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_batch.engine.engine import EngineKind, EnginePlan
from qwen_batch.engine.kinds.http.plan import SERVERS_OWN, check_server, choose_served
from qwen_batch.engine.kinds.http.server import (
    MAX_SAID_CHARS,
    cause,
    client_options,
    said,
    unreachable,
    was_reached,
    without_key,
)
from qwen_batch.engine.tokens import ApproximateTokenizer, Tokenizer, model_tokenizer
from qwen_batch.errors import ServerError
from qwen_batch.records import Completion, Prompt

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion, ChatCompletionTokenLogprob

TEMPLATE_TOKENS = 64
"""What a server's chat template puts around a prompt, at most."""


class HttpEngine:
    """A client with at most `max_num_seqs` requests in flight."""

    def __init__(self, plan: EnginePlan) -> None:
        from httpx2 import Limits
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        self._plan = plan
        self._http = plan.settings.http
        places = plan.max_num_seqs
        connections = DefaultAsyncHttpxClient(limits=Limits(max_connections=places, max_keepalive_connections=places))
        self._client = AsyncOpenAI(**client_options(self._http, self._http.timeout_s), http_client=connections)
        self._gate = asyncio.Semaphore(places)
        self._with_logprobs = plan.settings.logprobs

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """Completions in the order of the shard. Raises ServerError if no prompt can be answered there."""
        return list(await asyncio.gather(*(self._complete(prompt) for prompt in shard)))

    async def _complete(self, prompt: Prompt) -> Completion:
        from openai import APIConnectionError, APIError, APITimeoutError, AuthenticationError, NotFoundError
        from openai import PermissionDeniedError as ForbiddenError

        http = self._http
        try:
            async with self._gate:
                return _completion(prompt, await self._ask(prompt))
        except (AuthenticationError, ForbiddenError, NotFoundError) as error:
            key = http.api_key_env
            remedy = f"check engine.http.base_url, engine.model and the key in the environment variable {key}"
            raise ServerError(f"{http.base_url}: the server refuses: {said(error, http)}", remedy) from None
        except APIConnectionError as error:
            if not was_reached(error):
                raise unreachable(error, http) from None
            late = isinstance(error, APITimeoutError)
            return _refused(prompt, f"no answer in {http.timeout_s:g} s" if late else cause(error, http))
        except APIError as error:
            return _refused(prompt, said(error, http))
        except Exception as error:  # noqa: BLE001  an answer that is no chat completion must not hurt its shard
            return _refused(prompt, without_key(f"not a chat completion: {type(error).__name__}: {error}", http))

    async def _ask(self, prompt: Prompt) -> ChatCompletion:
        """One answer, without log-probabilities from a server that refuses to give them."""
        from openai import BadRequestError, UnprocessableEntityError

        ask = self._client.chat.completions.create
        request = self._request(prompt)
        with_logprobs = self._with_logprobs
        answer: ChatCompletion
        try:
            answer = await ask(**({**request, "logprobs": True} if with_logprobs else request))
        except (BadRequestError, UnprocessableEntityError) as error:
            if not with_logprobs or "logprobs" not in f"{error.message} {error.body}":
                raise
            answer = await ask(**request)
            self._with_logprobs = False  # only now: the words may have been the prompt's own
        return answer

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._plan.model,
            "messages": [{"role": role, "content": content} for role, content in prompt.messages],
            "temperature": prompt.temperature,
            "top_p": prompt.top_p,
            "max_tokens": prompt.max_tokens,
            "seed": self._plan.settings.seed,
        }
        if prompt.json_schema is not None:
            schema = {"name": prompt.job, "schema": json.loads(prompt.json_schema), "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        return request

    def close(self) -> None:
        """Nothing to end: connections close with the process."""


def _completion(prompt: Prompt, answer: ChatCompletion) -> Completion:
    if not answer.choices:
        return _refused(prompt, "an answer without a choice")
    choice = answer.choices[0]
    usage = answer.usage
    details = usage.prompt_tokens_details if usage else None
    tokens = (choice.logprobs.content if choice.logprobs else None) or ()
    refusal = choice.message.refusal
    return Completion(
        text="" if refusal else choice.message.content or "",
        finish_reason=choice.finish_reason or "abort",
        prompt_tokens=usage.prompt_tokens if usage else len(prompt.token_ids),
        output_tokens=usage.completion_tokens if usage else len(tokens),
        cached_tokens=(details.cached_tokens or 0) if details else 0,
        token_texts=_token_texts(tokens),
        logprobs=tuple(token.logprob for token in tokens),
        error=f"the model refuses: {refusal}"[:MAX_SAID_CHARS] if refusal else None,
    )


def _token_texts(tokens: Sequence[ChatCompletionTokenLogprob]) -> tuple[str, ...]:
    """What each token adds to the text: nothing for the first bytes of a character."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return tuple(token.token if token.bytes is None else decoder.decode(bytes(token.bytes)) for token in tokens)


def _refused(prompt: Prompt, error: str) -> Completion:
    return Completion(text="", finish_reason="error", prompt_tokens=len(prompt.token_ids), output_tokens=0, error=error)


def _tokenizer(plan: EnginePlan) -> Tokenizer:
    directory = plan.settings.http.tokenizer
    return model_tokenizer(Path(directory)) if directory else ApproximateTokenizer()


ENGINE = EngineKind(
    name="http",
    choose=choose_served,
    tokenizer=_tokenizer,
    start=HttpEngine,  # and no `env`, not even the key: Ray would write it to its logs; its processes inherit ours
    packages=("openai",),
    decides_itself=SERVERS_OWN,
    template_tokens=TEMPLATE_TOKENS,
    place=lambda plan: plan.settings.http.base_url,
    checks=check_server,
)
