"""Collects what a file holds, block after block, as pages of lines without positions.

Knows no file format. Blocks are set apart by an empty line, which is what separates paragraphs where there are no
positions. In a block's text EXPLICIT_BREAK and RENDERED_BREAK begin a page, also within a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.markdown import NO_BOX, Origin, rows_to_lines
from qwen_batch.reading.parts.reader import check_page_count
from qwen_batch.records import Behind, HiddenKind, HiddenText, Line, Page

EXPLICIT_BREAK = "\f"
RENDERED_BREAK = "\v"
"""Where a program broke the page when it last showed the file; behind an explicit break it says nothing new."""
MAX_HEADING_LEVEL = 6
ITEM_INDENT = "  "

_BREAK = re.compile(r"([\f\v])")
_LEADING_BREAKS = re.compile(r"\s*[\f\v]\s*")
_NEWLINE = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t\xa0]+")


@dataclass(slots=True)
class PageDraft:
    """A page in the making; `section` is the writer's when the page began, `pictures` are parts of the file.

    `furniture_pictures` are parts too, those in its header and footer.
    """

    section: int
    lines: list[Line] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    furniture_pictures: list[str] = field(default_factory=list)
    hidden: list[HiddenText] = field(default_factory=list)
    behind: list[Behind] = field(default_factory=list)

    @property
    def has_text(self) -> bool:
        """Whether anything but empty lines and footers stands on it."""
        return any(line.text for line in self.lines if line.kind in {"text", "table"})


class PageWriter:
    """Appends blocks to its last page. `section` is the caller's: a page remembers its value. Raises Unreadable."""

    def __init__(self, settings: ReadSettings) -> None:
        self.section = 0
        self.drafts = [PageDraft(0)]
        self._settings = settings
        self._in_list = False

    def heading(self, text: str, level: int) -> None:
        """A heading as Markdown; levels below the sixth are the sixth."""
        if text := self._without_leading_breaks(_NEWLINE.sub(" ", text)).strip():
            self.paragraph("#" * min(max(level, 1), MAX_HEADING_LEVEL) + " " + text)

    def paragraph(self, text: str, *, gap: bool = True) -> None:
        """A paragraph; its line breaks stay, and without `gap` it follows the line before directly."""
        self._in_list = False
        first, *rest = _BREAK.split(self._without_leading_breaks(text))
        running = self._append(first, gap=gap)
        for mark, part in zip(rest[::2], rest[1::2], strict=True):
            self.break_page(rendered=mark == RENDERED_BREAK)
            running = self._append(part, gap=not running)

    def item(self, text: str, marker: str = "-", depth: int = 0) -> None:
        """An item of a list, indented by its depth; items follow each other without an empty line."""
        if text := self._without_leading_breaks(text).strip():
            self.paragraph(f"{ITEM_INDENT * depth}{marker} {text}", gap=not self._in_list)
            self._in_list = True

    def preformatted(self, text: str) -> None:
        """Text whose spaces and line breaks stay."""
        self._in_list = False
        lines = [line.rstrip() for line in _NEWLINE.split(text)]
        if any(lines):
            self._gap()
            self.lines([Line(line, NO_BOX) for line in lines])

    def table(self, rows: Sequence[Sequence[str]], origin: Origin | None = None) -> None:
        """A table; its first row is the header. A row with a page break in it begins the page."""
        self._in_list = False
        kept = [row for row in rows if any(map(str.strip, row))]
        lines = rows_to_lines(rows, origin)
        start = 0
        for index, row in enumerate(kept):
            if any(_BREAK.search(cell) for cell in row):
                at = index + 1 if index else 0  # behind the rule, which is no row
                self._table_part(lines[start:at])
                self.break_page(rendered=True)
                start = at
        self._table_part(lines[start:])

    def titled_table(self, titles: Sequence[str], rows: Sequence[Sequence[str]], origin: Origin | None = None) -> None:
        """A table under its titles, which are part of it: repeated on sheet after sheet, they are no page headers.

        `origin` is that of the titles and the rows below them.
        """
        if titles:
            self._table_part([Line(" ".join(title.split()), NO_BOX, kind="table") for title in titles])
        below = replace(origin, rows=origin.rows[len(titles) :]) if origin else None
        self.table(rows, below)

    def lines(self, lines: Sequence[Line]) -> None:
        """Lines as they are."""
        self.drafts[-1].lines.extend(lines)

    def warn(self, warning: str) -> None:
        """A warning on the last page, once."""
        if warning not in self.drafts[-1].warnings:
            self.drafts[-1].warnings.append(warning)

    def hide(self, kind: HiddenKind, text: str) -> None:
        """Words of the last page that nobody sees who looks at it."""
        if text.strip():
            self.drafts[-1].hidden.append(HiddenText(kind, text.strip()))

    def keep_behind(self, behind: Sequence[Behind]) -> None:
        """What stands behind the cells of the last page."""
        self.drafts[-1].behind.extend(behind)

    def cover(self) -> None:
        """Words on the last page that something covers, which may be a redaction: they are kept nowhere."""
        self.drafts[-1].hidden.append(HiddenText("covered", ""))

    def picture(self, part: str) -> None:
        """A picture on the last page, as the name of the file's part that holds it."""
        self.drafts[-1].pictures.append(part)

    def break_page(self, *, rendered: bool = False) -> None:
        """Begins a page; a `rendered` break does not where the page is still without text."""
        if rendered and not self.drafts[-1].has_text:
            return
        self.drafts.append(PageDraft(self.section))
        check_page_count(len(self.drafts), self._settings)

    def pages(self) -> tuple[Page, ...]:
        """All pages, counted from 1; sizes are 0, for there are no positions."""
        return tuple(
            Page(
                number,
                0,
                0,
                tuple(draft.lines),
                warnings=tuple(draft.warnings),
                hidden=tuple(draft.hidden),
                behind=tuple(draft.behind),
            )
            for number, draft in enumerate(self.drafts, start=1)
        )

    def _without_leading_breaks(self, text: str) -> str:
        leading = _LEADING_BREAKS.match(text)
        for mark in _BREAK.findall(leading[0]) if leading else ():
            self.break_page(rendered=mark == RENDERED_BREAK)
        return text[leading.end() :] if leading else text

    def _append(self, text: str, *, gap: bool) -> bool:
        """Appends the lines of some text, behind an empty line with `gap`; False if there is no text."""
        indent = text[: len(text) - len(text.lstrip(" "))]
        lines = [Line(_SPACES.sub(" ", line).strip(), NO_BOX) for line in _NEWLINE.split(text)]
        if not any(line.text for line in lines):
            return False
        if indent:
            lines[0] = Line(indent + lines[0].text, NO_BOX)
        if gap:
            self._gap()
        self.lines(lines)
        return True

    def _gap(self) -> None:
        """An empty line, also at the top of a later page: no sentence runs over to what follows."""
        if self.drafts[-1].lines or len(self.drafts) > 1:
            self.drafts[-1].lines.append(Line("", NO_BOX))

    def _table_part(self, lines: Sequence[Line]) -> None:
        if lines:
            self._gap()
            self.lines(lines)
