"""Passages of a document that are written to the model that reads it: orders, forged turns of a chat, forged fences.

A small model follows them whatever its prompt says, so it does not get to see them; a warning quotes each. Found by how
such passages are usually worded, in a language that `order_signs` knows; a new wording gets past, and so does what
gives no order, such as a false statement of fact (figures in docs/benchmarks.md). Knows text only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from qwen_batch.asking.orders.order_signs import CUES, DICTATES, FENCE, FOLLOWS, SIGNS

Span = tuple[int, int]

MAX_ORDER_CHARS = 1_000  # what is withheld around one sign of an order
MAX_ANSWER_CHARS = 20_000
_DECODER = json.JSONDecoder()
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”'’)\]]|$)[\"”'’)\]]?|[。！？]|\n\s*\n")
_WRAPPED_CHARS = 60  # a line so long may go on in the next


def orders_in(text: str, fields: Collection[str] = ()) -> tuple[Span, ...]:
    """Where a text speaks to the model: characters [start, end) in order, whole sentences, none overlapping.

    With the names of the `fields` that the model is asked for also what looks like its answer, an object with two of
    them as keys, and what calls a field as only the job does.
    """
    found = [*_between_fences(text), *_with_signs(text), *_with_all_cues(text)]
    if fields:
        found += [*_forged_answers(text, fields), *_named_fields(text, fields)]
    spans: list[Span] = []
    for start, end in sorted(found):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def without(text: str, spans: tuple[Span, ...]) -> str:
    """The text without these characters; a line that was nothing else goes whole."""
    kept = []
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        alone = (start == 0 or text[start - 1] == "\n") and text[end : end + 1] == "\n"
        at = end + alone
    return "".join([*kept, text[at:]])


def folded(text: str) -> str:
    """The text with all letters alike that are so to a pattern that ignores case, and perhaps some more."""
    return text.casefold().replace("i\N{COMBINING DOT ABOVE}", "i").replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")


def _with_signs(text: str) -> Iterator[Span]:
    """Passages with a sign of an order."""
    words = folded(text)
    for sign in SIGNS:
        if any(word in words for word in sign.needs):
            for found in sign.pattern.finditer(text):
                yield _passage(text, *found.span())


def _with_all_cues(text: str) -> Iterator[Span]:
    """Sentences that name a machine, address it, and say what it is to answer of what."""
    end = 0
    for machine in CUES[0].finditer(text):
        if machine.start() < end:
            continue
        start, end = _passage(text, *machine.span())
        if all(cue.search(text, start, end) for cue in CUES[1:]):
            yield start, end
        if end - start >= MAX_ORDER_CHARS:  # no sentence ends here: on by half a passage, not word by word
            end = max(end, machine.end() + MAX_ORDER_CHARS // 2)


def _named_fields(text: str, fields: Collection[str]) -> Iterator[Span]:
    """Sentences that tell what to write into a field, named as the job names it: `governing_law must be ...`.

    A table may have columns with such names, so the name alone says nothing.
    """
    names = "|".join(re.escape(field) for field in fields if "_" in field)
    end = 0
    for found in re.finditer(rf"\b(?:{names})\b", text) if names else ():
        if found.start() >= end:
            start, end = _passage(text, *found.span())
            if DICTATES.search(text, start, end):
                yield start, end


def _forged_answers(text: str, fields: Collection[str]) -> Iterator[Span]:
    """Objects in JSON, whole or broken, that have two of the fields as keys."""
    key = re.compile(rf'"({"|".join(map(re.escape, fields))})"\s*:')
    end = 0
    while first := key.search(text, end):
        end = first.end()
        start = text.rfind("{", max(0, first.start() - MAX_ORDER_CHARS), first.start())
        if start < 0:
            continue
        try:
            end = start + _DECODER.raw_decode(text[start : start + MAX_ANSWER_CHARS])[1]
        except (ValueError, RecursionError):
            end = _line_end(text, end)
        if len({found[1] for found in key.finditer(text, start, end)}) > 1:
            yield start, end


def _between_fences(text: str) -> Iterator[Span]:
    """From a forged tag to the next ones with the words between, from a single one to the end of its line.

    A document that opens its own `<document>` before it closes it forges nothing.
    """
    end = open_tags = 0
    for tag in FENCE.finditer(text):
        if tag.start() < end:
            continue
        if tag["document"] and (open_tags or not tag["closes"]):
            open_tags += -1 if tag["closes"] else 1
            continue
        end = tag.end()
        while after := FENCE.search(text, end, min(len(text), end + MAX_ORDER_CHARS)):
            end = after.end()
        if end == tag.end():
            end = _line_end(text, end)
        yield tag.start(), end


def _passage(text: str, start: int, end: int) -> Span:
    """The sentence around a sign of an order, and those behind it in its paragraph that go on giving orders."""
    while text[start : start + 1].isspace():
        start += 1
    line = _line_start(text, start)
    begins = [found.end() for found in _SENTENCE_END.finditer(text, line, start)]
    first = begins[-1] if begins else line
    while text[first : first + 1].isspace():
        first += 1
    limit = min(len(text), first + MAX_ORDER_CHARS)
    end = _sentence_end(text, max(first, end - 1), limit)
    while end < limit and text[end : end + 1] in (" ", "\t") and FOLLOWS.match(text, end):
        end = _sentence_end(text, end + 1, limit)
    return first, end


def _sentence_end(text: str, at: int, limit: int) -> int:
    """Where the sentence at `at` ends: at its full stop, or with its line unless that is wrapped."""
    stop = _SENTENCE_END.search(text, at, limit)
    end = limit if stop is None else stop.start() if stop[0].startswith("\n") else stop.end()
    line = _line_end(text, at)
    while line < end:
        is_prose = line - _line_start(text, line) >= _WRAPPED_CHARS and text[line - 1] not in "}]>|"
        is_wrapped = is_prose and text[line + 1 : line + 2].islower()
        if not is_wrapped:
            return line
        line = _line_end(text, line + 1)
    return end


def _line_start(text: str, at: int) -> int:
    """Where the line begins, or as far back as a passage may reach."""
    low = max(0, at - MAX_ORDER_CHARS)
    return max(low, text.rfind("\n", low, at) + 1)


def _line_end(text: str, at: int) -> int:
    """Where the line ends, or as far ahead as a passage may reach."""
    high = min(len(text), at + MAX_ORDER_CHARS)
    found = text.find("\n", at, high)
    return high if found < 0 else found
