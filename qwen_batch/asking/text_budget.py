"""In how many prompts a document is asked: whole, or in chunks; from the settings `long` and the room there is.

Knows tokens and settings, nothing of documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qwen_batch.config import LongSettings


@dataclass(frozen=True, slots=True)
class TextBudget:
    """Tokens of text: a document of at most `whole` is one prompt, the chunks of a longer one have at most `part`."""

    whole: int
    part: int


def text_budget(room_tokens: int, heading_tokens: int, long: LongSettings) -> TextBudget:
    """The budget where a prompt has room for so many tokens of text; a chunk's headings take from its room."""
    part = min(room_tokens - heading_tokens, long.chunk_tokens)
    match long.mode:
        case "single":
            return TextBudget(room_tokens, room_tokens)
        case "map_reduce":
            return TextBudget(min(room_tokens, long.chunk_tokens), part)
        case "auto":
            return TextBudget(min(room_tokens, long.single_tokens), part)


def prompt_lengths(document_tokens: Sequence[int], long: LongSettings) -> list[int]:
    """About how many tokens of text each prompt of these documents will have, for the engine's context.

    Documents are estimated from above: one that seems too long for a single pass may still turn out to be just short
    enough, so the first of its prompts is counted that long.
    """
    if long.mode == "single":
        return list(document_tokens)
    whole = long.single_tokens if long.mode == "auto" else long.chunk_tokens
    lengths = []
    for tokens in document_tokens:
        rest = tokens - long.chunk_tokens if tokens > whole else 0
        lengths += [min(tokens, whole), *([long.chunk_tokens] * -(-rest // long.chunk_tokens))]
    return lengths


def shaping_settings(long: LongSettings) -> dict[str, Any]:
    """The settings that can change an answer in this mode, for the job's fingerprint."""
    unused = {"single": {"single_tokens", "chunk_tokens"}, "map_reduce": {"single_tokens"}, "auto": set[str]()}
    return long.model_dump(exclude=unused[long.mode])
