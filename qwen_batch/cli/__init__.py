"""The command line: arguments in, exit codes out. The only importer of click.

Commands import what they need when they run, so that `--help` answers at once. Results go to stdout,
progress and messages to stderr.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from qwen_batch import __version__
from qwen_batch.cli.bench import bench
from qwen_batch.cli.doctor import doctor
from qwen_batch.cli.evaluate import evaluate
from qwen_batch.cli.extract import extract
from qwen_batch.cli.jobs import jobs
from qwen_batch.cli.model import model
from qwen_batch.cli.retry import retry
from qwen_batch.cli.run import run
from qwen_batch.cli.status import status
from qwen_batch.errors import EXIT_FATAL, QwenBatchError


class Stopped(KeyboardInterrupt):
    """A signal asked the run to stop; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def group() -> None:
    """Reads a folder of documents and writes a validated, cited table: OCR, cleaning, vLLM, Parquet."""


for command in (run, extract, retry, status, evaluate, jobs, doctor, bench, model):
    group.add_command(command)


def main() -> NoReturn:
    """Entry point: runs a command and turns every ending into an exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    sys.exit(exit_code_of())


def exit_code_of(arguments: list[str] | None = None) -> int:
    """Runs the command line; one place turns errors into messages and exit codes."""
    try:
        result = group.main(arguments, standalone_mode=False)
    except QwenBatchError as error:
        click.echo(f"qwen-batch: {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as error:
        return _stopped(error.number if isinstance(error, Stopped) else signal.SIGINT)
    except SystemExit as error:
        if error.code != signal.SIGTERM:
            raise
        return _stopped(signal.SIGTERM)  # Ray's own handler, while Ray starts
    except BrokenPipeError:
        return EXIT_FATAL
    return result if isinstance(result, int) else 0


def _stopped(number: int) -> int:
    click.echo(f"qwen-batch: stopped by {signal.Signals(number).name}; run the same command again to go on", err=True)
    return 128 + number


def _stop(number: int, _frame: FrameType | None) -> None:
    for other in (signal.SIGINT, signal.SIGTERM):  # stopping takes seconds: a second signal must not cut it short
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)
