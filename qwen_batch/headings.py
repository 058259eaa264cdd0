"""Headings of a clean text and the path of headings above a place in it. General patterns, no layout.

Numbered sections, articles, Markdown, lines in capitals, and the Chinese forms 第一条, 一、 and （一）.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_HEADING_CHARS = 60
MAX_DEPTH = 3
MIN_CAPITALS = 4
_MARKDOWN = re.compile(r"(#{1,6})\s+\S")
_NAMED = re.compile(r"(?:article|section|chapter|part|schedule|exhibit|annex|appendix)\s+[\divxlc]+\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])")
_CHINESE = re.compile(
    r"第[一二三四五六七八九十百零〇\d]{1,5}([编章节条])|([一二三四五六七八九十]{1,3})、|([（(][一二三四五六七八九十]{1,3}[)）])"
)
_CHINESE_LEVELS = {"编": 1, "章": 1, "节": 2, "条": 3}
_ENDS_SENTENCE = re.compile(r"[.;,:。；，：]\s*$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: where its line starts, 1 for the highest level, its words."""

    start: int
    level: int
    text: str


def text_to_headings(text: str) -> tuple[Heading, ...]:
    """All lines that look like headings, in their order."""
    found = []
    at = 0
    for line in text.split("\n"):
        level = _level(line.strip())
        if level:
            found.append(Heading(at, level, line.strip(" #")[:MAX_HEADING_CHARS]))
        at += len(line) + 1
    return tuple(found)


def heading_path(headings: Sequence[Heading], offset: int) -> tuple[str, ...]:
    """The headings above a place, the highest first; one that begins right there is not above it."""
    path: list[Heading] = []
    for heading in headings:
        if heading.start >= offset:
            break
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
    return tuple(heading.text for heading in path[-MAX_DEPTH:])


def _level(line: str) -> int:
    """Of a heading, from 1; 0 for any other line."""
    if not line or len(line) > MAX_HEADING_CHARS * 2:
        return 0
    markdown = _MARKDOWN.match(line)
    if markdown:
        return len(markdown[1])
    if _NAMED.match(line):
        return 1
    chinese = _CHINESE.match(line)
    if chinese:
        return _CHINESE_LEVELS.get(chinese[1] or "", 2)
    if len(line) > MAX_HEADING_CHARS or _ENDS_SENTENCE.search(line.rstrip(".")):
        return 0
    numbered = _NUMBERED.match(line)
    if numbered and (line[numbered.end()].isupper() or not line[numbered.end()].isascii()):
        return 1 + numbered[1].count(".")
    return 1 if _is_in_capitals(line) else 0


def _is_in_capitals(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    return len(letters) >= MIN_CAPITALS and line.isupper() and not line.endswith((".", ",", ";"))
