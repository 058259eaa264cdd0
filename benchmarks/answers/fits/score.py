"""Phase 3: which wording sorts the documents of `dev` best, and how many it sorts right of `test`.

A document is sorted right by a job if it is asked where it is of the job's kind, and skipped where it is not. One
threshold serves both jobs, as in a run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.answers.fits.ask import FOR, SHIPPED, Said
from qwen_batch.asking.fits import OPENING_TOKENS
from qwen_batch.config import PromptSettings

SHOWN = 12
THRESHOLDS = tuple(step / 100 for step in range(1, 100))


class Way(NamedTuple):
    """One way to ask: the question, the words for each job, how much of a document, and what is enough."""

    question: str
    words: tuple[str, ...]
    opening: int
    threshold: float


class Sorted(NamedTuple):
    """Decisions that are right, of how many; `documents` are those right for every job."""

    right: int
    decisions: int
    documents: int
    of: int
    wrong: tuple[str, ...]

    def text(self) -> str:
        """For the report."""
        return (
            f"{self.right} of {self.decisions} decisions ({self.right / self.decisions:.1%}), "
            f"{self.documents} of {self.of} documents right for both jobs ({self.documents / self.of:.1%})"
        )


def score(answers: Path, report: Path) -> int:
    """Writes the report; gives the exit code."""
    said = [Said(**json.loads(line)) for line in answers.read_text("utf-8").splitlines()]
    if not said:
        raise SystemExit(f"{answers}: no answers; run `python -m benchmarks.answers fits ask` first")
    ranked = sorted(_ways(said), key=lambda way: _rank(said, way))
    settings = PromptSettings()
    shipped = Way(SHIPPED, tuple(SHIPPED for _ in FOR), OPENING_TOKENS, settings.fits_threshold)
    lines = ["ways to ask, the best on dev first: question | words | tokens shown | threshold | dev"]
    lines += [f"  {_name(way)} | {sorting(said, way, 'dev').text()}" for way in ranked[:SHOWN]]
    for title, way in (("best on dev", ranked[0]), ("as shipped", shipped)):
        lines += ["", f"{title}: {_name(way)}"]
        for split in ("dev", "test"):
            found = sorting(said, way, split)
            lines += [f"  {split}: {found.text()}", *(f"    wrong: {one}" for one in found.wrong)]
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))
    return 0


def sorting(said: Sequence[Said], way: Way, split: str) -> Sorted:
    """How one way sorts the documents of a split. Where no probability is told a document is asked."""
    words = dict(zip(FOR, way.words, strict=True))
    mine = [
        one
        for one in said
        if (one.split, one.question, one.words, one.opening) == (split, way.question, words[one.job], way.opening)
    ]
    wrong = [
        one
        for one in mine
        if (one.probability is None or one.probability >= way.threshold) != (one.kind == FOR[one.job])
    ]
    documents = {one.name for one in mine}
    return Sorted(
        right=len(mine) - len(wrong),
        decisions=max(1, len(mine)),
        documents=len(documents - {one.name for one in wrong}),
        of=max(1, len(documents)),
        wrong=tuple(f"{one.name} ({one.kind}) for {one.job}: {one.probability}" for one in wrong),
    )


def _ways(said: Sequence[Said]) -> list[Way]:
    """Every question, words for each job and length, with the threshold that is best on dev."""
    ways = []
    for question, opening in sorted({(one.question, one.opening) for one in said}):
        mine = [one for one in said if (one.question, one.opening, one.split) == (question, opening, "dev")]
        terms, receipts = ([*dict.fromkeys(one.words for one in mine if one.job == job)] for job in FOR)
        for pair in ((one, other) for one in terms for other in receipts):
            tried = [Way(question, pair, opening, threshold) for threshold in THRESHOLDS]
            ways.append(min(tried, key=lambda way: _rank(mine, way)))
    return ways


def _rank(said: Sequence[Said], way: Way) -> tuple[int, float, int]:
    """The most right on dev first, then the threshold nearest to the middle, then what shows less."""
    return -sorting(said, way, "dev").right, abs(way.threshold - 1 / 2), way.opening


def _name(way: Way) -> str:
    return f"{way.question} | {' / '.join(way.words)} | {way.opening} | {way.threshold:g}"
