"""What logs need of the rest of a run: a log is condensed once, and the jobs that read logs go by that text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qwen_batch.asking.logs.condense import document_to_log
from qwen_batch.job.definition import Job, job_log_fields
from qwen_batch.job.logs.lines import CondensedLog
from qwen_batch.records import CleanDocument
from qwen_batch.run.document.work import Work


def with_log(work: Work, jobs: Mapping[str, Job]) -> Work:
    """The work with its document condensed, if that is a log and a job reads logs.

    Where all of its jobs do, the full text goes no further: it may be many megabytes.
    """
    reading = [name for name in work.jobs if job_log_fields(jobs[name])]
    if not reading or work.clean is None or work.group is not None or work.log is not None:
        return work
    log = document_to_log(work.clean)
    if log is None:
        return work
    return replace(work, log=log, clean=log.clean if len(reading) == len(work.jobs) else work.clean)


def read_as_log(clean: CleanDocument, job: Job) -> CondensedLog | None:
    """What a job is shown of a document that it reads as a log; None where it does not."""
    return document_to_log(clean) if job_log_fields(job) else None


def log_of(work: Work, job: Job) -> CondensedLog | None:
    """The condensed log that a job is asked of; None where it is asked of the document's text."""
    return work.log if job_log_fields(job) else None


def text_of(work: Work, clean: CleanDocument, job: Job) -> CleanDocument:
    """The text that a job is asked of, and its quotes are looked for in."""
    log = log_of(work, job)
    return clean if log is None else log.clean


def lines_asked(job: Job) -> int:
    """How many lines of a log one prompt of a job shows."""
    return min(one.asked for one in job_log_fields(job))
