"""Any server that speaks OpenAI's protocol, such as `vllm serve`: a chat completion for each prompt.

Retries with growing pauses, and the server's own wishes for them, are the `openai` client's. The key is read from
the environment where it is needed and stands in no message, plan or setting.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qwen_batch.config import EngineSettings, HttpSettings
from qwen_batch.engine.engine import Engine, EngineKind, EnginePlan, ServedModel
from qwen_batch.errors import ConfigError, ServerError
from qwen_batch.records import Completion, Prompt

if TYPE_CHECKING:
    from openai import APIConnectionError, APIError
    from openai.types.chat import ChatCompletion, ChatCompletionTokenLogprob

NO_KEY = "none"
CONNECT_TIMEOUT_S = 10.0
LIST_TIMEOUT_S = 20.0
MAX_SAID_CHARS = 400


class HttpEngine:
    """A client with at most `max_num_seqs` requests in flight."""

    def __init__(self, plan: EnginePlan) -> None:
        from httpx2 import Limits
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        self._plan = plan
        self._http = plan.settings.http
        places = plan.max_num_seqs
        connections = DefaultAsyncHttpxClient(limits=Limits(max_connections=places, max_keepalive_connections=places))
        self._client = AsyncOpenAI(**_client_options(self._http, self._http.timeout_s), http_client=connections)
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
            raise ServerError(f"{http.base_url}: the server refuses: {_said(error, http)}", remedy) from None
        except APIConnectionError as error:
            if not _was_reached(error):
                raise _unreachable(error, http) from None
            late = isinstance(error, APITimeoutError)
            return _refused(prompt, f"no answer in {http.timeout_s:g} s" if late else _cause(error, http))
        except APIError as error:
            return _refused(prompt, _said(error, http))
        except Exception as error:  # noqa: BLE001  an answer that is no chat completion must not hurt its shard
            return _refused(prompt, _without_key(f"not a chat completion: {type(error).__name__}: {error}", http))

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


def served_model(settings: EngineSettings) -> ServedModel:
    """The model of the settings as the server knows it; the only one it has for `auto`.

    Raises ServerError, and ConfigError for a key that cannot be sent.
    """
    http = settings.http
    models = _served_models(http)
    name = settings.model
    if name == "auto" and len(models) == 1:
        (name,) = models
    if name not in models:
        there = ", ".join(sorted(models)[:10]) or "none"
        asked = "engine.model is auto" if name == "auto" else f"there is no {name}"
        raise ServerError(f"{http.base_url}: {asked}, and the server has: {there}", "set engine.model to one of them")
    return ServedModel(name, models[name])


def _served_models(http: HttpSettings) -> dict[str, int | None]:
    """The context in tokens, if the server tells it, of each model that it has. Raises ServerError."""
    from openai import APIConnectionError, APIError, OpenAI

    try:
        with OpenAI(**_client_options(http, min(http.timeout_s, LIST_TIMEOUT_S))) as client:
            return {model.id: getattr(model, "max_model_len", None) for model in client.models.list()}
    except APIConnectionError as error:
        raise _unreachable(error, http) from None
    except APIError as error:
        remedy = f"check engine.http.base_url and the key in the environment variable {http.api_key_env}"
        raise ServerError(f"{http.base_url}: the list of models was refused: {_said(error, http)}", remedy) from None
    except (ValueError, AttributeError):  # the client hands on as text what is no JSON, and stumbles over it
        message = f"{http.base_url}: what is there does not speak OpenAI's protocol: no list of models at /models"
        raise ServerError(message, "check engine.http.base_url, which ends in /v1 for most servers") from None


def _client_options(http: HttpSettings, timeout_s: float) -> dict[str, Any]:
    from openai import Timeout

    return {
        "base_url": http.base_url,
        "api_key": _key(http) or NO_KEY,
        "max_retries": http.max_retries,
        "timeout": Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
    }


def _key(http: HttpSettings) -> str:
    """The key, empty if there is none. Raises ConfigError if it cannot be sent as a header."""
    key = os.environ.get(http.api_key_env, "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            f"the key in the environment variable {http.api_key_env} cannot be sent: it is not plain printable ASCII",
            "set the variable to the key alone",
        )
    return key


def _without_key(text: str, http: HttpSettings) -> str:
    key = _key(http)
    return (text.replace(key, "***") if key else text)[:MAX_SAID_CHARS]


def _said(error: APIError, http: HttpSettings) -> str:
    """What the server said when it refused, its whole answer where that has no message in the usual place."""
    known = isinstance(error.body, dict) and error.body.get("message")
    return _without_key(error.message if known or not error.body else f"{error.message} - {error.body}", http)


def _cause(error: APIConnectionError, http: HttpSettings) -> str:
    return _without_key(str(error.__cause__ or error), http)


def _was_reached(error: APIConnectionError) -> bool:
    """Whether the server had the request, and the answer is what failed."""
    from httpx2 import ReadError, ReadTimeout, RemoteProtocolError, WriteError, WriteTimeout

    return isinstance(error.__cause__, (ReadError, ReadTimeout, RemoteProtocolError, WriteError, WriteTimeout))


def _unreachable(error: APIConnectionError, http: HttpSettings) -> ServerError:
    message = f"{http.base_url}: the server cannot be reached: {_cause(error, http)}"
    return ServerError(message, "start it, or check engine.http.base_url")


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


def _start(plan: EnginePlan) -> Engine:
    return HttpEngine(plan)


def _env(_plan: EnginePlan) -> dict[str, str]:
    """Nothing, not even the key: Ray writes this environment to its logs. Its processes inherit ours."""
    return {}


ENGINE = EngineKind(name="http", start=_start, env=_env, needs_model=False, served=served_model)
