"""Phase 3: headings in order, key figures right and cited; for what code finds alone and for each side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers.documents.cases import load
from benchmarks.answers.outline.ask import SIDES, OutlineAnswer, OutlineAnswers
from benchmarks.answers.outline.cases import OutlineCase, OutlineGold, load_outline_cases
from benchmarks.answers.outline.measures import Found, added, headings_found, same_figure
from qwen_batch.asking.outlining.document_headings import document_to_headings

SECTION_LEVEL = 1
EXPECTED_FIGURES = 3
"""So many key figures the job has room for; where fewer are given, those that are not count as wrong."""
Kind = Callable[[OutlineGold], bool]
KINDS: dict[str, Kind] = {
    "all": lambda gold: True,  # noqa: ARG005
    "digital": lambda gold: gold.kind == "digital",
    "scan": lambda gold: gold.kind == "scan",
    "English": lambda gold: gold.language == "en",
    "Chinese": lambda gold: gold.language == "zh",
}


@dataclass(frozen=True, slots=True)
class FigureGrade:
    """Of the key figures that were given or expected: how many are in the gold, and cite the right page."""

    given: int
    right: int
    cited: int


def score_outlines(cases_file: Path, answers_file: Path | None, half: str) -> int:
    """Prints the report; gives the exit code."""
    cases = load_outline_cases(cases_file, half)
    lines = [f"# Outlines of {len(cases)} reports ({half})", "", *_code_lines(cases)]
    if answers_file is not None:
        answers: OutlineAnswers = load(answers_file)
        lines += ["", f"Asked: {answers.model}", "", *_side_lines(cases, answers)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _code_lines(cases: Sequence[OutlineCase]) -> Iterator[str]:
    yield "Headings that code finds, of all levels:"
    yield ""
    yield "| reports | number | in order | right of those given | level right | page right |"
    yield "|---|---|---|---|---|---|"
    for kind, belongs in KINDS.items():
        some = [case for case in cases if belongs(case.gold)]
        if some:
            found = added([_code_found(case) for case in some])
            levels, pages, matched = (sum(several) for several in zip(*map(_levels_and_pages, some), strict=True))
            yield (
                f"| {kind} | {len(some)} | {found.found} of {found.gold} ({found.recall:.1%}) | {found.precision:.1%} "
                f"| {levels / max(1, matched):.1%} | {pages / max(1, matched):.1%} |"
            )


def _code_found(case: OutlineCase) -> Found:
    gold = [one.text for one in case.gold.headings]
    return headings_found([one.title for one in document_to_headings(case.clean)], gold, [*gold, case.gold.title])


def _levels_and_pages(case: OutlineCase) -> tuple[int, int, int]:
    """Of the headings with one reading in gold and answer: levels right (against the first section's), pages right."""
    given = {one.title: one for one in document_to_headings(case.clean)}
    pairs = [(one, given[one.text]) for one in case.gold.headings if one.text in given]
    if not pairs:
        return 0, 0, 0
    base = min(other.rank for one, other in pairs if one.level == min(first.level for first, _ in pairs))
    lines = case.clean.lines
    pages = [max((line.page for line in lines if line.start <= other.start), default=1) for _, other in pairs]
    levels = sum(other.rank - base == one.level - 1 for one, other in pairs)
    right = sum(page == one.page or not case.gold.has_pages for page, (one, _) in zip(pages, pairs, strict=True))
    return levels, right, len(pairs)


def _side_lines(cases: Sequence[OutlineCase], answers: OutlineAnswers) -> Iterator[str]:
    by_name = {case.gold.name: case for case in cases}
    yield "| side | reports | sections in order | right of those given | key figures right | right and cited | tokens a first prompt | tokens | failed | seconds |"  # noqa: E501  a table
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for kind, belongs in KINDS.items():
        for side in SIDES:
            asked = [one for one in answers.answers if one.side == side and one.name in by_name]
            some = [one for one in asked if belongs(by_name[one.name].gold)]
            if some:
                yield _side_line(f"{side}, {kind}", some, by_name, answers.seconds[side])
    yield ""
    yield from _document_lines(by_name, answers.answers)


def _side_line(name: str, asked: Sequence[OutlineAnswer], by_name: dict[str, OutlineCase], seconds: float) -> str:
    found = added([sections_found(one, by_name[one.name].gold) for one in asked])
    figures = [figure_grade(one, by_name[one.name].gold) for one in asked if by_name[one.name].gold.figures]
    given, right, cited = (sum(getattr(one, key) for one in figures) for key in ("given", "right", "cited"))
    count = max(1, len(asked))
    first, tokens = (sum(getattr(one, key) for one in asked) for key in ("first_prompt_tokens", "prompt_tokens"))
    failed = sum(one.result is None for one in asked)
    return (
        f"| {name} | {len(asked)} | {found.found} of {found.gold} ({found.recall:.1%}) | {found.precision:.1%} "
        f"| {right} of {given} ({right / max(1, given):.1%}) | {cited / max(1, given):.1%} "
        f"| {first / count:,.0f} | {tokens / count:,.0f} | {failed} | {seconds:.0f} |"
    )


def _document_lines(by_name: dict[str, OutlineCase], answers: Iterable[OutlineAnswer]) -> Iterator[str]:
    yield "| report | side | sections in order | given | figures cited | tokens | failure |"
    yield "|---|---|---|---|---|---|---|"
    for one in answers:
        if one.name in by_name:
            gold = by_name[one.name].gold
            found, figures = sections_found(one, gold), figure_grade(one, gold)
            yield (
                f"| {one.name} | {one.side} | {found.found} of {found.gold} | {found.given} "
                f"| {figures.cited} of {figures.given} | {one.first_prompt_tokens:,} | {one.failure[:60]} |"
            )


def sections_found(answer: OutlineAnswer, gold: OutlineGold) -> Found:
    """The sections of an answer against the headings of the first level; headings below them are right as well."""
    given = [one["heading"] for one in answer.result["sections"]] if answer.result else []
    wanted = [one.text for one in gold.headings if one.level == SECTION_LEVEL]
    return headings_found(given, wanted, [one.text for one in gold.headings])


def figure_grade(answer: OutlineAnswer, gold: OutlineGold) -> FigureGrade:
    """A figure is right if its number is one of the gold's; it is cited if its quote lies on that one's page."""
    given = answer.result["key_figures"] if answer.result else []
    right = cited = 0
    for figure, page in zip(given, answer.figures, strict=True):
        wanted = [one for one in gold.figures if same_figure(figure["value"], one.value)]
        right += bool(wanted)
        cited += any(page == one.page or (page is not None and not gold.has_pages) for one in wanted)
    return FigureGrade(max(len(given), min(EXPECTED_FIGURES, len(gold.figures))), right, cited)
