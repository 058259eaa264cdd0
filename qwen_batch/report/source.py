"""From an output to the documents of a report: which tables are jobs, one document a source, what still fails.

All rows of the jobs go through memory, as with the views.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.errors import UsageError
from qwen_batch.failure_codes import FAILURE_CODES
from qwen_batch.output.layout import FAILURES, SKIPPED, open_output, published_files, run_manifests
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.status import OutputStatus, UnresolvedFailure, output_status
from qwen_batch.output.text_table import DOCUMENTS, PAGES
from qwen_batch.output.views.reading import latest_rows, rows_to_plain
from qwen_batch.report.content import Answer, Shown, Trouble
from qwen_batch.report.values import row_to_answer
from qwen_batch.value_paths import of_each_item

_NO_JOB = frozenset({FAILURES, SKIPPED, DOCUMENTS, PAGES})


@dataclass(frozen=True, slots=True)
class ReportSource:
    """An output as the report sees it; `left_out` documents are not in a sample."""

    place: str
    key: str
    jobs: tuple[str, ...]
    documents: tuple[Shown, ...]
    status: OutputStatus
    runs: Mapping[str, RunManifest]
    left_out: int = 0


def output_to_source(place: str, job: str | None = None, sample: int | None = None) -> ReportSource:
    """Reads an output. Raises UsageError where no job, or not this one, has a published table, and WrongOutputError."""
    status = output_status(place)
    store = open_output(place)
    jobs = _jobs(status.output, sorted({file.table for file in published_files(store)} - _NO_JOB), job)
    rows: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for name in jobs:
        table = latest_rows(place, name)
        result_type = table.schema.field("result").type
        for row in rows_to_plain(table):
            rows[row["source_uri"], row["doc_id"]].append(_Row(row, result_type))
    failures = [one for one in status.unresolved if one.job in jobs]
    documents = with_decoys([*_shown(rows, failures)])
    chosen = _sampled(documents, sample)
    return ReportSource(
        place=status.output,
        key=_digest(status.output),
        jobs=tuple(jobs),
        documents=tuple(sorted(chosen, key=lambda one: (one.name.casefold(), one.source_uri))),
        status=status,
        runs={run.run_id: run for run in run_manifests(store)},
        left_out=len(documents) - len(chosen),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    row: dict[str, Any]
    result_type: Any


def _jobs(place: str, there: list[str], job: str | None) -> list[str]:
    if job is not None and job not in there:
        raise UsageError(f"{place}: no published table of job {job!r}", f"jobs there: {', '.join(there) or 'none'}")
    if not there:
        raise UsageError(f"{place}: no job has a published table", "give the --output of a run that has finished")
    return [job] if job else there


def _shown(rows: Mapping[tuple[str, str], Sequence[_Row]], failures: Iterable[UnresolvedFailure]) -> Iterable[Shown]:
    failed: dict[tuple[str, str], list[Trouble]] = defaultdict(list)
    remedies = {str(code): facts.remedy for code, facts in FAILURE_CODES.items()}
    for one in failures:
        trouble = Trouble(one.job, one.code, one.message, remedies.get(one.code, ""), one.source_uri)
        failed[one.source_uri, one.doc_id].append(trouble)
    for key in {**rows, **failed}:
        source_uri, doc_id = key
        answers: list[Answer] = []
        taken = 0
        for found in rows.get(key, ()):
            answers.append(row_to_answer(found.row, found.result_type, taken))
            taken += len(found.row.get("evidence") or ())
        name = next((found.row["document"] for found in rows.get(key, ())), source_uri.rstrip("/").rpartition("/")[2])
        yield Shown(
            document_key(source_uri, doc_id), name, source_uri, doc_id, tuple(answers), tuple(failed.get(key, ()))
        )


def with_decoys(documents: Sequence[Shown]) -> list[Shown]:
    """The documents with a value of another document beside each value, where there is another one."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for shown in documents:
        for answer in shown.answers:
            for value in answer.values():
                if value.value is not None and (text := str(value.value)).strip():
                    said[answer.job, of_each_item(value.path)].append(text)
    others = {key: sorted(set(values)) for key, values in said.items()}
    return [
        replace(shown, answers=tuple(_answer_with_decoys(answer, others) for answer in shown.answers))
        for shown in documents
    ]


def _answer_with_decoys(answer: Answer, others: Mapping[tuple[str, str], Sequence[str]]) -> Answer:
    own = {str(value.value) for value in answer.values()}

    def decoy(job: str, path: str, value: Any, number: int) -> str:
        there = [] if value is None else [one for one in others.get((job, of_each_item(path)), ()) if one not in own]
        return there[number % len(there)] if there else ""

    fields = tuple(
        replace(
            field,
            facts=tuple(
                replace(
                    fact,
                    values=tuple(
                        replace(one, decoy=decoy(answer.job, one.path, one.value, int(one.id, 16)))
                        for one in fact.values
                    ),
                )
                for fact in field.facts
            ),
        )
        for field in answer.fields
    )
    return replace(answer, fields=fields)


def _sampled(documents: Sequence[Shown], sample: int | None) -> list[Shown]:
    """So many documents by chance, the same ones each time."""
    if sample is None or sample >= len(documents):
        return list(documents)
    return sorted(documents, key=lambda one: one.key)[:sample]


def document_page(source_uri: str, doc_id: str) -> str:
    """The page of a document, relative to the report's folder."""
    return f"d/{document_key(source_uri, doc_id)}.html"


def document_key(source_uri: str, doc_id: str) -> str:
    """What a document is called in the names of a report's files."""
    return _digest(f"{source_uri}|{doc_id}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
