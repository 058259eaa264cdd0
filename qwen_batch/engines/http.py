"""Any server that speaks OpenAI's protocol, such as `vllm serve`: a chat completion for each prompt.

Retries with growing pauses, and the server's own wishes for them, are the `openai` client's.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qwen_batch.config import EngineSettings, HttpSettings
from qwen_batch.engines import Engine, EngineKind, EnginePlan, ServedModel
from qwen_batch.errors import ServerError
from qwen_batch.records import Completion, Prompt

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

NO_KEY = "none"
LIST_TIMEOUT_S = 20.0


class HttpEngine:
    """A client with at most `max_num_seqs` requests in flight."""

    def __init__(self, plan: EnginePlan) -> None:
        from openai import AsyncOpenAI

        settings = plan.settings.http
        self._plan = plan
        self._client = AsyncOpenAI(**_client_options(settings), timeout=settings.timeout_s)
        self._gate = asyncio.Semaphore(plan.max_num_seqs)
        self._with_logprobs = True

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """Completions in the order of the shard. Raises ServerError if no prompt can be answered there."""
        return list(await asyncio.gather(*(self._complete(prompt) for prompt in shard)))

    async def _complete(self, prompt: Prompt) -> Completion:
        from openai import APIConnectionError, APIError, APITimeoutError, AuthenticationError, NotFoundError
        from openai import PermissionDeniedError as ForbiddenError

        base_url = self._plan.settings.http.base_url
        try:
            async with self._gate:
                answer = await self._ask(prompt)
        except (AuthenticationError, ForbiddenError, NotFoundError) as error:
            key = self._plan.settings.http.api_key_env
            remedy = f"check engine.http.base_url, engine.model and the key in the environment variable {key}"
            raise ServerError(f"{base_url}: the server refuses: {error.message}", remedy) from error
        except APITimeoutError as error:
            return _refused(prompt, f"no answer in {self._plan.settings.http.timeout_s:g} s: {error.message}")
        except APIConnectionError as error:
            raise _unreachable(base_url, error) from error
        except APIError as error:
            return _refused(prompt, error.message)
        return _completion(prompt, answer)

    async def _ask(self, prompt: Prompt) -> ChatCompletion:
        """One answer, without log-probabilities from a server that refuses to give them."""
        from openai import BadRequestError

        answer: ChatCompletion
        try:
            answer = await self._client.chat.completions.create(**self._request(prompt))
        except BadRequestError as error:
            if "logprobs" not in error.message:
                raise
            self._with_logprobs = False
            answer = await self._client.chat.completions.create(**self._request(prompt))
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
        if self._with_logprobs:
            request["logprobs"] = True
        return request

    def close(self) -> None:
        """Nothing to end: connections close with the process."""


def served_model(settings: EngineSettings) -> ServedModel:
    """The model of the settings as the server knows it; the only one it has for `auto`. Raises ServerError."""
    from openai import APIConnectionError, APIError, OpenAI

    http = settings.http
    try:
        with OpenAI(**_client_options(http), timeout=min(http.timeout_s, LIST_TIMEOUT_S)) as client:
            models = {model.id: model for model in client.models.list()}
    except APIConnectionError as error:
        raise _unreachable(http.base_url, error) from error
    except APIError as error:
        remedy = f"check engine.http.base_url and the key in the environment variable {http.api_key_env}"
        raise ServerError(f"{http.base_url}: the list of models was refused: {error.message}", remedy) from error
    name = settings.model
    if name == "auto" and len(models) == 1:
        (name,) = models
    if name not in models:
        there = ", ".join(sorted(models)[:10]) or "none"
        asked = "engine.model is auto" if name == "auto" else f"there is no {name}"
        raise ServerError(f"{http.base_url}: {asked}, and the server has: {there}", "set engine.model to one of them")
    return ServedModel(name, getattr(models[name], "max_model_len", None))


def _client_options(settings: HttpSettings) -> dict[str, Any]:
    key = os.environ.get(settings.api_key_env) or NO_KEY
    return {"base_url": settings.base_url, "api_key": key, "max_retries": settings.max_retries}


def _unreachable(base_url: str, error: Exception) -> ServerError:
    why = str(error.__cause__ or error)
    return ServerError(f"{base_url}: the server cannot be reached: {why}", "start it, or check engine.http.base_url")


def _completion(prompt: Prompt, answer: ChatCompletion) -> Completion:
    if not answer.choices:
        return _refused(prompt, "an answer without a choice")
    choice = answer.choices[0]
    usage = answer.usage
    details = usage.prompt_tokens_details if usage else None
    tokens = (choice.logprobs.content if choice.logprobs else None) or ()
    return Completion(
        text=choice.message.content or "",
        finish_reason=choice.finish_reason or "abort",
        prompt_tokens=usage.prompt_tokens if usage else len(prompt.token_ids),
        output_tokens=usage.completion_tokens if usage else len(tokens),
        cached_tokens=(details.cached_tokens or 0) if details else 0,
        token_texts=tuple(token.token for token in tokens),
        logprobs=tuple(token.logprob for token in tokens),
    )


def _refused(prompt: Prompt, error: str) -> Completion:
    return Completion(text="", finish_reason="error", prompt_tokens=len(prompt.token_ids), output_tokens=0, error=error)


def _start(plan: EnginePlan) -> Engine:
    return HttpEngine(plan)


def _env(plan: EnginePlan) -> dict[str, str]:
    """The key, for an actor on another node."""
    name = plan.settings.http.api_key_env
    return {name: os.environ[name]} if os.environ.get(name) else {}


ENGINE = EngineKind(name="http", start=_start, env=_env, needs_model=False, served=served_model)
