"""Phase 3 of the answer benchmark: answers to records by the pipeline's own settling, judged and reported.

Needs no model and may be repeated at will: a change of locating, merging or confidence is seen without a GPU.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.answers.baseline import completion_to_object
from benchmarks.answers.documents.cases import (
    BaselineAnswer,
    Case,
    FieldGold,
    VariantAnswers,
    full_work,
    load,
    load_cases,
)
from benchmarks.answers.documents.docubench import count_leaves
from benchmarks.answers.grades import DocumentGrade, Graded, VariantGrade
from benchmarks.answers.judge import Judged, judge_field
from benchmarks.answers.report import report_text
from benchmarks.answers.spans import Place, PlainText, pages_of, places_of, plain_text
from benchmarks.answers.variants import BASELINE, NAMES, VARIANTS, variant_text
from qwen_batch.job.definition import Job
from qwen_batch.outcomes import Evidence, Record
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.records import CleanDocument
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs


def score(cases_folder: Path, answers_folder: Path, report: Path) -> int:
    """Judges what was asked; writes the report, and beside it all values as JSONL. Gives the exit code."""
    cases = {(case.set_name, case.name): case for case in load_cases(cases_folder)}
    grades = {}
    for name in NAMES:
        path = answers_folder / f"{name}.pickle.gz"
        if path.exists():
            grades[name] = grade_variant(load(path), cases)
    if not grades:
        raise SystemExit(f"{answers_folder}: no answers; run the phase ask with --out {answers_folder}")
    text = report_text(grades, cases)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(text, "utf-8")
    with report.with_suffix(".jsonl").open("w", encoding="utf-8") as details:
        details.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _details(grades.values()))
    sys.stdout.write(text)
    return 0


def _details(grades: Iterable[VariantGrade]) -> Iterator[dict[str, Any]]:
    """Every judged value of every variant, to look at."""
    for grade in grades:
        for document in grade.documents:
            for one in document.graded:
                evidence = one.evidence
                yield {
                    "variant": grade.variant,
                    "set": document.case.set_name,
                    "document": document.case.name,
                    "field": one.judged.field,
                    "outcome": one.judged.outcome,
                    "value": one.judged.value,
                    "label": one.judged.label,
                    "confidence": one.confidence,
                    "quote": evidence.quote if evidence else None,
                    "page": evidence.page if evidence else None,
                    "match": evidence.match if evidence else None,
                    "on_page": one.on_page,
                    "overlaps": one.overlaps,
                }


def grade_variant(answers: VariantAnswers, cases: Mapping[tuple[str, str], Case]) -> VariantGrade:
    """Every document of a variant, settled and judged."""
    if answers.variant == BASELINE:
        documents = tuple(_grade_baseline(cases[key], answers.baseline[key]) for key in answers.baseline)
    else:
        documents = tuple(_grade_works(answers, cases))
    return VariantGrade(answers.variant, documents, answers.figures, answers.spec.model_name)


def _grade_baseline(case: Case, answer: BaselineAnswer) -> DocumentGrade:
    result = completion_to_object(answer.completion)
    values = result or {}
    graded = tuple(
        Graded(judged) for field, gold in case.gold.items() for judged in judge_field(field, values.get(field), gold)
    )
    return DocumentGrade(case, result is not None, graded, values)


def _grade_works(answers: VariantAnswers, cases: Mapping[tuple[str, str], Case]) -> Iterator[DocumentGrade]:
    variant, spec = VARIANTS[answers.variant], answers.spec
    jobs = load_jobs(spec)
    with Isolator(spec.config.read.timeout_s, spec.config.read.memory_mb) as isolator:
        for key, work in answers.works.items():
            case = cases[key]
            clean = variant_text(variant, case)
            yield _grade_work(case, full_work(work, clean), clean, _Settling(spec, jobs, isolator, variant.labels))


@dataclass(frozen=True, slots=True)
class _Settling:
    spec: RunSpec
    jobs: Mapping[str, Job]
    isolator: Isolator
    names: Mapping[str, str]
    """The job's fields by label, where they have other names."""


def _grade_work(case: Case, work: Any, clean: CleanDocument, settling: _Settling) -> DocumentGrade:
    outcome = settle_stage(work, settling.spec, settling.jobs, settling.isolator)
    record = next((one for one in outcome.records if isinstance(one, Record)), None)
    failure = "; ".join(f"{one.code}: {one.message}" for one in outcome.failures)
    result = record.result if record else {}
    read = _Read(clean, _plain(clean.text))
    graded = tuple(
        _graded(judged, gold, record, read, settling.names.get(field, field))
        for field, gold in case.gold.items()
        if not settling.names or field in settling.names
        for judged in _judged(field, result, gold, settling.names)
    )
    leaves = count_leaves(result, case.labels) if case.labels is not None else None
    return DocumentGrade(case, record is not None, graded, result, record, leaves, failure)


def _judged(label: str, result: Mapping[str, Any], gold: FieldGold, names: Mapping[str, str]) -> list[Judged]:
    """A value of a job with names of its own for the labels may be a clause's words where the label has a date."""
    name = names.get(label, label)
    value = result.get(name)
    return judge_field(label, value, gold, _quote(value), by_words=name != label and "date" not in name)


def _quote(value: Any) -> str:
    return str(value.get("quote", "")) if isinstance(value, dict) else ""


@lru_cache(maxsize=256)
def _plain(text: str) -> PlainText:
    return plain_text(text)


@dataclass(frozen=True, slots=True)
class _Read:
    """A document's clean text, and the same for finding labels' words in."""

    clean: CleanDocument
    text: PlainText


def _graded(judged: Judged, gold: FieldGold, record: Record | None, read: _Read, name: str) -> Graded:
    if record is None or not judged.value:
        return Graded(judged, confidence=record.confidence.get(name) if record else None)
    path = name if judged.number is None else f"{name}[{judged.number}]"
    evidence = next((one for one in record.evidence if _is_at(one.field, path)), None)
    places = [place for span in gold.spans for place in places_of(span, read.text)]
    graded = Graded(judged, evidence, confidence=record.confidence.get(name))
    if evidence is None or not places:
        return graded
    on_page = any(evidence.page in pages_of(place, read.clean) for place in places)
    return replace(graded, on_page=on_page, overlaps=_overlaps(evidence, places))


def _is_at(field: str, path: str) -> bool:
    return field == path or field.startswith((f"{path}.", f"{path}["))


def _overlaps(evidence: Evidence, places: list[Place]) -> bool:
    start, end = evidence.start, evidence.end
    if start is None or end is None:
        return False
    return any(start < place.end and end > place.start for place in places)
