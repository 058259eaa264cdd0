"""qwen-batch run: documents in, a table out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qwen_batch.cli.completing import job_or_path
from qwen_batch.cli.driving import Driving, drive, recorded, run_options
from qwen_batch.cli.lean import arrow_without_pandas
from qwen_batch.cli.options import jobs_folder, param_option

if TYPE_CHECKING:
    from qwen_batch.run.recording import RunLog


@click.command(short_help="Asks jobs of every document and publishes the rows.")
@click.argument("arguments", metavar="JOB... INPUT...", nargs=-1, required=True, shell_complete=job_or_path)
@click.option(
    "--eager",
    is_flag=True,
    help="Start the engine without compiling: there sooner, slower then. By itself on a GPU for few prompts.",
)
@param_option
@run_options
def run(arguments: tuple[str, ...], eager: bool, params: tuple[str, ...], driving: Driving) -> int:
    """Asks one or more jobs of every document and publishes the answers as a table.

    JOB is a name in jobs/ or the path of a job file; INPUT is a folder, a glob or a file. The same command
    again does only what is new or changed. Documents that fail are in OUTPUT/failures. Exit codes: 0 all done,
    3 new failures, 4 stopped in time; docs/nightly.md has all of them.

    \b
    Example: qwen-batch run contract_summary report_outline ./contracts --output ./out
    """
    from qwen_batch.job.params import parsed_params
    from qwen_batch.run.prepare import prepare_run

    arrow_without_pandas()

    def work(log: RunLog) -> int:
        stop = driving.stop()
        config = driving.config(eager=eager)
        prepared = prepare_run(arguments, config, jobs_folder(config), driving.place(), parsed_params(params))
        return drive(prepared.request, driving, stop, log, prepared.messages)

    return recorded("run", arguments, driving, work)
