"""Headings in clean text, and the path of headings above a place: "ARTICLE VII TERM" > "7.2 Renewal".

Found by how headings are written anywhere: Markdown, numbered articles and clauses, lines of capitals or titles that
stand alone, 第三章, 一、. A heading that is missed or one too many costs a cut or a label, never text. Knows nothing of
chunks' sizes or prompts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from qwen_batch.cjk import CJK
from qwen_batch.records import Chunk

MAX_LINE_CHARS = 100  # a longer line is text, unless it begins with a numbered heading
MAX_TITLE_CHARS = 70
MAX_TITLE_WORDS = 10
MAX_CJK_TITLE_CHARS = 25
MAX_CAPITAL_LINES = 2  # more lines of capitals in a row are a notice
MIN_BODY_CHARS = 60  # of the line below a title that has no number

_ANNEX, _PART, _CHAPTER, _ARTICLE, _SECTION, _TITLE = 10, 30, 40, 50, 60, 95
_CAPITALS = _SECTION  # a level too few misleads less than "RECITALS" above every article
_LABELS = {
    **dict.fromkeys(("exhibit", "schedule", "annex", "appendix", "attachment"), _ANNEX),
    "part": _PART,
    "chapter": _CHAPTER,
    "article": _ARTICLE,
    "section": _SECTION,
}
_CJK_LABELS = {"编": _PART, "部分": _PART, "章": _CHAPTER, "节": _ARTICLE, "条": _SECTION}
_CJK_NUMBER = "[一二三四五六七八九十百零〇两]"
_WORD_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"

_MARKDOWN = re.compile(r"(#{1,6})\s+(\S.*)")
_LABEL_NUMBER = rf"[ivxlc]+|[a-z]|\d+(?:\.\d+)*(?:-\w+)?|{_WORD_NUMBERS}"
_LABELLED = re.compile(rf"({'|'.join(_LABELS)})\s+({_LABEL_NUMBER})\b(.*)", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})([.)]?)\s+(\S.*)")
_CJK_LABELLED = re.compile(rf"(第(?:{_CJK_NUMBER}|\d)+(编|部分|章|节|条))(.*)")
_CJK_LISTED = re.compile(rf"(?:{_CJK_NUMBER}+[、.．]|([（(]){_CJK_NUMBER}+[)）])\s*(\S.*)")
_CJK_ANNEX = re.compile(rf"附[件录表](?:{_CJK_NUMBER}|[\dA-Z])*(?:$|[\s:：].{{0,30}})")
_LEADERS = re.compile(r"[.·…]\s?[.·…]\s?[.·…]\s*\d*$")  # ends a line of a table of contents
_RUN_IN = re.compile(r"(.{2,70}?)(?:[.:](?=\s)|[.:]$|\s[-–—]\s)")  # "Renewal. This Agreement ..."
_SEPARATORS = " \t\u3000.:：、-–—"
_CJK = re.compile(f"[{CJK}]")
_CJK_SENTENCE = re.compile(r"[，。；！？]|[가-힣][.!?]")  # Korean ends its sentences as Latin does
_SMALL_WORD_CHARS = 3
_MIN_CAPITALS = 4
_CAPITALS_SHARE = 0.9
_MAX_SUBNUMBER = 40  # "5.65" is a figure, no clause
_CONTENTS_LINES = 6
_CONTENTS_GAP = 4  # lines from one entry to the next, at most
_CONTENTS_SHARE = 0.6
_MAX_SMALL_WORDS = 2  # that begin with a small letter, in an entry of a table of contents


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading whose line begins at character `start`; the lower its `rank`, the more stands under it."""

    start: int
    rank: int
    title: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    is_alone: bool
    capitals: bool


def text_to_headings(text: str) -> list[Heading]:
    """The headings of a text in order; linear in its length."""
    lines = list(_lines(text))
    found: dict[int, Heading] = {}
    for place, line in enumerate(lines):
        before = found.get(place - 1)
        if before and line.capitals and before.title.endswith(_clipped(line.text)):
            continue  # the title of the label above it
        below = lines[place + 1] if place + 1 < len(lines) else None
        heading = _heading(line, below) or _unnumbered(lines, place)
        if heading is not None:
            found[place] = heading
    return [found[place] for group in _groups(found, lines) if not _is_contents(group) for place in group]


def heading_path(headings: Sequence[Heading], at: int) -> tuple[str, ...]:
    """The titles above character `at`, outermost first; a heading that begins there is text and not in its own path."""
    return tuple(heading.title for heading in headings_above(headings, [at])[0])


def headings_above(headings: Sequence[Heading], places: Sequence[int]) -> list[tuple[Heading, ...]]:
    """The headings above each of these characters, outermost first; `places` ascend, and one pass finds them all."""
    open_ones: list[Heading] = []
    above = []
    ahead = 0
    for at in places:
        while ahead < len(headings) and headings[ahead].start < at:
            _open(open_ones, headings[ahead])
            ahead += 1
        here = headings[ahead] if ahead < len(headings) and headings[ahead].start == at else None
        above.append(tuple(one for one in open_ones if here is None or one.rank < here.rank))
    return above


def _open(open_ones: list[Heading], heading: Heading) -> None:
    while open_ones and open_ones[-1].rank >= heading.rank:
        open_ones.pop()
    open_ones.append(heading)


def with_headings(chunk: Chunk) -> str:
    """The text of a chunk as a prompt shows it: under the headings that it stands below in the document."""
    return f"[{' > '.join(chunk.headings)}]\n{chunk.text}" if chunk.headings else chunk.text


def _groups(places: Iterable[int], lines: Sequence[_Line]) -> list[list[int]]:
    """Lines of headings that follow each other closely, without running text between them."""
    groups: list[list[int]] = []
    for place in places:
        last = groups[-1][-1] if groups else -_CONTENTS_GAP - 1
        if place - last > _CONTENTS_GAP or any(map(_is_running_text, lines[last + 1 : place])):
            groups.append([])
        groups[-1].append(place)
    return groups


def _is_running_text(line: _Line) -> bool:
    words = re.findall(r"\b[a-z]{4,}", line.text)
    return (len(line.text) >= MIN_BODY_CHARS and len(words) > _MAX_SMALL_WORDS) or bool(_CJK_SENTENCE.search(line.text))


def _is_contents(group: list[int]) -> bool:
    """Whether lines of headings are a table of contents: many, with hardly a line between them."""
    return len(group) >= _CONTENTS_LINES and len(group) >= _CONTENTS_SHARE * (group[-1] - group[0] + 1)


def _lines(text: str) -> Iterator[_Line]:
    for found in re.finditer(r"[^\n]+", text):
        stripped = found[0].strip()
        if stripped:
            before, after = text[found.start() - 2 : found.start()], text[found.end() : found.end() + 2]
            is_alone = before in {"", "\n\n"} and after in {"", "\n\n"}
            yield _Line(found.start(), stripped, is_alone, _is_capitals(stripped))


def _is_capitals(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    is_mostly_letters = len(letters) >= _MIN_CAPITALS and len(letters) * 2 >= len(line)
    return is_mostly_letters and sum(map(str.isupper, letters)) >= len(letters) * _CAPITALS_SHARE


def _heading(line: _Line, below: _Line | None) -> Heading | None:
    """A heading that says so itself, by a mark, a label or a number."""
    text = line.text
    if text.startswith("|") or _LEADERS.search(text[-MAX_LINE_CHARS:]):
        return None
    if (found := _MARKDOWN.match(text)) and len(text) <= MAX_LINE_CHARS:
        return Heading(line.start, len(found[1]), _clipped(found[2].rstrip("# ")))
    if found := _LABELLED.match(text):
        return _labelled(line, below, f"{found[1]} {found[2]}", found[3], _LABELS[found[1].lower()])
    if found := _CJK_LABELLED.match(text):
        return _labelled(line, below, found[1], found[3], _CJK_LABELS[found[2]])
    if _CJK_ANNEX.match(text) and not _CJK_SENTENCE.search(text):
        return Heading(line.start, _ANNEX, _clipped(text))
    if (found := _CJK_LISTED.match(text)) and _is_title(found[2]):
        return Heading(line.start, _SECTION + (5 if found[1] else -5), _clipped(text))
    if found := _NUMBERED.match(text):
        return _numbered(line, found)
    return None


def _labelled(line: _Line, below: _Line | None, label: str, rest: str, rank: int) -> Heading | None:
    """An article or the like: its title stands beside it, in front of its text, or on the line below."""
    rest = rest.strip(_SEPARATORS)
    if not rest:
        title = below.text if below and _is_title(below.text) and not _heading(below, None) else ""
        return Heading(line.start, rank, _clipped(f"{label} {title}".strip()))
    title = _title_in(rest)
    if title:
        return Heading(line.start, rank, _clipped(f"{label} {title}"))
    is_cjk_clause = label.startswith("第") and line.text[len(label)] in _SEPARATORS
    return Heading(line.start, rank, label) if is_cjk_clause else None


def _numbered(line: _Line, found: re.Match[str]) -> Heading | None:
    """A clause such as "7.2 Renewal"; a single number needs a dot behind it, or a title in capitals."""
    number, dot, rest = found.groups()
    title = _title_in(rest)
    depth = number.count(".") + 1
    is_figure = any(int(part) > _MAX_SUBNUMBER for part in number.split(".")[1:])
    if not title or is_figure or (depth == 1 and not dot and not _is_capitals(title)):
        return None
    return Heading(
        line.start, _SECTION + 10 * min(depth - 1, 3), _clipped(f"{number}{dot if depth == 1 else ''} {title}")
    )


def _unnumbered(lines: Sequence[_Line], place: int) -> Heading | None:
    """A line of capitals, or a title alone between blank lines above its text."""
    line = lines[place]
    if not _is_title(line.text) or "|" in line.text:
        return None
    if line.capitals:
        above = takewhile(lambda one: one.capitals, reversed(lines[max(0, place - MAX_CAPITAL_LINES) : place]))
        below = takewhile(lambda one: one.capitals, lines[place + 1 : place + 1 + MAX_CAPITAL_LINES])
        is_notice = len(list(above)) + 1 + len(list(below)) > MAX_CAPITAL_LINES or line.text.endswith(".")
        return None if is_notice else Heading(line.start, _CAPITALS, _clipped(line.text))
    has_body = place + 1 < len(lines) and len(lines[place + 1].text) >= MIN_BODY_CHARS
    return Heading(line.start, _TITLE, _clipped(line.text)) if line.is_alone and has_body else None


def _title_in(rest: str) -> str:
    """The title that a numbered line is, or begins with; empty if it is a sentence."""
    if _is_title(rest):
        return rest.rstrip(".:")
    if _CJK.search(rest):
        first = re.split(r"[\s\u3000:：]", rest, maxsplit=1)[0]
        return first if first != rest and _is_title(first) else ""
    found = _RUN_IN.match(rest)
    return found[1] if found and _is_title(found[1]) else ""


def _is_title(text: str) -> bool:
    """Short, no sentence, and its longer words capitalised."""
    if _CJK.search(text):
        return 1 < len(text) <= MAX_CJK_TITLE_CHARS and text[0].isalpha() and not _CJK_SENTENCE.search(text)
    words = re.findall(r"[^\W\d_][\w'’-]*", text)
    return (
        0 < len(words) <= MAX_TITLE_WORDS
        and len(text) <= MAX_TITLE_CHARS
        and text[-1] not in ",;"
        and words[0][0].isupper()
        and max(map(len, words)) >= _SMALL_WORD_CHARS
        and all(word[0].isupper() for word in words if len(word) > _SMALL_WORD_CHARS)
        and not re.search(r"[.;:?!]\s", text)
    )


def _clipped(title: str) -> str:
    return " ".join(title.split())[:MAX_TITLE_CHARS].rstrip()
