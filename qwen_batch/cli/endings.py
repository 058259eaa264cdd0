"""How a command ends: which exit code belongs to what ended it, and what is said of it.

The codes stand in `errors.EXIT_CODES`. No other module decides one for an error.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from types import FrameType

import click

from qwen_batch.errors import EXIT_FATAL, EXIT_USAGE, QwenBatchError

GO_ON = "run the same command again to go on"


class Stopped(KeyboardInterrupt):
    """A signal asked the run to stop; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@dataclass(frozen=True, slots=True)
class Ending:
    """What an error makes of a command; `by_signal` if somebody stopped it, `known` if it was foreseen."""

    exit_code: int
    message: str
    remedy: str = ""
    by_signal: bool = False
    known: bool = True


def ending_of(error: BaseException) -> Ending:
    """How a command ends that ends with this."""
    if isinstance(error, QwenBatchError):
        return Ending(error.exit_code, error.message, error.remedy)
    if isinstance(error, click.ClickException):
        return Ending(EXIT_USAGE if isinstance(error, click.UsageError) else EXIT_FATAL, error.format_message())
    if isinstance(error, click.Abort) and error.__cause__ is not None:
        return ending_of(error.__cause__)  # click puts its own in the place of what a signal raised
    if isinstance(error, KeyboardInterrupt | EOFError | click.Abort):
        return _by_signal(error.number if isinstance(error, Stopped) else signal.SIGINT)
    if isinstance(error, BrokenPipeError):
        return Ending(EXIT_FATAL, "who read the output has gone")
    return Ending(EXIT_FATAL, f"{type(error).__name__}: {error}", "report this as a bug", known=False)


def raise_stopped(number: int, _frame: FrameType | None) -> None:
    """The handler of the signals that stop a command."""
    for other in (signal.SIGINT, signal.SIGTERM):  # stopping takes seconds: a second signal must not cut it short
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def close_stdout(exit_code: int) -> int:
    """Writes out what stdout still holds; without it Python itself ends with 120 where nobody takes it any more."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            click.echo(f"qwen-batch: stdout: {error.strerror}", err=True)
        return exit_code or EXIT_FATAL
    return exit_code


def _by_signal(number: int) -> Ending:
    return Ending(128 + number, f"stopped by {signal.Signals(number).name}", GO_ON, by_signal=True)
