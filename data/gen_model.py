"""The sample documents as data: text, layout, degradation and gold labels.

Owns the reading of ``texts/*/*.toml`` into frozen records. Knows nothing of
PDF, images or JSON. A new document is a new TOML file; no code changes.

The text of a document is a small subset of Markdown: ``# `` opens the title,
``## `` a heading, ``| a | b |`` a table row, anything else is a paragraph on
one line. Blank lines separate blocks and a line ``=====`` separates pages.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

PAGE_BREAK = "\n=====\n"
FACTS = (
    "effective_date",
    "term",
    "renewal",
    "governing_law",
    "payment",
    "termination",
    "liability",
)
PRICE = "price"
"""The main sum alone, labelled in the contracts of the demo only."""

Kind = Literal["digital", "scan", "photo", "text"]
BlockKind = Literal["title", "heading", "paragraph", "table"]


class SampleError(ValueError):
    """A text file contradicts itself, for example a quote that is not in the text."""


@dataclass(frozen=True, slots=True)
class Block:
    """One title, heading, paragraph or table; only a table has several cells."""

    kind: BlockKind
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The words of the block; a space joins cells, a line break joins rows."""
        return "\n".join(" ".join(row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the pages look; ``font`` is a key of ``gen_layout.FONTS``."""

    paper: Literal["a4", "letter"]
    font: str
    size: float
    leading: float
    margin_mm: float
    align: Literal["left", "justify"]
    header: str = ""
    header_even: str = ""
    footer: str = ""
    number: str = ""

    def header_lines(self, page: int) -> tuple[str, ...]:
        """Return the running header of a page counted from 1."""
        even = page % 2 == 0 and self.header_even
        line = self.header_even if even else self.header
        return (line,) if line else ()

    def footer_lines(self, page: int, pages: int) -> tuple[str, ...]:
        """Return the footer legend and the page number of a page counted from 1."""
        number = self.number.format(page=page, pages=pages)
        return tuple(line for line in (self.footer, number) if line)


@dataclass(frozen=True, slots=True)
class Scan:
    """How pages are degraded; a ``jpeg_quality`` of 0 asks for 1-bit pages."""

    dpi: int
    skew_degrees: float
    noise: float
    specks: int
    jpeg_quality: int
    seed: int


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled fact; ``quote`` stands verbatim on exactly one page."""

    value: str
    quote: str
    name: str = ""
    currency: str = ""
    also: tuple[str, ...] = ()
    """Other ways to say the value."""


@dataclass(frozen=True, slots=True)
class Party:
    """A contracting party with the role its contract gives it."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One document with everything needed to write it and its gold records."""

    source: str
    kind: Kind
    language: str
    text: str
    pages: tuple[tuple[Block, ...], ...]
    layout: Layout | None
    scan: Scan | None
    parties: tuple[Party, ...]
    labels: dict[str, Fact]
    figures: tuple[Fact, ...]
    demo: bool
    """Whether `make demo` reads it; a contract has a price then."""

    @property
    def is_contract(self) -> bool:
        """Tell contracts, which have parties, from reports, which have figures."""
        return bool(self.parties)


def text_to_pages(text: str) -> tuple[tuple[Block, ...], ...]:
    """Split the text of a document at its page breaks and parse each page."""
    return tuple(_page_to_blocks(page) for page in text.split(PAGE_BREAK))


def _page_to_blocks(page: str) -> tuple[Block, ...]:
    chunks = [chunk.strip("\n") for chunk in page.split("\n\n")]
    return tuple(_chunk_to_block(chunk) for chunk in chunks if chunk)


def _chunk_to_block(chunk: str) -> Block:
    if chunk.startswith("|"):
        rows = [line.strip("| ").split(" | ") for line in chunk.splitlines()]
        return Block("table", tuple(tuple(row) for row in rows))
    marker, _, rest = chunk.partition(" ")
    kinds: dict[str, BlockKind] = {"#": "title", "##": "heading"}
    if marker in kinds:
        return Block(kinds[marker], ((rest,),))
    return Block("paragraph", tuple((line,) for line in chunk.splitlines()))


def load_samples(folder: Path) -> tuple[Sample, ...]:
    """Read every ``<folder>/<group>/<name>.toml``, sorted by path.

    Raises:
        TypeError: a table of the file has a key that its record does not know.
        KeyError: a required key is absent.
    """
    return tuple(_file_to_sample(path) for path in sorted(folder.glob("*/*.toml")))


def _file_to_sample(path: Path) -> Sample:
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    labels = data.get("labels", {})
    return Sample(
        source=f"{path.parent.name}/{path.stem}{data['suffix']}",
        kind=data["kind"],
        language=data["language"],
        text=data["text"],
        pages=text_to_pages(data["text"]),
        layout=Layout(**data["layout"]) if "layout" in data else None,
        scan=Scan(**data["scan"]) if "scan" in data else None,
        parties=tuple(Party(**party) for party in labels.get("parties", [])),
        labels={name: Fact(**labels[name]) for name in (*FACTS, PRICE) if name in labels},
        figures=tuple(Fact(**figure) for figure in data.get("figures", [])),
        demo=data.get("demo", False),
    )
