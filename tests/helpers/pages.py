"""The project's pages as data: their fenced blocks, links, headings and inline code. Knows nothing of what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from helpers.places import ROOT

GENERATED = {"configuration.md", "failures.md"}
"""Made from the code, by scripts with tests of their own: only their links are looked at here."""
_FENCE = re.compile(r"^```(\w*)\s*$")
_NOT_RUN = re.compile(r"^<!-- not run: (.*) -->$")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`([^`]+)`")
_HEADING = re.compile(r"^#{1,6} (.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `not_run` is the reason that the page gives for not running it, in a comment above it."""

    page: str
    line: int
    language: str
    text: str
    not_run: str | None

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page taken apart; `prose` is what stands outside of fences, `open_fence` a fence that nothing closes."""

    path: Path
    name: str
    text: str
    blocks: tuple[Block, ...]
    prose: str
    open_fence: bool

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """Its headings as GitHub makes anchors of them."""
        headings = [match[1] for line in self.prose.splitlines() if (match := _HEADING.match(line))]
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    @property
    def inline(self) -> list[str]:
        """What stands between backticks, line by line."""
        return [code for line in self.prose.splitlines() for code in _INLINE.findall(line)]


def page_names() -> list[str]:
    """README, CHANGELOG and every page of docs/, from the repository's root."""
    return ["README.md", "CHANGELOG.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))]


def page(name: str) -> Page:
    """A page of the repository."""
    return text_to_page(ROOT / name, name, (ROOT / name).read_text())


def text_to_page(path: Path, name: str, text: str) -> Page:
    """The page's parts; a fence begins and ends with three backticks at the beginning of a line."""
    blocks, prose = [], []
    language, begin, inside, before = "", 0, [], ""
    is_open = False
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if is_open and line == "```":
            reason = _NOT_RUN.match(before)
            blocks.append(Block(name, begin, language, "\n".join(inside) + "\n", reason[1] if reason else None))
            is_open = False
        elif is_open:
            inside.append(line)
        elif fence:
            language, begin, inside, is_open = fence[1], number, [], True
            before = prose[-1] if prose else ""
        else:
            prose.append(line)
    return Page(path, name, text, tuple(blocks), "\n".join(prose), is_open)
