"""`run_jobs`: what `qwen-batch run` does, called from Python, with its summary as a value.

Everything else is the same: settings, checks, the record of the run, the lock. Errors are raised as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwen_batch.cli.driving import Driving, exit_code, recorded, summed_up
from qwen_batch.cli.options import jobs_folder
from qwen_batch.errors import JobError, UsageError

if TYPE_CHECKING:
    from qwen_batch.run.prepare import Prepared
    from qwen_batch.run.recording import RunLog
    from qwen_batch.run.request import RunSummary

Names = str | Path | Sequence[str | Path]


def run_jobs(
    jobs: Names,
    inputs: Names,
    output: str | Path,
    *,
    config: str | Path | None = None,
    params: Mapping[str, Any] | None = None,
    limit: int | None = None,
    until: str | None = None,
    time_limit: str | None = None,
    progress: bool = True,
    break_lock: bool = False,
    **settings: Any,
) -> RunSummary:
    """Asks jobs of documents as `qwen-batch run` does, and gives the summary of the run.

    `jobs` are names in the jobs folder or paths of job files, `inputs` folders, globs and files, `params` values of the
    jobs' parameters by name. `settings` are those
    of pipeline.yaml, section by section: `engine={"kind": "null"}`. The file named by `config`, or ./pipeline.yaml, is
    read first. Progress goes to stderr. A document that fails raises nothing: the summary counts it. Raises a
    QwenBatchError that says what to do.
    """
    named, places = _named(jobs, "job"), _named(inputs, "input")
    driving = Driving(
        output=str(output),
        progress=progress,
        until=until,
        time_limit=time_limit,
        break_lock=break_lock,
        config_path=Path(config) if config is not None else None,
        overrides=tuple(_overrides(settings)),
        limit=limit,
    )
    return driven(named, places, driving, {name: str(value) for name, value in (params or {}).items()})


def driven(
    jobs: Sequence[str], inputs: Sequence[str], driving: Driving, params: Mapping[str, str] | None = None
) -> RunSummary:
    """A recorded run of jobs over inputs, and its summary."""
    ended: list[RunSummary] = []

    def work(log: RunLog) -> int:
        stop = driving.stop()
        prepared = _prepared(jobs, inputs, driving, params or {})
        ended.append(summed_up(prepared.request, driving, stop, log, prepared.messages))
        return exit_code(ended[0])

    recorded("run", (*jobs, *inputs), driving, work)
    return ended[0]


def _prepared(jobs: Sequence[str], inputs: Sequence[str], driving: Driving, params: Mapping[str, str]) -> Prepared:
    from qwen_batch.job.files import find_job
    from qwen_batch.run.arguments import JobsAndInputs
    from qwen_batch.run.prepare import prepare_jobs

    config = driving.config()
    sources = tuple(find_job(name, jobs_folder(config)) for name in jobs)
    return prepare_jobs(JobsAndInputs(sources, tuple(inputs)), config, driving.place(), params=params)


def _named(names: Names, what: str) -> tuple[str, ...]:
    several = (names,) if isinstance(names, str | Path) else names
    if not isinstance(several, Sequence) or not all(isinstance(one, str | Path) for one in several):
        if what == "job":
            raise JobError(
                f"jobs={names!r}: not the name of a job, nor the path of its file",
                "write the job into a file, which every process loads, and give its path",
            )
        raise UsageError(f"inputs={names!r}: not the path of a folder or file", "give a path, or a list of paths")
    if not several:
        raise UsageError(f"{what}s is empty", f"name one {what} at least")
    return tuple(str(one) for one in several)


def _overrides(settings: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Settings as --set has them, each by its whole key."""
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _overrides(value, f"{above}{key}.")
        else:
            yield f"{above}{key}={json.dumps(value, default=str)}"
