from __future__ import annotations

from pathlib import Path

import pytest
from helpers.published import evidence, publish_run, record
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Job
from qwen_batch.errors import UsageError, WrongOutputError
from qwen_batch.outcomes import Failure
from qwen_batch.records import Document
from qwen_batch.report.source import output_to_source


class Letter(BaseModel):
    law: str | None = Field(max_length=20)
    sender: str | None = Field(max_length=20)


JOB = Job(name="letter", schema=Letter, instruction="x", sampling=EXTRACTION)
TERMS = Job(name="terms", schema=Letter, instruction="x", sampling=EXTRACTION)


def test_a_document_has_the_rows_of_all_jobs_and_citations_with_numbers_of_their_own(tmp_path: Path) -> None:
    said = {"law": "Ohio", "sender": "Ann"}
    publish_run(tmp_path, JOB, [record(JOB, "a", said, evidence=(evidence("law", "Ohio", "Ohio"),))], run_id="run1")
    publish_run(tmp_path, TERMS, [record(TERMS, "a", said, evidence=(evidence("law", "Ohio", "Ohio"),))], run_id="run2")
    source = output_to_source(str(tmp_path))
    (shown,) = source.documents
    assert (source.jobs, [one.job for one in shown.answers]) == (("letter", "terms"), ["letter", "terms"])
    assert [one.number for one in shown.citations()] == [0, 1]


def test_a_document_that_failed_is_shown_with_the_remedy(tmp_path: Path) -> None:
    failure = Failure(Document("id-b", "/in/b", "text/plain", 1), "read", "empty_file", "no bytes", job="letter")
    publish_run(tmp_path, JOB, [record(JOB, "a", {"law": None, "sender": None})], (failure,))
    source = output_to_source(str(tmp_path))
    (failed,) = [one for one in source.documents if one.failures]
    assert (failed.name, failed.answers, failed.failures[0].remedy) == (
        "b",
        (),
        "Copy it again from where it came from.",
    )


def test_a_sample_is_the_same_each_time_and_counts_what_is_left_out(tmp_path: Path) -> None:
    publish_run(tmp_path, JOB, [record(JOB, name, {"law": name, "sender": None}) for name in "abcdefgh"])
    one, same = (output_to_source(str(tmp_path), sample=3) for _ in range(2))
    assert [shown.name for shown in one.documents] == [shown.name for shown in same.documents]
    assert (len(one.documents), one.left_out) == (3, 5)


def test_a_blind_check_shows_another_documents_value_and_never_an_own_one(tmp_path: Path) -> None:
    records = [
        record(JOB, name, {"law": law, "sender": None}) for name, law in [("a", "Ohio"), ("b", "Utah"), ("c", "Ohio")]
    ]
    publish_run(tmp_path, JOB, records)
    source = output_to_source(str(tmp_path))
    decoys = {(shown.name, value.path): value.decoy for shown in source.documents for value in shown.values()}
    assert decoys == {
        ("a", "law"): "Utah", ("b", "law"): "Ohio", ("c", "law"): "Utah",
        ("a", "sender"): "", ("b", "sender"): "", ("c", "sender"): "",
    }  # fmt: skip


def test_a_job_that_is_not_there_is_an_error_that_lists_those_that_are(tmp_path: Path) -> None:
    publish_run(tmp_path, JOB, [record(JOB, "a", {"law": None, "sender": None})])
    with pytest.raises(UsageError, match="'invoice'") as error:
        output_to_source(str(tmp_path), "invoice")
    assert error.value.remedy == "jobs there: letter"


def test_a_folder_that_is_no_output_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WrongOutputError):
        output_to_source(str(tmp_path))
