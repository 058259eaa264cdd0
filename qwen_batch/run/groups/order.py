"""Which jobs a run needs beside those that were named, and which comes before which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from qwen_batch.errors import JobError
from qwen_batch.job.definition import Job, job_schema
from qwen_batch.job.files import JobSource, find_job, load_job
from qwen_batch.job.members import Grouping, check_paths
from qwen_batch.run.request import Product


def with_member_jobs(sources: Sequence[JobSource]) -> tuple[JobSource, ...]:
    """The jobs and all whose rows they are asked of, which are looked for beside them. Those come first.

    Raises JobError for a job that is not there, and for jobs that are of each other.
    """
    known = {load_job(source).name: source for source in sources}
    waiting = list(sources)
    while waiting:
        source = waiting.pop()
        of = load_job(source).of
        if of and of not in known:
            known[of] = _beside(source, of)
            waiting.append(known[of])
    jobs = {name: load_job(source) for name, source in known.items()}
    for job in jobs.values():
        if job.of:
            check_paths(job.name, job_schema(job), job.over, job.of, job_schema(jobs[job.of]))
    return tuple(known[name] for name in _in_order(jobs))


def _beside(source: JobSource, of: str) -> JobSource:
    try:
        return find_job(of, Path(source.path).parent)
    except JobError as error:
        name = load_job(source).name
        raise JobError(f"job {name} is of the rows of {of!r}: {error.message}", error.remedy) from None


def _in_order(jobs: Mapping[str, Job]) -> list[str]:
    """Each job after the one that it is of, else as they came."""
    try:
        before = set(TopologicalSorter({name: [job.of] if job.of else [] for name, job in jobs.items()}).static_order())
    except CycleError as error:
        circle = " of ".join(error.args[1])
        raise JobError(
            f"jobs are of each other in a circle: {circle}", "let one of them be asked of documents"
        ) from None
    named = [name for name in jobs if name in before]
    return sorted(named, key=lambda name: _depth(jobs, name))


def _depth(jobs: Mapping[str, Job], name: str) -> int:
    return 0 if not jobs[name].of else 1 + _depth(jobs, jobs[name].of)


def grouping_of(job: Job) -> Grouping | None:
    """What a job's documents are made of; None for a job of documents."""
    return Grouping(job.of, job.over) if job.of else None


def by_level(products: Iterable[Product]) -> list[list[Product]]:
    """Products of documents, then those of their rows, then those of theirs."""
    levels: dict[str, int] = {}
    found: list[list[Product]] = [[]]
    for product in products:  # each after the one that it is of
        level = 0 if product.grouping is None else levels[product.grouping.of] + 1
        levels[product.name] = level
        while len(found) <= level:
            found.append([])
        found[level].append(product)
    return found
