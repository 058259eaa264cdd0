"""qwen-batch retry: failures again, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qwen_batch.cli.driving import Driving, again_options, drive, recorded, say
from qwen_batch.cli.lean import arrow_without_pandas
from qwen_batch.errors import EXIT_OK

if TYPE_CHECKING:
    from qwen_batch.run.recording import RunLog


@click.command(short_help="Does the failures of an output again.")
@click.argument("output")
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only failures with this code. Repeatable.")
@click.option("--job", "jobs", multiple=True, metavar="JOB", help="Only failures of this job. Repeatable.")
@again_options
def retry(codes: tuple[str, ...], jobs: tuple[str, ...], driving: Driving) -> int:
    """Does the failures of an output again: all of them, or those with a code or of a job.

    The settings are those of the newest run there; --set changes some, --config replaces them. What succeeded is not
    touched. `qwen-batch status OUTPUT` lists the codes. Exit codes as `run`.

    \b
    Example: qwen-batch retry ./out --code timeout --set read.timeout_s=900
    """
    from qwen_batch.run.retry import Wanted, prepare_retry

    arrow_without_pandas()

    def work(log: RunLog) -> int:
        stop = driving.stop()
        again = prepare_retry(Wanted(codes, jobs), driving.place(), driving.config_path, driving.overrides)
        if again.run:
            return drive(again.run, driving, stop, log, again.messages)
        if again.extract:
            return drive(again.extract, driving, stop, log, again.messages)
        say(again.messages)
        log.nothing_to_do()
        return EXIT_OK

    chosen = [f"--code={code}" for code in codes] + [f"--job={job}" for job in jobs]
    return recorded("retry", chosen, driving, work)
