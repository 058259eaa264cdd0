"""The report of the answer benchmark: every bar of it with what was measured, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.answers.confidence import confidence_lines, sure_values
from benchmarks.answers.contract_sections import ablations, contracts, shipped, tokens
from benchmarks.answers.documents.cases import Case, CaseKey
from benchmarks.answers.documents.labels import RECEIPT_FIELDS
from benchmarks.answers.documents.made import LAST_PAGE
from benchmarks.answers.grounding import foreign_quotes, grounding_of
from benchmarks.answers.measures import Scores, share
from benchmarks.answers.orders import orders_lines
from benchmarks.answers.score_rows import (
    OURS,
    SCORES_HEAD,
    Grades,
    all_scores,
    field_scores,
    scores_row,
    scores_text,
)

EXAMPLES = 5


def report_text(grades: Grades, cases: Mapping[CaseKey, Case]) -> str:
    """All sections for which there are answers."""
    model = next(iter(grades.values())).model
    parts = [f"## Answers\n\nModel: {model}. Rules: `benchmarks/answers/judge.py`.", costs(grades)]
    if OURS in grades:
        parts += [section(grades) for section in SECTIONS]
        contracts = [case for (name, _), case in sorted(cases.items()) if name == "cuad"]
        parts.append(foreign(contracts))
    return "\n\n".join(part for part in parts if part) + "\n"


def costs(grades: Grades) -> str:
    """What each variant was asked and what it cost."""
    keys = ("documents", "prompts", "seconds", "tokens_in", "tokens_out", "repaired", "rejected")
    lines = [f"### Asked\n\n| variant | {' | '.join(keys)} |", "|---|" + "---:|" * len(keys)]
    for name, grade in grades.items():
        figures = " | ".join(f"{grade.figures[key]:,.0f}" if key in grade.figures else "-" for key in keys)
        lines.append(f"| {name} | {figures} |")
    return "\n".join(lines)


def scans(grades: Grades) -> str:
    """Scanned contracts against the same contracts as they were filed."""
    scanned = grades[OURS].of_set("derived_scans")
    originals = {one.case.name: one for one in grades[OURS].of_set("cuad")}
    pairs = [(one, originals[one.case.twin]) for one in scanned if one.case.twin in originals]
    if not pairs:
        return ""
    lines = ["### Scans\n", SCORES_HEAD.format("contract", "scan", "digital original", "scan / original")]
    for scan, original in pairs:
        lines.append(scores_row(scan.case.name, all_scores([scan]), all_scores([original])))
    scans_scores, originals_scores = (all_scores(pair[side] for pair in pairs) for side in (0, 1))
    lines.append(scores_row("all", scans_scores, originals_scores))
    return "\n".join(lines)


def receipts(grades: Grades) -> str:
    """Photographed receipts, field by field."""
    documents = grades[OURS].of_set("sroie")
    if not documents:
        return ""
    lines = [f"### Receipts ({len(documents)})\n", "| field | precision | recall | F1 |", "|---|---:|---:|---:|"]
    rows = [(field, field_scores(documents, field)) for field in RECEIPT_FIELDS]
    for name, scores in [*rows, ("all fields", all_scores(documents))]:
        lines.append(f"| {name} | {scores.precision:.3f} | {scores.recall:.3f} | {scores.f1:.3f} |")
    lines.append(f"\nValid: {share(sum(one.valid for one in documents), len(documents))}.")
    return "\n".join(lines)


def docubench(grades: Grades) -> str:
    """Documents with schemas of their own, leaf values compared."""
    documents = [one for one in grades[OURS].of_set("docubench") if one.leaves]
    if not documents:
        return ""
    lines = ["### docubench\n", "| document | right | given | labelled | F1 | |", "|---|---:|---:|---:|---:|---|"]
    counts = [Scores(one.leaves.right, one.leaves.given, one.leaves.labelled) for one in documents if one.leaves]
    for one, scores in zip(documents, counts, strict=True):
        columns = f"{scores.right} | {scores.given} | {scores.labelled} | {scores.f1:.3f}"
        lines.append(f"| {one.case.name} | {columns} | {_cell(one.failure)} |")
    total = Scores(*(sum(getattr(one, key) for one in counts) for key in ("right", "given", "labelled")))
    lines.append(f"| all | {total.right} | {total.given} | {total.labelled} | {total.f1:.3f} | |")
    return "\n".join(lines)


def grounding(grades: Grades) -> str:
    """Evidence of right values against the labels' words."""
    found = grounding_of(grades[OURS].of_set("cuad"))
    return (
        "### Grounding\n\n"
        "Right values whose label's words were found in the text: on the right page "
        f"{share(found.on_page, found.judged)}, overlapping the words {share(found.overlaps, found.judged)}.\n"
        f"Values where the label says that there is nothing: {found.absent}; with a match "
        f"{share(found.absent_matched, found.absent)} (a true quote under the wrong field counts here too)."
    )


def foreign(contracts: Sequence[Case]) -> str:
    """Matches of words that are not in a document."""
    found = foreign_quotes(contracts)
    lines = [
        f"Quotes of other contracts that do not stand in a contract, matched: {share(found.matched, found.tried)}."
    ]
    return "\n".join([*lines, *(f"- {example}" for example in found.examples[:EXAMPLES])])


def confidence(grades: Grades) -> str:
    """Right against wrong values by their confidence."""
    digital = grades[OURS].of_set("cuad")
    scanned = [*grades[OURS].of_set("derived_scans"), *grades[OURS].of_set("sroie")]
    lines = [
        "### Confidence\n",
        "`calibrated` is fitted to the other documents, five parts in turn.\n",
        "| values | n | AUROC | error rate | of the surer half | half / all | 98 % right | 99 % right |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(
            confidence_lines(f"{name}, {how}", sure_values(documents, calibrated=how == "calibrated"))
            for name, documents in {"digital contracts": digital, "scans and receipts": scanned}.items()
            for how in ("calibrated", "as it comes")
        ),
    ]
    return "\n".join(lines)


def long_document(grades: Grades) -> str:
    """The made document of 300 pages: one row, and where its evidence stands."""
    lines = [f"### A document of {LAST_PAGE} pages\n"]
    for one in grades[OURS].of_set("long"):
        rows = "one row" if one.record else f"no row: {one.failure}"
        lines.append(f"{one.case.clean.pages} pages, {rows}; {scores_text(all_scores([one]))}")
        for graded in one.graded:
            page = graded.evidence.page if graded.evidence else None
            lines.append(f"- {graded.judged.field}: {graded.judged.outcome}, {graded.judged.value!r}, page {page}")
    return "\n".join(lines) if len(lines) > 1 else ""


def orders(grades: Grades) -> str:
    """Documents that give orders against their clean twins."""
    return orders_lines(grades[OURS])


def failures(grades: Grades) -> str:
    """Documents without a valid answer: how many of each variant, and the first of them."""
    lines = []
    for name, grade in grades.items():
        failed = [one for one in grade.documents if not one.valid]
        lines += [f"- {name}: {len(failed)} of {len(grade.documents)}"] if failed else []
        for one in failed[:EXAMPLES]:
            why = _cell(one.failure) or "no JSON object"
            lines.append(f"  - {one.case.set_name} {one.case.name}: {why}")
    return "\n".join(["### Without a valid answer\n", *lines]) if lines else ""


SECTIONS: tuple[Callable[[Grades], str], ...] = (
    contracts, tokens, ablations, shipped, scans, receipts, docubench,
    confidence, long_document, orders, failures, grounding,
)  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")[:120]
