"""A document cut into passages along its structure, as Markdown: nothing left out, nothing twice, in order.

A table is a passage of its own below its headings, and is cut between rows where it is too long; a heading stands with
what follows it. A passage ends with the white space that stands behind it, so that answers can be put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qwen_batch.asking.headings import Heading
from qwen_batch.asking.outlining.document_headings import document_to_headings
from qwen_batch.engine.tokens import Tokenizer
from qwen_batch.records import Chunk, CleanDocument

PASSAGES_VERSION = 1
"""Part of the fingerprint of jobs that are asked by passages: raise it when they or their terms are found otherwise."""
MAX_LEVEL = 6
GAP = "\n\n"
_LINE = re.compile(r"[^\n]*\n|[^\n]+$")
_SENTENCE = re.compile(r".*?(?:[.!?](?=\s)|[。！？；])\s*|.+$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a table or running text: characters [start, end) of the clean text, and how it is written out.

    `text` ends with the white space behind it.
    """

    kind: Literal["heading", "table", "text"]
    start: int
    end: int
    text: str


def document_to_passages(clean: CleanDocument, tokens: int, tokenizer: Tokenizer) -> tuple[Chunk, ...]:
    """The document as passages of at most so many tokens, a single line of a table aside."""
    count = _Counter(tokenizer)
    blocks = [part for block in document_to_blocks(clean) for part in _split(block, tokens, count)]
    passages = list(_packed(blocks, tokens, count))
    return tuple(
        Chunk("".join(one.text for one in some), some[0].start, some[-1].end, index, len(passages), alone=True)
        for index, some in enumerate(passages)
    )


def document_to_blocks(clean: CleanDocument) -> list[Block]:
    """All of a text in blocks, headings marked as Markdown has them."""
    headings = {one.start: one for one in document_to_headings(clean)}
    blocks: list[Block] = []
    at = 0
    for found in _LINE.finditer(clean.text):
        if found.start() < at:
            continue
        line, start = found[0], found.start()
        if start in headings:
            at = _heading_end(clean.text, headings[start])
            blocks.append(Block("heading", start, at, _as_heading(headings[start])))
        elif not line.strip():
            at = found.end()
            if blocks:
                blocks[-1] = replace(blocks[-1], end=at, text=blocks[-1].text + line)
        else:
            at = found.end()
            _add_line(blocks, start, at, line)
    return _apart(blocks)


def _add_line(blocks: list[Block], start: int, end: int, line: str) -> None:
    """A line of its own block, or of the one before if that goes on."""
    kind: Literal["table", "text"] = "table" if line.lstrip().startswith("|") else "text"
    last = blocks[-1] if blocks else None
    if last is not None and last.kind == kind and not last.text.endswith(GAP):
        blocks[-1] = replace(last, end=end, text=last.text + line)
    else:
        blocks.append(Block(kind, start, end, line))


def _heading_end(text: str, heading: Heading) -> int:
    """Where the line ends that a heading is written in, or the last of its lines."""
    words = r"\s+".join(map(re.escape, heading.title.split()))
    found = re.compile(rf"\s*(?:#+\s+)?{words}").match(text, heading.start)
    at = text.find("\n", found.end() if found else heading.start)
    return len(text) if at < 0 else at + 1


def _as_heading(heading: Heading) -> str:
    return f"{'#' * min(heading.rank + 1, MAX_LEVEL)} {heading.title}\n"


def _apart(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with a blank line between those of different kinds, as Markdown wants it."""
    ended = []
    for place, one in enumerate(blocks):
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        differs = following is not None and (following.kind != one.kind or one.kind == "heading")
        ended.append(replace(one, text=one.text.rstrip() + GAP) if differs else one)
    return ended


@dataclass(slots=True)
class _Counter:
    tokenizer: Tokenizer

    def of(self, text: str) -> int:
        return len(self.tokenizer.token_ends(text))


def _split(block: Block, tokens: int, count: _Counter) -> Iterator[Block]:
    """A block that is too long in parts: a table between rows, text between lines, sentences, else anywhere."""
    if block.kind == "heading" or count.of(block.text) <= tokens:
        yield block
        return
    lines = [found[0] for found in _LINE.finditer(block.text)]
    pieces = lines if block.kind == "table" else [piece for line in lines for piece in _pieces(line, tokens, count)]
    at, held = block.start, ""
    for piece in pieces:
        if held and count.of(held + piece) > tokens:
            yield Block(block.kind, at, min(at + len(held), block.end), held)
            at, held = at + len(held), ""
        held += piece
    yield Block(block.kind, min(at, block.end), block.end, held)


def _pieces(line: str, tokens: int, count: _Counter) -> Iterator[str]:
    """A line, or its sentences, or what fits of them."""
    if count.of(line) <= tokens:
        yield line
        return
    for found in _SENTENCE.finditer(line):
        sentence = found[0]
        while sentence:
            ends = count.tokenizer.token_ends(sentence)
            if len(ends) <= tokens:
                yield sentence
                break
            at = ends[tokens - 1]
            space = sentence.rfind(" ", at // 2, at)
            at = space + 1 if space > 0 else at
            yield sentence[:at]
            sentence = sentence[at:]


def _packed(blocks: Sequence[Block], tokens: int, count: _Counter) -> Iterator[list[Block]]:
    """Neighbours that fit one passage; each heading with what it is above."""
    held: list[Block] = []
    size = 0
    sizes = [count.of(block.text) for block in blocks]
    for place, block in enumerate(blocks):
        bare = all(one.kind == "heading" for one in held)
        wanted = sizes[place] + (sizes[place + 1] if block.kind == "heading" and place + 1 < len(sizes) else 0)
        table_next = block.kind == "heading" and place + 1 < len(blocks) and blocks[place + 1].kind == "table"
        if held and not bare and (size + wanted > tokens or block.kind == "table" or table_next):
            yield held
            held, size = [], 0
        held.append(block)
        size += sizes[place]
        if block.kind == "table":
            yield held
            held, size = [], 0
    if held:
        yield held
