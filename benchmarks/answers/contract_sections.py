"""The report's sections on contracts: field by field, halves apart, tokens, parts off, and the jobs as shipped."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.answers.documents.labels import CUAD_FIELDS
from benchmarks.answers.grades import DocumentGrade, VariantGrade
from benchmarks.answers.measures import paired_interval, ratio, scores_of, share
from benchmarks.answers.score_rows import (
    HEAD_LINES,
    LONG_PAGES,
    OURS,
    SCORES_HEAD,
    Grades,
    all_scores,
    field_scores,
    same_documents,
    scores_row,
)
from benchmarks.answers.variants import BASELINE, SHIPPED, VARIANTS


def contracts(grades: Grades) -> str:
    """Ours against the baseline, field by field, on the contracts that both were asked."""
    if BASELINE not in grades:
        return ""
    parts = []
    for name in ("all", "dev", "test"):
        ours, base = same_documents(grades[OURS].of_set("cuad"), grades[BASELINE].of_set("cuad"))
        halves = dev_names(one.case.name for one in ours)
        ours, base = (
            [one for one in side if name == "all" or (one.case.name in halves) == (name == "dev")]
            for side in (ours, base)
        )
        parts.append(_contracts(name, ours, base))
    return "\n\n".join(parts)


def dev_names(names: Iterable[str]) -> frozenset[str]:
    """The half of the contracts that may be tuned on: those with the smallest hashes of their names."""
    ordered = sorted(set(names), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return frozenset(ordered[: len(ordered) // 2])


def _contracts(name: str, ours: Sequence[DocumentGrade], base: Sequence[DocumentGrade]) -> str:
    lines = [
        f"### Contracts, {name} ({len(ours)})\n",
        SCORES_HEAD.format("field", "ours", "baseline", "ours / baseline"),
    ]
    lines += [scores_row(field, field_scores(ours, field), field_scores(base, field)) for field in CUAD_FIELDS]
    lines.append(scores_row("all fields", all_scores(ours), all_scores(base)))
    for size, is_long in ((f"over {LONG_PAGES} pages", True), (f"to {LONG_PAGES} pages", False)):
        mine, theirs = (
            [one for one in side if (one.case.clean.pages > LONG_PAGES) == is_long] for side in (ours, base)
        )
        lines.append(scores_row(f"{size} ({len(mine)})", all_scores(mine), all_scores(theirs)))
    valid = " and ".join(share(sum(one.valid for one in side), len(side)) for side in (ours, base))
    lines.append(f"\nAnswers that are valid JSON (baseline: an object), ours and baseline: {valid}.")
    counts = " and ".join(_outcomes_text(side) for side in (ours, base))
    lines.append(f"Right, wrong, invented, missed, silent, ours and baseline: {counts}.")
    behind = [f"{field} {high:+.3f}" for field in CUAD_FIELDS if (high := _interval(ours, base, field)[1]) < 0]
    lines.append(
        f"Fields behind the baseline by more than the paired bootstrap interval: {', '.join(behind) or 'none'}."
    )
    return "\n".join(lines)


def _outcomes_text(documents: Sequence[DocumentGrade]) -> str:
    counts = Counter(graded.judged.outcome for document in documents for graded in document.graded)
    return " / ".join(str(counts[outcome]) for outcome in ("right", "wrong", "invented", "missed", "silent"))


def _interval(ours: Sequence[DocumentGrade], base: Sequence[DocumentGrade], field: str) -> tuple[float, float]:
    """The interval of the difference of a field's F1."""
    return paired_interval(
        [
            tuple([graded.judged for graded in one.graded if graded.judged.field == field] for one in pair)  # type: ignore[misc]
            for pair in zip(ours, base, strict=True)
        ]
    )


def tokens(grades: Grades) -> str:
    """Prompt tokens a contract that were computed, by variant, as a share of the whole document's."""
    if "whole" not in grades:
        return ""
    lines = [
        "### Prompt tokens a contract\n",
        "| variant | first prompt | all prompts | computed (without what the prefix cache gave) | of the whole |",
        "|---|---:|---:|---:|---:|",
    ]
    whole = _tokens_a_contract(grades["whole"], "tokens_in", "tokens_cached")
    for name, grade in grades.items():
        if len(grade.documents) == len(grade.of_set("cuad")) and "tokens_first" in grade.figures:
            computed = _tokens_a_contract(grade, "tokens_in", "tokens_cached")
            first, every = (_tokens_a_contract(grade, key) for key in ("tokens_first", "tokens_in"))
            lines.append(f"| {name} | {first:,.0f} | {every:,.0f} | {computed:,.0f} | {ratio(computed, whole)} |")
    return "\n".join(lines)


def _tokens_a_contract(grade: VariantGrade, key: str, less: str = "") -> float:
    return (grade.figures[key] - grade.figures.get(less, 0)) / max(1, len(grade.documents))


def shipped(grades: Grades) -> str:
    """The jobs as they are shipped, asked several times, on the labels that their fields have."""
    if BASELINE not in grades:
        return ""
    lines = [
        "### Shipped jobs, sampled\n",
        "| job | F1, mean and all | baseline, same labels | ratio |",
        "|---|---|---:|---:|",
    ]
    for job, names in SHIPPED.items():
        mine = [grades[name] for name in VARIANTS if name in grades and name.startswith(f"{job}_")]
        if not mine:
            continue
        found = [all_scores(grade.of_set("cuad")).f1 for grade in mine]
        asked = {one.case.name for one in mine[0].of_set("cuad")}
        base = scores_of(
            graded.judged
            for document in grades[BASELINE].of_set("cuad")
            for graded in document.graded
            if document.case.name in asked and graded.judged.field in names.values()
        ).f1
        mean = sum(found) / len(found)
        lines.append(
            f"| {job} | {mean:.3f} ({', '.join(f'{one:.3f}' for one in found)}) | {base:.3f} | {ratio(mean, base)} |"
        )
    return "\n".join(lines) if len(lines) > HEAD_LINES else ""


def ablations(grades: Grades) -> str:
    """Each part off, against ours on the same contracts."""
    lines = [
        "### One part off\n",
        "| variant | contracts | F1 | ours, same contracts | difference | over 20 pages | ours | valid | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in VARIANTS:
        if name == OURS or name not in grades or VARIANTS[name].labels:
            continue
        other, ours = same_documents(grades[name].of_set("cuad"), grades[OURS].of_set("cuad"))
        long_other, long_ours = ([one for one in side if one.case.clean.pages > LONG_PAGES] for side in (other, ours))
        one, full = all_scores(other).f1, all_scores(ours).f1
        lines.append(
            f"| {name}: {VARIANTS[name].says} | {len(other)} | {one:.3f} | {full:.3f} | {one - full:+.3f} "
            f"| {all_scores(long_other).f1:.3f} | {all_scores(long_ours).f1:.3f} "
            f"| {share(sum(document.valid for document in other), len(other))} "
            f"| {grades[name].figures.get('seconds', 0):.0f} |"
        )
    return "\n".join(lines) if len(lines) > HEAD_LINES else ""
