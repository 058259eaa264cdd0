"""A condensed log as chunks of whole lines: as many as a prompt may show, and as fit its room."""

from __future__ import annotations

from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.job.logs.lines import CondensedLog
from qwen_batch.records import Chunk


def log_to_chunks(log: CondensedLog, most_lines: int, room: int, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    """The shown lines in chunks of about the same number, none of more than `most_lines` or `room` tokens."""
    text, lines = log.clean.text, log.shown
    parts = max(1, -(-len(lines) // most_lines))
    most_lines = -(-len(lines) // parts)
    starts: list[int] = []
    count = tokens = 0
    for number, line in enumerate(lines):
        end = lines[number + 1].start if number + 1 < len(lines) else len(text)
        size = len(tokenizer.token_ends(text[line.start : end]))
        if not starts or count == most_lines or tokens + size > room:
            starts.append(line.start)
            count = tokens = 0
        count, tokens = count + 1, tokens + size
    ends = [*starts[1:], len(text)]
    return tuple(
        Chunk(text[start:end], start, end, number, len(starts))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
