"""What the commands have in common that drive a run: their options, the run itself, what they say and how they end.

`run`, `extract` and `retry` make a request each in their own way; from there on they are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qwen_batch.cli.endings import Ending, ending_of
from qwen_batch.cli.figures import planned_line
from qwen_batch.cli.options import PluginName, config_options, read_config
from qwen_batch.errors import EXIT_DEADLINE, EXIT_OK, EXIT_SOME_FAILED

if TYPE_CHECKING:
    from rich.console import Console

    from qwen_batch.config import Config
    from qwen_batch.engine.usage import RunUsage
    from qwen_batch.output.log.record import State
    from qwen_batch.run.in_process.choice import Chosen
    from qwen_batch.run.prepare import Place
    from qwen_batch.run.recording import RunLog
    from qwen_batch.run.request import RunRequest, RunSummary
    from qwen_batch.run.stopping import Stop

Command = Callable[..., Any]
MOST_LINES = 8
"""Of one kind, so that a summary fits a screen."""
GRACE = "30s"
_AGAIN = (
    click.option("--progress/--no-progress", default=True, help="Show progress on stderr."),
    click.option(
        "--until", metavar="HH:MM", help="Be through by this time of the day; exit code 4 if not all is done."
    ),
    click.option("--time-limit", metavar="SPAN", help="Be through after this time, such as 4h, 90m or 45s."),
    click.option("--grace", metavar="SPAN", default=GRACE, show_default=True, help="Time to publish after SIGTERM."),
    click.option(
        "--fail-on",
        type=click.Choice(["new", "any", "none"]),
        default="new",
        show_default=True,
        help="Which failures make the exit code 3: those of this run, also older ones, or none.",
    ),
    click.option("--break-lock", is_flag=True, help="Take the lock of a run that is dead on another host."),
)
_FIRST = (
    click.option("--output", required=True, help="Folder of the tables, or s3://bucket/prefix; made if missing."),
    click.option(
        "--format",
        "file_format",
        type=PluginName("qwen_batch.output.formats"),
        help="File format of the tables.",
    ),
    click.option("--limit", type=click.IntRange(min=1), help="Take only the first N files."),
    click.option("--ray-address", help="Use this Ray cluster instead of starting Ray here."),
    click.option(
        "--execution",
        type=click.Choice(["auto", "ray", "in_process"]),
        help="On Ray, or without it in processes of this command, which start sooner.",
    ),
)


@dataclass(frozen=True, slots=True)
class Driving:
    """The options of a command that drives a run, by their names on the command line."""

    output: str
    config_path: Path | None
    overrides: tuple[str, ...]
    progress: bool = True
    until: str | None = None
    time_limit: str | None = None
    grace: str = GRACE
    break_lock: bool = False
    fail_on: str = "new"
    file_format: str | None = None
    limit: int | None = None
    ray_address: str | None = None
    execution: str | None = None

    def stop(self) -> Stop:
        """When the run stops, from --until, --time-limit and --grace."""
        from datetime import datetime

        from qwen_batch.run.stopping import Limits, Stop, text_to_moment_s, text_to_span_s

        now = datetime.now().astimezone()
        ends = [text_to_moment_s(self.until, now)] if self.until else []
        ends += [now.timestamp() + text_to_span_s(self.time_limit)] if self.time_limit else []
        return Stop(Limits(min(ends, default=math.inf), text_to_span_s(self.grace)))

    def config(self, *, eager: bool = False) -> Config:
        """The settings, with the options that have a name of their own on top."""
        own = [f"sink.format={self.file_format}"] if self.file_format else []
        own += [f"resources.ray_address={self.ray_address}"] if self.ray_address else []
        own += [f"execution={self.execution}"] if self.execution else []
        own += ["engine.eager=true"] if eager else []
        return read_config(self.config_path, (*self.overrides, *own))

    def place(self) -> Place:
        """Where the run writes."""
        from qwen_batch.run.prepare import Place

        return Place(self.output, self.limit, self.break_lock)


def run_options(command: Command) -> Command:
    """Gives a command that makes tables its options, as the argument `driving`."""
    return _with_options(command, (*_FIRST, *_AGAIN))


def again_options(command: Command) -> Command:
    """The same for a command whose argument OUTPUT says where the tables are, and in which settings they were made."""
    return _with_options(command, _AGAIN)


def _with_options(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    names = {field.name for field in fields(Driving)}

    @wraps(command)
    def driven(**arguments: Any) -> Any:
        own = {name: value for name, value in arguments.items() if name not in names}
        return command(driving=Driving(**{name: arguments[name] for name in names & arguments.keys()}), **own)

    wrapped: Command = config_options(driven)
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def recorded(command: str, arguments: Sequence[str], driving: Driving, work: Callable[[RunLog], int]) -> int:
    """Does the work of a command that drives a run, as `recorded_at`."""
    return recorded_at(driving.output, command, arguments, work, driving.overrides)


def recorded_at(
    output: str, command: str, arguments: Sequence[str], work: Callable[[RunLog], int], settings: Sequence[str] = ()
) -> int:
    """Does the work of a command on an output and leaves a record there of how it ended; gives its exit code."""
    from qwen_batch.output.log.record import Trouble
    from qwen_batch.run.recording import RunLog

    log = RunLog(output, command, arguments, settings, say)
    try:
        code = work(log)
    except BaseException as error:
        ending = ending_of(error)
        log.end(ending.exit_code, _state(log, ending), Trouble(**_words(ending)))
        raise
    log.end(code)
    if log.trouble:
        say([f"this run could not leave its record: {log.trouble}"])
    return code


def drive(
    request: RunRequest[Any],
    driving: Driving,
    stop: Stop,
    log: RunLog,
    messages: Sequence[str] = (),
) -> int:
    """Runs a request as `summed_up` does; says its summary and gives the exit code."""
    from qwen_batch.run.plan.compare import plan_and_run

    summary = summed_up(request, driving, stop, log, messages)
    foretold = plan_and_run(request, summary)
    log.foretold(foretold)
    click.echo(summary_text(summary, driving.output, request.spec.config.sink.format))
    if foretold:
        click.echo(f"  {planned_line(foretold)}")
    return exit_code(summary, driving.fail_on)


def summed_up(
    request: RunRequest[Any],
    driving: Driving,
    stop: Stop,
    log: RunLog,
    messages: Sequence[str] = (),
) -> RunSummary:
    """Runs a request on what is chosen for it. Says the messages before, and what was chosen."""
    from qwen_batch.run.in_process.machinery import ChosenLater
    from qwen_batch.run.progress import make_reporter
    from qwen_batch.run.runner import execute_run

    def say_chosen(chosen: Chosen) -> None:
        say([str(chosen), *stop.too_short(log.started.timestamp(), log.first_document_s(), chosen.starts_in_s)])

    reporter = make_reporter(say(messages), wanted=driving.progress)
    summary = execute_run(request, ChosenLater(say_chosen), reporter, stop, log)
    log.summed_up(summary)
    return summary


def _state(log: RunLog, ending: Ending) -> State | None:
    """None where the work was done, and only what came after it went wrong."""
    if log.done:
        return None
    if ending.by_signal:
        return "stopped"
    return "failed" if log.begun or not ending.known else "refused"


def _words(ending: Ending) -> dict[str, str]:
    return {"message": ending.message, **({"remedy": ending.remedy} if ending.remedy else {})}


def say(messages: Sequence[str]) -> Console:
    """Prints lines for people on stderr, and gives the console that the progress goes to."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    for line in messages:
        console.print(line, soft_wrap=True)
    return console


def exit_code(summary: RunSummary, fail_on: str = "new") -> int:
    """Stopped before the end goes before some failed."""
    if summary.left:
        return EXIT_DEADLINE
    failed = {"new": summary.failed_now, "any": summary.failed, "none": 0}[fail_on]
    return EXIT_SOME_FAILED if failed else EXIT_OK


def summary_text(summary: RunSummary, output: str, file_format: str) -> str:
    """The lines that a run leaves on stdout."""
    from qwen_batch.output.format import FORMATS
    from qwen_batch.output.layout import TablePart

    output = output.rstrip("/")
    extension = FORMATS.load(file_format).extension
    lines = [f"run {summary.run_id}: {summary.documents} documents in {summary.seconds:.0f} s"]
    if summary.done_before or summary.failed_before or summary.skipped_before:
        skipped = f", {summary.skipped_before} skipped" if summary.skipped_before else ""
        lines.append(f"  from runs before: {summary.done_before} rows, {summary.failed_before} failures{skipped}")
    if summary.failed_before:
        lines.append(f"  old failures are not tried again: fix or remove the files, or `qwen-batch retry {output}`")
    if summary.left:
        lines.append(f"  stopped by {summary.stopped_by}: {summary.left} documents are left; the same command goes on")
        if summary.first_document_s is None:
            lines.append("  not one document was finished in this time: give it more")
    elif not any(summary.rows.values()):
        lines.append("  nothing new: every document is in the table or in failures already")
    for table, rows in summary.rows.items():
        if rows:
            files = TablePart(table, summary.run_id).pattern(extension)
            lines.append(f"  {table}: {rows} rows in {output.rstrip('/')}/{files}")
    lines += _code_lines(summary.failure_codes, output)
    lines += [f"    {count} are not what {job} is for" for job, count in sorted(summary.skips.items())]
    lines += _message_lines(summary, output)
    counts = summary.counts
    if counts.prompt_tokens:
        lines.append(
            f"  tokens: {counts.prompt_tokens} read ({counts.cached_tokens} from the prefix cache), "
            f"{counts.output_tokens} written"
        )
    if counts.usage and counts.usage.gpu_busy is not None:
        lines.append(f"  {_gpu_text(counts.usage, counts.pages)}")
    return "\n".join(lines)


def _message_lines(summary: RunSummary, output: str) -> list[str]:
    from qwen_batch.output.layout import run_path

    lines = [f"  {message}" for message in summary.messages[:MOST_LINES]]
    more = len(summary.messages) - MOST_LINES
    where = f"`messages` in {output}/{run_path(summary.run_id)}"
    return lines + ([f"  and {more} more such lines: {where}"] if more > 0 else [])


def _code_lines(codes: Mapping[str, int], output: str) -> list[str]:
    """The most frequent codes of failures, as many as one looks at, and what says more."""
    frequent = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"    {count} x {code}" for code, count in frequent[:MOST_LINES]]
    rest = frequent[MOST_LINES:]
    lines += [f"    {sum(count for _, count in rest)} x {len(rest)} other codes"] if rest else []
    return lines + ([f"    why, and what helps: qwen-batch status {output}"] if codes else [])


def _gpu_text(usage: RunUsage, pages: int) -> str:
    of_1000 = usage.per_1000_pages(pages)
    each = f"; 1000 pages take {of_1000['gpu_seconds']:.0f} GPU-seconds and {of_1000['watt_hours']:.1f} Wh"
    return f"GPU busy {usage.gpu_busy:.0%} from the first prompt on, {usage.gpu_seconds:.0f} GPU-seconds" + (
        each if of_1000 else ""
    )
