"""The headings of a document as an outline has them: from its own marks, or from numbers, size and place on the page.

Where the file says what is a heading (Markdown, which is how Word, HTML and OpenDocument are read), nothing else is
one. Elsewhere a heading is a short line that is no sentence, and larger than the text, or counted on, or alone above a
paragraph. Knows nothing of jobs or prompts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qwen_batch.asking.headings import Heading, text_to_headings
from qwen_batch.asking.outlining.levels import Style, levelled
from qwen_batch.asking.outlining.lines import DrawnLine, body_size, drawn_lines
from qwen_batch.asking.outlining.marks import Mark, Series, marks_of
from qwen_batch.cjk import CJK
from qwen_batch.records import CleanDocument

MAX_CHARS = 110
MAX_WORDS = 14
MAX_CJK_CHARS = 40
MIN_BODY_CHARS = 40
"""A shorter line below a heading without a number must be a sentence to be its text."""
WRAPPED_SIZE = 0.15
"""By how much the size of a heading's second line may differ: it is told from the letters that it happens to have."""
SHORT_SHARE = 0.6
"""A line that stands above its text without a gap is a heading if it is this much shorter."""
LARGER, OCR_LARGER = 1.05, 1.3
"""How many times the size of the text a line has at least that is larger; boxes of recognised lines are rough."""
SMALLER = 0.9
"""A line without a number that is smaller than this share of the text is a note or a running line."""
MIN_MARKED = 2
DRAWN = ("application/pdf", "image/")
"""Files whose lines are what is seen on them: a number sign there is no mark."""
LIST_ITEMS = 3
"""So many lines in a row that are counted, with no text between them, are a list or a table of contents."""
_CJK = re.compile(f"[{CJK}]")
_MARKED = re.compile(r"(#{1,6})\s+(\S.*)")
_ENDS_SENTENCE = re.compile(r"[.,;:。，；：!！、]$")
_SENTENCE_INSIDE = re.compile(r"[。；！]|[.;!]\s+[A-Z]|，.*，")
_NO_HEADING = re.compile(
    r"[|•‣▪◦·*+–—-]|(?:figure|fig\.|table|chart|source|note|www\.|https?:)[\s\d.:/]|[图表資资][\s\d:：一-十]|\[?[表그]\s*\d",
    re.IGNORECASE,
)
_CODE = re.compile(r"[=<>{}_;|@]|\w\(\w*,")
_LEADERS = re.compile(r"(?:[.·…]\s?){4,}\s*\d*\s*$")
_CONTENTS = re.compile(r"(?:table of )?contents|目\s*[录錄次]|차\s*례", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: int
    line: DrawnLine
    mark: Mark | None
    is_large: bool

    def style(self, body: float) -> Style:
        """What headings of one level have in common: the kind of their numbers, else their size."""
        return (self.mark.kind, 0.0) if self.mark else ("", self.line.size if self.is_large else body)


def document_to_headings(clean: CleanDocument) -> list[Heading]:
    """The headings in order; `rank` is 0 for the highest, and one more for each level below it."""
    end = len(clean.text) if clean.facts_at is None else clean.facts_at
    marked = _marked(clean.text[:end])
    is_drawn = clean.document.mime.startswith(DRAWN)
    if len(marked) >= MIN_MARKED and not is_drawn:
        return levelled([((f"#{one.rank}", 0.0), one) for one in marked])
    lines = list(drawn_lines(clean, end))
    body = body_size(lines)
    candidates = list(_candidates(lines, body))
    found = {one.line.start: one for one in _without_lists(candidates)}
    judged = {one.line.start for one in candidates}
    written = {
        one.start: one
        for one in text_to_headings(clean.text[:end])
        if one.start not in judged and _is_outline(one, clean.text, is_drawn=is_drawn)
    }
    styled = []
    for start in sorted({*found, *written}):
        if start in found:
            one = found[start]
            styled.append((one.style(body), Heading(start, 0, one.line.text)))
        else:
            mark = next(marks_of(written[start].title), None)
            styled.append(((mark.kind, 0.0) if mark else ("", body), written[start]))
    return levelled(styled)


def _is_outline(one: Heading, text: str, *, is_drawn: bool) -> bool:
    """Whether a heading by its writing is one of the outline: a reference begins with a number and a name too."""
    ends = text.find("\n", one.start)
    line = text[one.start : ends if ends >= 0 else len(text)].strip()
    is_whole = len(line) <= len(one.title) + 2
    may_be = (is_whole or "," not in one.title) and not (is_drawn and _MARKED.match(line))
    return may_be and not _CODE.search(one.title) and not _CONTENTS.fullmatch(one.title) and not _NO_HEADING.match(line)


def _marked(text: str) -> list[Heading]:
    """The lines that are marked as headings, with the number of marks as their rank."""
    found = ((line, _MARKED.match(line[0])) for line in re.finditer(r"^#{1,6}\s+\S.*", text, re.MULTILINE))
    return [Heading(line.start(), len(mark[1]), mark[2].strip().rstrip("#").rstrip()) for line, mark in found if mark]


def _candidates(lines: Sequence[DrawnLine], body: float) -> Iterator[_Candidate]:
    series = Series()
    skip_until = 0
    last = -1
    for place, first in enumerate(lines):
        if place < skip_until or not _may_be_heading(first.text):
            continue
        is_large = _is_large(first, body)
        line, skip_until = _with_next(lines, place, body) if is_large else (first, place + 1)
        mark = series.next_of(line.text)
        if mark and not _may_be_title(mark.rest, counted=True):
            mark = None
        one = _Candidate(place, line, mark, is_large)
        around = _Around(
            is_apart=line.begins_block or last == place - 1 or _is_sentence(lines[place - 1].text),
            below=lines[skip_until] if skip_until < len(lines) else None,
        )
        if _is_heading(one, around, body):
            last = skip_until - 1
            if mark:
                series.take(mark)
            yield one


def _is_large(line: DrawnLine, body: float) -> bool:
    return bool(line.size) and line.size >= body * (OCR_LARGER if line.ocr else LARGER)


def _with_next(lines: Sequence[DrawnLine], place: int, body: float) -> tuple[DrawnLine, int]:
    """A large heading that goes on in the next line: as large, and no heading of its own; and where it ends."""
    line = lines[place]
    at = place + 1
    while at < len(lines) and len(line.text) < MAX_CHARS:
        following = lines[at]
        as_large = _is_large(following, body) and abs(following.size - line.size) <= WRAPPED_SIZE * line.size
        if not as_large or not _may_be_heading(following.text) or any(True for _ in _numbered(following.text)):
            break
        line = replace(line, text=f"{line.text} {following.text}", ends_block=following.ends_block)
        at += 1
    return line, at


def _numbered(text: str) -> Iterator[Mark]:
    mark = Series().next_of(text)
    if mark:
        yield mark


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a line: whether the text above has come to an end, and the line below."""

    is_apart: bool
    below: DrawnLine | None


def _is_heading(one: _Candidate, around: _Around, body: float) -> bool:
    line = one.line
    if one.is_large:
        return bool(one.mark) or _may_be_title(line.text)
    if one.mark:
        return line.begins_block or line.ends_block
    if line.size and line.size < body * SMALLER and not line.ocr:
        return False
    below = around.below
    has_body = below is not None and (_wide(below.text) >= MIN_BODY_CHARS or _is_sentence(below.text))
    is_alone = line.begins_block and line.ends_block
    is_short = around.is_apart and below is not None and _wide(line.text) <= SHORT_SHARE * _wide(below.text)
    return (is_alone or is_short) and has_body and _may_be_title(line.text)


def _wide(text: str) -> int:
    """How many Latin letters are about as wide as this text."""
    return len(text) + len(_CJK.findall(text))


def _is_sentence(text: str) -> bool:
    return bool(re.search(r"[.!?。！？]$", text) or _SENTENCE_INSIDE.search(text))


def _may_be_heading(text: str) -> bool:
    limit = MAX_CJK_CHARS if _CJK.search(text) else MAX_CHARS
    return (
        len(text) <= limit
        and sum(map(str.isalpha, text)) * 2 >= len(text.replace(" ", ""))
        and not _NO_HEADING.match(text)
        and not _LEADERS.search(text)
        and not _CODE.search(text)
        and not _CONTENTS.fullmatch(text)
    )


def _may_be_title(text: str, *, counted: bool = False) -> bool:
    """No sentence: it begins like one and does not end like one."""
    if not text or _ENDS_SENTENCE.search(text) or _SENTENCE_INSIDE.search(text):
        return False
    if _CJK.search(text):
        return len(text) > 1
    return len(text.split()) <= MAX_WORDS and (counted or text[0].isupper() or text[0].isdigit())


def _without_lists(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Without the items of lists: counted lines of one kind, no larger than the text, with nothing between them."""
    kept: list[_Candidate] = []
    run: list[_Candidate] = []
    for one in (*candidates, None):
        goes_on = bool(run and one and one.place == run[-1].place + 1 and one.style(0) == run[-1].style(0))
        if not goes_on:
            kept += [] if len(run) >= LIST_ITEMS and not run[0].is_large else run
            run = []
        if one:
            run.append(one)
    return kept
