"""An answer that was cut off: what is whole of it is kept, and the rest is asked for from there.

Whole are the fields before the one that it broke off in, and of a list the items before the one that it broke off in.
Knows JSON text, prompts and jobs, nothing of engines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from qwen_batch.asking.prompts import shown
from qwen_batch.engine.tokens import Messages, Tokenizer
from qwen_batch.job.definition import Job, job_decoding_schema, job_schema
from qwen_batch.records import Completion, Prompt
from qwen_batch.schema_walk import definitions_of, may_be_null, options_of, referred, resolved

MIN_REST_TOKENS = 64
"""With less room for the rest it is not asked for."""
SHOWN_ITEMS = 3
"""So many of a list's last items are shown where there is no room for all that is there."""
MAX_PLACE_CHARS = 160
_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is whole of an answer: `completion` ends behind it, `data` is the same as values.

    `open_list` is the list that it broke off in, if an item of it is whole; `left` are the fields that come after.
    """

    completion: Completion
    data: dict[str, Any]
    open_list: str | None
    left: tuple[str, ...]

    @property
    def items(self) -> list[Any]:
        """The whole items of the open list."""
        return list(self.data[self.open_list]) if self.open_list else []

    def goes_beyond(self, before: Kept | None) -> bool:
        """Whether it has more fields or items than what was kept before."""
        return before is None or (len(self.data), len(self.items)) > (len(before.data), len(before.items))


def kept_of(completion: Completion, job: Job) -> Kept | None:
    """What is whole of an answer that was cut off; None if nothing is."""
    fields = _asked(job)
    data, end, open_list = _whole(completion.text)
    if not data or not set(data) <= set(fields):
        return None
    kept = Kept(_until(completion, end), data, open_list, tuple(name for name in fields if name not in data))
    most = _most_items(fields[open_list], job) if open_list else None
    if most is not None and len(kept.items) >= most:
        return replace(kept, completion=_with(kept.completion, "]"), open_list=None)
    return kept


def rest_prompt(prompt: Prompt, kept: Kept, job: Job, tokenizer: Tokenizer, context: int) -> Prompt | None:
    """The question for the rest: what is there, and where in the text it goes on; None where there is no room for it.

    `prompt` is the question that was cut off.
    """
    for there in (_closed_text(kept.data), _closed_text(_last_items(kept))):
        messages: Messages = (*prompt.messages, ("assistant", there), ("user", _go_on(kept, shown(prompt.chunk))))
        token_ids = tokenizer.render(messages)
        room = context - len(token_ids)
        if room >= MIN_REST_TOKENS:
            return replace(
                prompt,
                messages=tuple(messages),
                token_ids=token_ids,
                json_schema=_rest_schema(kept, job),
                max_tokens=min(prompt.max_tokens, room),
            )
    return None


def joined(kept: Kept, rest: Completion) -> Completion:
    """What was kept and its continuation as one answer, with the tokens of both."""
    at = _begin_of_rest(rest.text, kept.open_list)
    if at is None:
        return replace(kept.completion, finish_reason=rest.finish_reason)
    following = rest.text[at:].lstrip(_SPACE)
    needs_comma = following[:1] not in ("]", "}", "")
    first = _with(kept.completion, ", ") if needs_comma else kept.completion
    second = _between(rest, at, len(rest.text))
    has_logprobs = bool(first.logprobs) == bool(second.logprobs)
    return replace(
        rest,
        text=first.text + second.text,
        token_texts=(*first.token_texts, *second.token_texts) if has_logprobs else (),
        logprobs=(*first.logprobs, *second.logprobs) if has_logprobs else (),
    )


def closed(kept: Kept, job: Job) -> Completion | None:
    """What was kept as an answer of its own: the fields that are left are null or empty; None where they may not be.

    What closes it has no probability, for nobody said it.
    """
    fields = _asked(job)
    nothing = {name: _nothing(fields[name], job) for name in kept.left}
    if any(value is None for value in nothing.values()):
        return None
    ending = "]" if kept.open_list else ""
    ending += "".join(f", {json.dumps(name)}: {value}" for name, value in nothing.items()) + "}"
    one = kept.completion
    texts = (*one.token_texts, ending) if one.token_texts else ()
    return replace(one, text=one.text + ending, token_texts=texts, finish_reason="stop")


def unfinished_of(kept: Kept) -> tuple[str, ...]:
    """The fields of which such an answer does not say all."""
    return (*((kept.open_list,) if kept.open_list else ()), *kept.left)


def _asked(job: Job) -> dict[str, Any]:
    """The fields that the model fills in, in its order, as the job's own schema has them."""
    fields = job_schema(job)["properties"]
    return {name: fields[name] for name in json.loads(job_decoding_schema(job))["properties"]}


@dataclass(frozen=True, slots=True)
class _Place:
    """A decoded value and where it ends."""

    value: Any
    end: int


def _whole(text: str) -> tuple[dict[str, Any], int, str | None]:
    """The whole fields of a JSON object that breaks off, where they end, and the list that is open there."""
    data: dict[str, Any] = {}
    at = _skip(text, 0)
    end = at + 1
    if text[at : at + 1] != "{":
        return {}, 0, None
    at = end
    while (key := _value(text, _skip(text, at, ","))) and isinstance(key.value, str):
        at = _skip(text, key.end, ":")
        if value := _value(text, at):
            data[key.value], at, end = value.value, value.end, value.end
            continue
        items: list[Any] = []
        if text[at : at + 1] == "[":
            at += 1
            while item := _value(text, _skip(text, at, ",")):
                items.append(item.value)
                at = item.end
        if items:
            return {**data, key.value: items}, at, key.value
        break
    return data, end, None


def _value(text: str, at: int) -> _Place | None:
    """The value that begins there; None if it is none, or may go on where the text ends."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return None if end == len(text) and text[end - 1] not in '"}]' else _Place(value, end)


def _skip(text: str, at: int, beside: str = "") -> int:
    while at < len(text) and text[at] in _SPACE + beside:
        at += 1
    return at


def _begin_of_rest(text: str, open_list: str | None) -> int | None:
    """Where in a continuation the values begin that follow what was kept; None if it breaks off before."""
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        return None
    if open_list is None:
        return at + 1
    key = _value(text, _skip(text, at + 1))
    if key is None or key.value != open_list:
        return None
    at = _skip(text, key.end, ":")
    return at + 1 if text[at : at + 1] == "[" else None


def _until(completion: Completion, end: int) -> Completion:
    return _between(completion, 0, end)


def _between(completion: Completion, start: int, end: int) -> Completion:
    """Characters [start, end) of a completion, with the tokens that stand at least partly there."""
    ends = list(accumulate(map(len, completion.token_texts)))
    starts = [0, *ends[:-1]]
    inside = [place for place, (low, high) in enumerate(zip(starts, ends, strict=False)) if low < end and high > start]
    texts = (completion.token_texts[at][max(0, start - starts[at]) : end - starts[at]] for at in inside)
    return replace(
        completion,
        text=completion.text[start:end],
        token_texts=tuple(texts),
        logprobs=tuple(completion.logprobs[at] for at in inside if at < len(completion.logprobs)),
    )


def _with(completion: Completion, text: str) -> Completion:
    """The completion with punctuation behind it, of which nobody doubts."""
    if not completion.token_texts:
        return replace(completion, text=completion.text + text)
    return replace(
        completion,
        text=completion.text + text,
        token_texts=(*completion.token_texts, text),
        logprobs=(*completion.logprobs, 0.0),
    )


def _array(field: dict[str, Any], job: Job) -> dict[str, Any] | None:
    """The list that a field is, also one that may be null."""
    body: dict[str, Any] = resolved(field, definitions_of(job_schema(job)))
    return body if body.get("type") == "array" else None


def _most_items(field: dict[str, Any], job: Job) -> int | None:
    array = _array(field, job)
    return None if array is None else array.get("maxItems")


def _nothing(field: dict[str, Any], job: Job) -> str | None:
    """JSON text of nothing for a field; None where it must say something."""
    if may_be_null(field):
        return "null"
    array = _array(field, job)
    return "[]" if array is not None and not array.get("minItems") else None


def _rest_schema(kept: Kept, job: Job) -> str:
    """The decoding schema of what is left: the open list with the items that it may still have, then the fields."""
    schema = json.loads(job_decoding_schema(job))
    left = {name: schema["properties"][name] for name in kept.left}
    if kept.open_list:
        field = referred(schema["properties"][kept.open_list], definitions_of(schema))
        array = next((one for one in (field, *options_of(field)) if one.get("type") == "array"), field)
        bounds = {"minItems": 0, "maxItems": array["maxItems"] - len(kept.items)} if "maxItems" in array else {}
        left = {kept.open_list: {**array, "minItems": 0, **bounds}, **left}
    return json.dumps({**schema, "properties": left, "required": list(left)}, ensure_ascii=False)


def _closed_text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False)


def _last_items(kept: Kept) -> dict[str, Any]:
    return {kept.open_list: kept.items[-SHOWN_ITEMS:]} if kept.open_list else {}


def _go_on(kept: Kept, text: str) -> str:
    """What is said of the rest: from where on, and which keys."""
    fields = ", ".join(kept.left)
    if not kept.open_list:
        return f"That answer was cut off. Give the rest of it: JSON with the keys {fields}."
    place = _place(kept.items, text)
    behind = f' The last of them stands at "{place}": go on behind it.' if place else ""
    after = f", then the keys {fields}" if fields else ""
    return (
        f"That answer was cut off. It has the first {len(kept.items)} of {kept.open_list}.{behind} "
        f"Give JSON with the key {kept.open_list}, holding only those that are still missing, none twice, "
        f"an empty list if there are no more{after}."
    )


def _place(items: Sequence[Any], text: str) -> str:
    """The words at which the last item stands, and what follows; only its quote where the text does not have it."""
    last = items[-1]
    quote = " ".join(str(last.get("quote") or "").split()) if isinstance(last, dict) else ""
    if not quote:
        return ""
    plain = " ".join(text.split())
    at = plain.rfind(quote)
    return (plain[at : at + max(MAX_PLACE_CHARS, len(quote))] if at >= 0 else quote).replace('"', "'")
