"""What a shell offers where the name of a job is to be typed: those of the jobs folder, or those of an output.

Whatever is wrong is said by the command itself; here it offers nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwen_batch.errors import QwenBatchError

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def job_or_path(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Jobs of the jobs folder; where none begins so, files."""
    from click.shell_completion import CompletionItem

    from qwen_batch.cli.options import jobs_folder, read_config
    from qwen_batch.job.files import job_names

    try:
        folder = jobs_folder(read_config(ctx.params.get("config_path"), ()))
    except QwenBatchError:
        return []
    names = [CompletionItem(name) for name in job_names(folder) if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def job_of_output(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Jobs that the output named before has tables of."""
    from click.shell_completion import CompletionItem

    from qwen_batch.output.export.table import jobs_of

    output = ctx.params.get("output") or next(iter(ctx.args), None)  # an option without its value stops click's parsing
    if not output:
        return []
    try:
        names = jobs_of(str(output))
    except (QwenBatchError, OSError):
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
