"""A server that speaks OpenAI's protocol, from outside: how a client reaches it, and what it says when it refuses.

The key stands in none of its messages.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from qwen_batch.config import HttpSettings
from qwen_batch.errors import ConfigError, ServerError

if TYPE_CHECKING:
    from openai import APIConnectionError, APIError

NO_KEY = "none"
CONNECT_TIMEOUT_S = 10.0
MAX_SAID_CHARS = 400


def client_options(http: HttpSettings, timeout_s: float) -> dict[str, Any]:
    """The arguments of openai's clients."""
    from openai import Timeout

    return {
        "base_url": http.base_url,
        "api_key": api_key(http) or NO_KEY,
        "max_retries": http.max_retries,
        "timeout": Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
    }


def api_key(http: HttpSettings) -> str:
    """The key, empty if there is none. Raises ConfigError if it cannot be sent as a header."""
    key = os.environ.get(http.api_key_env, "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            f"the key in the environment variable {http.api_key_env} cannot be sent: it is not plain printable ASCII",
            "set the variable to the key alone",
        )
    return key


def without_key(text: str, http: HttpSettings) -> str:
    """A text that somebody else wrote, cut to a length for people, without the key in it."""
    key = api_key(http)
    return (text.replace(key, "***") if key else text)[:MAX_SAID_CHARS]


def said(error: APIError, http: HttpSettings) -> str:
    """What the server said when it refused, its whole answer where that has no message in the usual place."""
    known = isinstance(error.body, dict) and error.body.get("message")
    return without_key(error.message if known or not error.body else f"{error.message} - {error.body}", http)


def cause(error: APIConnectionError, http: HttpSettings) -> str:
    """Why a connection failed, in the words of what failed below."""
    return without_key(str(error.__cause__ or error), http)


def was_reached(error: APIConnectionError) -> bool:
    """Whether the server had the request, and the answer is what failed."""
    from httpx2 import ReadError, ReadTimeout, RemoteProtocolError, WriteError, WriteTimeout

    return isinstance(error.__cause__, (ReadError, ReadTimeout, RemoteProtocolError, WriteError, WriteTimeout))


def unreachable(error: APIConnectionError, http: HttpSettings) -> ServerError:
    """The error of a server that did not have the request."""
    message = f"{http.base_url}: the server cannot be reached: {cause(error, http)}"
    return ServerError(message, "start it, or check engine.http.base_url")
