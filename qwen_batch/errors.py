"""The fatal errors of a run, each with its exit code and a remedy.

What happens to one document is never an exception here: it is a `records.Failure` value. Only what
makes the whole command impossible is raised.

    QwenBatchError               exit 1
    ├── UsageError               exit 2   wrong arguments or inputs
    │   ├── ConfigError          exit 2   pipeline.yaml or --set
    │   └── JobError             exit 2   a job file
    ├── ToolMissingError         exit 1   tesseract, a language, vLLM
    ├── ModelError               exit 1   a model that cannot be found, fetched or loaded
    ├── OutputError              exit 1   the output folder: permission, space, a table that does not add up
    │   ├── WrongOutputError     exit 2   a place that is no output, or cannot become one
    │   └── LockedError          exit 5   another run holds the output
    ├── ServerError              exit 1   a server cannot be reached, or it or an engine that is up refuses everything
    ├── ConstraintError          exit 1   the engine's answers do not follow their schema
    └── EngineError              exit 1   the engine died and could not be brought back
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_FATAL = 1
EXIT_USAGE = 2
EXIT_SOME_FAILED = 3
EXIT_DEADLINE = 4
EXIT_LOCKED = 5
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

EXIT_CODES = {
    EXIT_OK: "all done",
    EXIT_FATAL: "something that ends the whole command: a tool, a model, the disk, the engine, or an error of its own",
    EXIT_USAGE: "wrong arguments, settings, job or output; nothing was begun",
    EXIT_SOME_FAILED: "done, and some documents failed that had not failed before",
    EXIT_DEADLINE: "stopped in time, or by SIGTERM; the same command goes on",
    EXIT_LOCKED: "another run holds the output",
    EXIT_INTERRUPTED: "Ctrl-C; the same command goes on",
    EXIT_TERMINATED: "SIGTERM before or after the work itself; the same command goes on",
}
"""Every code that a command may end with, unless it is killed."""


class QwenBatchError(Exception):
    """A fatal error: `message` says what is wrong and where, `remedy` what to do about it."""

    exit_code = EXIT_FATAL

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[QwenBatchError], tuple[str, str]]:
        return type(self), (self.message, self.remedy)

    def __str__(self) -> str:
        return f"{self.message}\n  remedy: {self.remedy}" if self.remedy else self.message


class UsageError(QwenBatchError):
    """The command was called with arguments that cannot work."""

    exit_code = EXIT_USAGE


class ConfigError(UsageError):
    """pipeline.yaml or a --set option holds an unknown key or a value of the wrong type."""


class JobError(UsageError):
    """A job is unknown, or its file cannot be used."""


class ToolMissingError(QwenBatchError):
    """A program or package that the run needs is not installed."""


class ModelError(QwenBatchError):
    """A model cannot be found, fetched, verified or loaded."""


class OutputError(QwenBatchError):
    """The output folder cannot be written, or does not add up."""


class WrongOutputError(OutputError):
    """The place that was named is no output, or cannot become one."""

    exit_code = EXIT_USAGE


class LockedError(OutputError):
    """Another run holds the output."""

    exit_code = EXIT_LOCKED


class EngineError(QwenBatchError):
    """The engine died and could not be brought back."""


class ConstraintError(QwenBatchError):
    """The engine does not bind its answers to the schema that it is given."""


class ServerError(QwenBatchError):
    """The server of engine.kind http cannot be reached; or it, or an engine that is up, refuses every request."""
