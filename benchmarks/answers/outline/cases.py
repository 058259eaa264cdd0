"""The reports with gold for their outlines: the project's own, and those of others where they are here.

Half of them are `dev`, to tune on; the other half `test`, looked at for closing figures alone. Which is which goes by
the hash of the name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.answers.documents.cases import load
from benchmarks.common import ROOT, json_lines
from qwen_batch.records import CleanDocument

OWN = ROOT / "data" / "outlines"
SHARED_GOLD = Path(__file__).parent / "shared.jsonl"
Half = Literal["dev", "test"]


@dataclass(frozen=True, slots=True)
class GoldHeading:
    """A heading as printed; level 1 is a section of the report."""

    level: int
    text: str
    page: int


@dataclass(frozen=True, slots=True)
class GoldFigure:
    """A key figure, and the sentence on `page` that states it."""

    name: str
    value: str
    quote: str
    page: int


@dataclass(frozen=True, slots=True)
class OutlineGold:
    """What a perfect reader would answer about the report at `path`; `figures` is empty where nobody labelled them."""

    path: Path
    name: str
    language: str
    kind: str
    title: str
    headings: tuple[GoldHeading, ...]
    figures: tuple[GoldFigure, ...]

    @property
    def half(self) -> Half:
        """Which half it belongs to."""
        return "dev" if int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 2 == 0 else "test"

    @property
    def has_pages(self) -> bool:
        """Whether its format has pages."""
        return self.path.suffix == ".pdf"


@dataclass(frozen=True, slots=True)
class OutlineCase:
    """A report as it was read, with its gold."""

    gold: OutlineGold
    clean: CleanDocument


def outline_gold(data: Path) -> Iterator[OutlineGold]:
    """The gold of the project's reports, then of those in `data`; the latter only where the very file is there."""
    for one in json_lines(OWN / "gold.jsonl"):
        yield _gold(one, OWN / one["source"])
    for one in json_lines(SHARED_GOLD):
        path = data / one["source"]
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == one["sha256"]:
            yield _gold(one, path)


def load_outline_cases(file: Path, half: str) -> Sequence[OutlineCase]:
    """The cases that `prepare` wrote, of one half or of "all"."""
    cases: list[OutlineCase] = load(file)
    return [case for case in cases if half in ("all", case.gold.half)]


def _gold(one: dict[str, object], path: Path) -> OutlineGold:
    headings, figures = one["headings"], one["figures"]
    assert isinstance(headings, list) and isinstance(figures, list)  # noqa: S101, PT018  the shape of our own file
    return OutlineGold(
        path=path,
        name=path.name,
        language=str(one["language"]),
        kind=str(one["kind"]),
        title=str(one["title"]),
        headings=tuple(GoldHeading(**heading) for heading in headings),
        figures=tuple(GoldFigure(**figure) for figure in figures),
    )
