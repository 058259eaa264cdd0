"""The command line: arguments in, exit codes out. The only importer of click.

Commands import what they need when they run, so that `--help` answers at once. Results go to stdout,
progress and messages to stderr.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import click

from qwen_batch.cli.apply import apply
from qwen_batch.cli.bench import bench
from qwen_batch.cli.doctor import doctor
from qwen_batch.cli.endings import Ending, close_stdout, ending_of, raise_stopped
from qwen_batch.cli.evaluate import evaluate
from qwen_batch.cli.export import export
from qwen_batch.cli.extract import extract
from qwen_batch.cli.init import init
from qwen_batch.cli.jobs import jobs
from qwen_batch.cli.model import model
from qwen_batch.cli.plan import plan
from qwen_batch.cli.report import report
from qwen_batch.cli.retry import retry
from qwen_batch.cli.run import run
from qwen_batch.cli.status import status
from qwen_batch.cli.tune import tune
from qwen_batch.errors import EXIT_FATAL, EXIT_OK, QwenBatchError
from qwen_batch.packages import __version__


class InTheirOrder(click.Group):
    """Lists its commands as one comes to need them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order in which they were added."""
        return list(self.commands)


@click.group(cls=InTheirOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def group() -> None:
    """Reads a folder of documents and writes a validated, cited table: OCR, cleaning, vLLM, Parquet.

    \b
    Completion by the shell, of commands, options and names of jobs (fish and zsh likewise):
      eval "$(_QWEN_BATCH_COMPLETE=bash_source qwen-batch)"    in ~/.bashrc
    NO_COLOR=1 turns colours off.
    """


for command in (
    init,
    run,
    plan,
    extract,
    retry,
    status,
    report,
    apply,
    export,
    evaluate,
    tune,
    jobs,
    doctor,
    bench,
    model,
):
    group.add_command(command)


def main() -> NoReturn:
    """Entry point: runs a command and turns every ending into an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, raise_stopped)
    code = EXIT_FATAL  # of an error that nobody foresaw
    try:
        code = exit_code_of()
    finally:
        code = close_stdout(code)
    sys.exit(code)


def exit_code_of(arguments: list[str] | None = None) -> int:
    """Runs the command line; one place turns errors into messages and exit codes."""
    try:
        result = group.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ending_of(error).exit_code
    except BrokenPipeError as error:
        return ending_of(error).exit_code
    except (QwenBatchError, KeyboardInterrupt, click.Abort) as error:
        return _said(ending_of(error))
    return result if isinstance(result, int) else EXIT_OK


def _said(ending: Ending) -> int:
    text = (
        f"{ending.message}; {ending.remedy}" if ending.by_signal else str(QwenBatchError(ending.message, ending.remedy))
    )
    click.echo(f"qwen-batch: {text}", err=True)
    return ending.exit_code
