"""Counting and rendering prompts with the model's own tokenizer and chat template.

Uses the `tokenizers` package on tokenizer.json, which imports in milliseconds; transformers is
imported only for a model that ships no such file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

from qwen_batch.errors import ModelError

_REPLACEMENT = "\ufffd"  # what a decoder shows for a part of a character
_ABOUT_A_TOKEN = re.compile(r"""[A-Za-z\s,.;:'"()-]{1,4}|.""", re.ASCII | re.DOTALL)

Messages = Sequence[tuple[str, str]]


class Tokenizer(Protocol):
    """What prompts need of a tokenizer. What was counted with one is kept under it."""

    def __hash__(self) -> int: ...

    def render(self, messages: Messages) -> tuple[int, ...]:
        """Token ids of chat messages (role, content), the opening of the answer included."""

    def token_ends(self, text: str) -> list[int]:
        """For each token of a text the character index at which it ends, ascending."""


@dataclass(frozen=True, slots=True)
class ApproximateTokenizer:
    """For an engine without a model on this machine: a token is four characters of English prose, or any other one.

    So a digit is a token, as in Qwen's vocabulary. Of English prose and tables of numbers about as many are counted as
    there are; of other languages in Latin letters, of names and of words in capitals too few, by a quarter to a half.
    """

    def render(self, messages: Messages) -> tuple[int, ...]:
        """One zero a token."""
        return (0,) * sum(len(_ABOUT_A_TOKEN.findall(content)) for _, content in messages)

    def token_ends(self, text: str) -> list[int]:
        """Ends after four ASCII letters, spaces and marks of prose at most, and after each other character."""
        return list(accumulate(map(len, _ABOUT_A_TOKEN.findall(text))))


@lru_cache(maxsize=2)
def model_tokenizer(directory: Path) -> ModelTokenizer:
    """The tokenizer of a model directory; a process loads it once, for it takes a second or two."""
    return ModelTokenizer(directory)


class ModelTokenizer:
    """A Hugging Face tokenizer from a local model directory."""

    def __init__(self, directory: Path) -> None:
        from tokenizers import Tokenizer as FastTokenizer

        file = directory / "tokenizer.json"
        if not file.is_file():
            raise ModelError(
                f"{directory}: no tokenizer.json", "convert it: AutoTokenizer.from_pretrained(...).save_pretrained(...)"
            )
        self._tokenizer = FastTokenizer.from_file(str(file))
        settings_file = directory / "tokenizer_config.json"
        settings = json.loads(settings_file.read_text("utf-8")) if settings_file.is_file() else {}
        self._special = {key: _token_text(settings.get(key)) for key in ("bos_token", "eos_token", "pad_token")}
        self._template = _chat_template(directory, settings)
        self._lone_texts = _LoneTexts(self._tokenizer)

    def render(self, messages: Messages) -> tuple[int, ...]:
        """Token ids of chat messages as the model's chat template lays them out."""
        text = self._template.render(
            messages=[{"role": role, "content": content} for role, content in messages],
            add_generation_prompt=True,
            **self._special,
        )
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def token_ends(self, text: str) -> list[int]:
        """Ends of the text's tokens, special tokens not counted."""
        return [end for _, end in self._tokenizer.encode(text, add_special_tokens=False).offsets]

    def token_texts(self, token_ids: Sequence[int]) -> tuple[str, ...]:
        """What each token adds to the text: nothing for special tokens and for the first bytes of a character."""
        # Looked up one by one, four times as fast as a stream, which is left for characters of several tokens. Where
        # neighbours change a token's text (a space that only the first one loses), the whole text does not agree.
        texts = [self._lone_texts[token_id] for token_id in token_ids]
        if _REPLACEMENT in "".join(texts):
            are_parts = [_REPLACEMENT in text for text in texts]
            texts = []
            for is_part, run in groupby(zip(are_parts, token_ids, strict=True), key=itemgetter(0)):
                run_ids = [token_id for _, token_id in run]
                texts += self._streamed(run_ids) if is_part else map(self._lone_texts.__getitem__, run_ids)
        whole = self._tokenizer.decode(token_ids, skip_special_tokens=True)
        return tuple(texts if "".join(texts) == whole else self._streamed(token_ids))

    def _streamed(self, token_ids: Sequence[int]) -> list[str]:
        from tokenizers.decoders import DecodeStream

        stream = DecodeStream(skip_special_tokens=True)
        return [stream.step(self._tokenizer, token_id) or "" for token_id in token_ids]


class _LoneTexts(dict[int, str]):
    """The text of a token without neighbours, by its id; of those met so far."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __missing__(self, token_id: int) -> str:
        text: str = self._tokenizer.decode([token_id], skip_special_tokens=True)
        self[token_id] = text
        return text


def _token_text(token: Any) -> str:
    return token.get("content", "") if isinstance(token, dict) else token or ""


def _chat_template(directory: Path, settings: dict[str, Any]) -> Any:
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    file = directory / "chat_template.jinja"
    template = file.read_text("utf-8") if file.is_file() else settings.get("chat_template")
    if not isinstance(template, str):
        raise ModelError(f"{directory}: no chat template", "use an instruct model, or add chat_template.jinja")
    # the environment that transformers renders chat templates in
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    environment.globals["raise_exception"] = _raise_template_error
    environment.globals["strftime_now"] = lambda pattern: datetime.now().astimezone().strftime(pattern)
    return environment.from_string(template)


def _raise_template_error(message: str) -> None:
    raise ModelError(f"the model's chat template refuses the prompt: {message}", "use an instruct model")
