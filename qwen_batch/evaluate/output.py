"""An output's newest answers as predictions. Knows tables and rows, nothing of gold's values."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from qwen_batch.errors import JobError, UsageError
from qwen_batch.evaluate.gold import GoldDocument
from qwen_batch.evaluate.judge import Prediction
from qwen_batch.evaluate.paths import field_problem
from qwen_batch.evidence.calibration import default_confidence
from qwen_batch.job.definition import job_schema
from qwen_batch.job.files import find_job, load_job
from qwen_batch.outcomes import ConfidenceParts, Evidence
from qwen_batch.output.corrections.answered import answered_row, decided_fields
from qwen_batch.output.layout import FAILURES, SKIPPED, open_output, published_files
from qwen_batch.output.text_table import DOCUMENTS, PAGES
from qwen_batch.output.views.reading import latest_records, latest_rows, to_plain
from qwen_batch.records import Box
from qwen_batch.value_paths import EACH, key_path

NO_JOB = frozenset({FAILURES, SKIPPED, DOCUMENTS, PAGES})
"""Published tables that hold no job's answers."""


def job_of_output(output: str, job: str | None) -> str:
    """The job to judge: the one named, else the only one there is. Raises UsageError that lists what there is."""
    store = open_output(output)
    found = sorted({file.table for file in published_files(store)} - NO_JOB)
    if job is None and len(found) == 1:
        return found[0]
    if job in found:
        return str(job)
    there = ", ".join(found) or "none"
    if job is not None:
        raise UsageError(f"{store.root}: no published table of job {job!r}", f"jobs there: {there}")
    remedy = "name one with --job" if found else "give the --output of a run that has finished"
    raise UsageError(f"{store.root}: jobs with a published table: {there}", remedy)


def output_to_predictions(output: str, job: str) -> tuple[Prediction, ...]:
    """The newest row of each source, also of rows that do not have the column `confidence_parts`."""
    return tuple(_row_to_prediction(row) for row in latest_records(output, job))


def output_to_answers(output: str, job: str) -> tuple[Prediction, ...]:
    """The same as the model answered, before people decided about values.

    The confidence of a field that they decided about is made of its parts again, as it is without a calibration.
    """
    rows = latest_rows(output, job, deleted=True)
    kind = rows.schema.field("result").type
    return tuple(_as_answered(row, kind) for row in rows.to_pylist())


def _as_answered(row: Mapping[str, Any], kind: pa.StructType) -> Prediction:
    prediction = _row_to_prediction(to_plain(answered_row(row, kind)))
    decided = decided_fields(row)
    made = {one.field: default_confidence(one) for one in prediction.parts if one.field in decided}
    return replace(prediction, confidence={**prediction.confidence, **made})


def schema_of_job(job: str, jobs_dir: Path) -> dict[str, Any] | None:
    """The job's JSON schema; None if its file is not there or cannot be loaded."""
    try:
        return job_schema(load_job(find_job(job, jobs_dir)))
    except JobError:
        return None


def check_fields(gold: Sequence[GoldDocument], predictions: Iterable[Prediction]) -> None:
    """Raises UsageError for the first gold field that a row's result cannot have, such as a name misspelt."""
    results = [prediction.result for prediction in predictions]
    named = {path: document.source for document in reversed(gold) for path in document.fields}
    for path, source in named.items():
        for result in results:
            if problem := field_problem(dict(result), path):
                near = difflib.get_close_matches(path, leaf_paths(result), n=1)
                hint = f"did you mean {near[0]}?" if near else "name a field of the job's result"
                raise UsageError(f"gold of {source!r}: field {path!r}: {problem}", hint)


def leaf_paths(result: Mapping[str, Any], before: str = "") -> list[str]:
    """The paths that gold may name in a result, as far as nulls and empty lists show them."""
    paths = []
    for key, value in result.items():
        path = key_path(before, key)
        if isinstance(value, list):
            path, value = path + EACH, next(iter(value), None)  # noqa: PLW2901  its first item stands for all
        paths += leaf_paths(value, path) if isinstance(value, dict) else [path]
    return paths


def _row_to_prediction(row: Mapping[str, Any]) -> Prediction:
    return Prediction(
        source=row["source_uri"],
        result=row["result"],
        evidence=tuple(_evidence(item) for item in row["evidence"] or () if item.get("standing") in (None, "value")),
        confidence=row["confidence"] or {},
        parts=tuple(_parts(item) for item in row.get("confidence_parts") or ()),
        doc_id=row["doc_id"],
        model=row["model"],
    )


def _evidence(item: Mapping[str, Any]) -> Evidence:
    values: dict[str, Any] = {one.name: item.get(one.name) for one in fields(Evidence) if one.name != "standing"}
    return Evidence(**values | {"boxes": tuple(Box(**box) for box in item["boxes"] or ())})


def _parts(item: Mapping[str, Any]) -> ConfidenceParts:
    return ConfidenceParts(**{one.name: item[one.name] for one in fields(ConfidenceParts) if one.name in item})
