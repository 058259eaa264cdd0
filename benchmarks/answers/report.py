"""The report of the answer benchmark: every bar of it with what was measured, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.answers.confidence import confidence_lines, sure_values
from benchmarks.answers.documents.cases import Case, CaseKey
from benchmarks.answers.documents.labels import CUAD_FIELDS, RECEIPT_FIELDS
from benchmarks.answers.documents.made import LAST_PAGE
from benchmarks.answers.grades import DocumentGrade, VariantGrade
from benchmarks.answers.grounding import foreign_quotes, grounding_of
from benchmarks.answers.measures import Scores, ratio, scores_of, share
from benchmarks.answers.orders import orders_lines
from benchmarks.answers.variants import BASELINE, VARIANTS

LONG_PAGES = 20
EXAMPLES = 5
OURS = "ours"
Grades = Mapping[str, VariantGrade]


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


def contracts(grades: Grades) -> str:
    """Ours against the baseline, field by field, on the contracts that both were asked."""
    if BASELINE not in grades:
        return ""
    ours, base = _same(grades[OURS].of_set("cuad"), grades[BASELINE].of_set("cuad"))
    lines = [f"### Contracts ({len(ours)})\n", _SCORES_HEAD.format("field", "ours", "baseline", "ours / baseline")]
    lines += [_scores_row(field, _of_field(ours, field), _of_field(base, field)) for field in CUAD_FIELDS]
    lines.append(_scores_row("all fields", _all(ours), _all(base)))
    for name, is_long in ((f"over {LONG_PAGES} pages", True), (f"to {LONG_PAGES} pages", False)):
        mine, theirs = (
            [one for one in side if (one.case.clean.pages > LONG_PAGES) == is_long] for side in (ours, base)
        )
        lines.append(_scores_row(f"{name} ({len(mine)})", _all(mine), _all(theirs)))
    valid = " and ".join(share(sum(one.valid for one in side), len(side)) for side in (ours, base))
    lines.append(f"\nAnswers that are valid JSON (baseline: an object), ours and baseline: {valid}.")
    return "\n".join(lines)


def ablations(grades: Grades) -> str:
    """Each part off, against ours on the same contracts."""
    lines = [
        "### One part off\n",
        "| variant | contracts | F1 | ours, same contracts | difference | over 20 pages | ours | valid | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in VARIANTS:
        if name == OURS or name not in grades:
            continue
        other, ours = _same(grades[name].of_set("cuad"), grades[OURS].of_set("cuad"))
        long_other, long_ours = ([one for one in side if one.case.clean.pages > LONG_PAGES] for side in (other, ours))
        one, full = _all(other).f1, _all(ours).f1
        lines.append(
            f"| {name}: {VARIANTS[name].says} | {len(other)} | {one:.3f} | {full:.3f} | {one - full:+.3f} "
            f"| {_all(long_other).f1:.3f} | {_all(long_ours).f1:.3f} "
            f"| {share(sum(document.valid for document in other), len(other))} "
            f"| {grades[name].figures.get('seconds', 0):.0f} |"
        )
    return "\n".join(lines) if len(lines) > _HEAD_LINES else ""


def scans(grades: Grades) -> str:
    """Scanned contracts against the same contracts as they were filed."""
    scanned = grades[OURS].of_set("derived_scans")
    originals = {one.case.name: one for one in grades[OURS].of_set("cuad")}
    pairs = [(one, originals[one.case.twin]) for one in scanned if one.case.twin in originals]
    if not pairs:
        return ""
    lines = ["### Scans\n", _SCORES_HEAD.format("contract", "scan", "digital original", "scan / original")]
    for scan, original in pairs:
        lines.append(_scores_row(scan.case.name, _all([scan]), _all([original])))
    lines.append(_scores_row("all", _all([scan for scan, _ in pairs]), _all([original for _, original in pairs])))
    return "\n".join(lines)


def receipts(grades: Grades) -> str:
    """Photographed receipts, field by field."""
    documents = grades[OURS].of_set("sroie")
    if not documents:
        return ""
    lines = [f"### Receipts ({len(documents)})\n", "| field | precision | recall | F1 |", "|---|---:|---:|---:|"]
    rows = [(field, _of_field(documents, field)) for field in RECEIPT_FIELDS]
    for name, scores in [*rows, ("all fields", _all(documents))]:
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
        "| values | n | AUROC | error rate | of the surer half | half / all |",
        "|---|---:|---:|---:|---:|---:|",
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
        lines.append(f"{one.case.clean.pages} pages, {rows}; {_scores_text(_all([one]))}")
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
    contracts, ablations, scans, receipts, docubench, confidence, long_document, orders, failures, grounding,
)  # fmt: skip
_HEAD_LINES = 3
_SCORES_HEAD = "| {} | {} P / R / F1 | {} P / R / F1 | {} |\n|---|---|---|---:|"


def _scores_row(name: str, one: Scores, other: Scores) -> str:
    return f"| {name} | {_scores_text(one)} | {_scores_text(other)} | {ratio(one.f1, other.f1)} |"


def _scores_text(scores: Scores) -> str:
    return f"{scores.precision:.3f} / {scores.recall:.3f} / {scores.f1:.3f}"


def _all(documents: Iterable[DocumentGrade]) -> Scores:
    return scores_of(graded.judged for document in documents for graded in document.graded)


def _of_field(documents: Iterable[DocumentGrade], field: str) -> Scores:
    judged = (graded.judged for document in documents for graded in document.graded)
    return scores_of(one for one in judged if one.field == field)


def _same(
    some: Sequence[DocumentGrade], others: Sequence[DocumentGrade]
) -> tuple[list[DocumentGrade], list[DocumentGrade]]:
    """The documents that both have, in the same order."""
    by_name = {one.case.name: one for one in others}
    return [one for one in some if one.case.name in by_name], [
        by_name[one.case.name] for one in some if one.case.name in by_name
    ]


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")[:120]
