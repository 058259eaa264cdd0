"""The arguments of a run told apart: jobs first, then inputs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qwen_batch.errors import JobError, UsageError
from qwen_batch.job.files import JobSource, find_job, job_names, load_job
from qwen_batch.job.params import allowed, missing_params
from qwen_batch.reading.listing import names_beside

LIKE_A_JOB = 0.8
"""As `SequenceMatcher.ratio` has it: a letter more, less or another, but no other word."""


@dataclass(frozen=True, slots=True)
class JobsAndInputs:
    """The arguments of a run, told apart."""

    jobs: tuple[JobSource, ...]
    inputs: tuple[str, ...]


def split_arguments(arguments: Sequence[str], jobs_dir: Path) -> JobsAndInputs:
    """Jobs come first: names in the jobs folder or job files. The rest are inputs.

    Raises JobError if no job is named or one is misspelled, UsageError if no input is. Inputs that are not there are
    found out by those who list them.
    """
    known = job_names(jobs_dir)
    count = 0
    while count < len(arguments) and (arguments[count] in known or arguments[count].endswith(".py")):
        count += 1
    if count == 0:
        raise _unknown_job(arguments[0], known, jobs_dir)
    if count == len(arguments):
        raise UsageError("no input: only jobs were named", "add a folder, a glob or files after the jobs")
    for name in arguments[count:]:
        if not Path(name).exists() and _is_meant_as_job(name, known):
            raise _unknown_job(name, known, jobs_dir)
    return JobsAndInputs(tuple(find_job(name, jobs_dir) for name in arguments[:count]), tuple(arguments[count:]))


def with_params(sources: Sequence[JobSource], params: Mapping[str, str]) -> tuple[JobSource, ...]:
    """The jobs with the values of their parameters: each value goes to every job that has such a parameter.

    Raises JobError for a parameter that no job has, a value that is none of its own, and one that is not given.
    """
    jobs = {source.path: load_job(source) for source in sources}
    known = {path: set(job.params.model_fields) if job.params else set() for path, job in jobs.items()}
    for name in params:
        if not any(name in names for names in known.values()):
            raise JobError(
                f"no job has the parameter {name!r}",
                "; ".join(f"{job.name} has {allowed(job.params) if job.params else 'none'}" for job in jobs.values()),
            )
    given = tuple(
        replace(source, params=tuple((name, value) for name, value in params.items() if name in known[source.path]))
        if known[source.path] and params
        else source
        for source in sources
    )
    for source in given:
        job = load_job(source)
        if job.params and (lacking := missing_params(job)):
            raise JobError(
                f"job {job.name} needs the parameter {lacking[0]!r}",
                f"give --param {lacking[0]}=...; it has {allowed(job.params)}",
            )
    return given


def _is_meant_as_job(name: str, known: list[str]) -> bool:
    """Whether a word that is no file either is nearly a job's name, and not as near to a name in this folder."""
    return name.isidentifier() and _likeness(name, known) >= max(LIKE_A_JOB, _likeness(name, names_beside(name)))


def _likeness(name: str, others: Sequence[str]) -> float:
    return max((difflib.SequenceMatcher(None, name, other).ratio() for other in others), default=0.0)


def _unknown_job(name: str, known: list[str], jobs_dir: Path) -> JobError:
    close = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    is_input = Path(name).exists()
    return JobError(
        f"no job was named before the input {name!r}" if is_input else f"no job {name!r} in {jobs_dir}",
        f"{hint}jobs there: {', '.join(known) or 'none'}; or give the path of a job file (.py)",
    )
