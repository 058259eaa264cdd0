"""qwen-batch doctor: what is installed and what is missing."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.options import config_options, read_config
from qwen_batch.errors import EXIT_FATAL, EXIT_OK


@click.command(short_help="Says what this machine lacks.")
@config_options
def doctor(config_path: Path | None, overrides: tuple[str, ...]) -> int:
    """Checks tesseract, its languages, vLLM, GPU, model, disk and memory: a line and a remedy each.

    \b
    Example: qwen-batch doctor
    """
    from qwen_batch.run.doctor import checks

    found = checks(read_config(config_path, overrides))
    width = max(len(check.name) for check in found)
    for check in found:
        remedy = f"  -> {check.remedy}" if check.remedy else ""
        click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<{width}}  {check.detail}{remedy}")
    return EXIT_OK if all(check.ok for check in found) else EXIT_FATAL
