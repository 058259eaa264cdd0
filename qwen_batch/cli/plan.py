"""qwen-batch plan: what a run will take, before it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.figures import short, span, whole
from qwen_batch.cli.lean import arrow_without_pandas
from qwen_batch.cli.options import PluginName, config_options, jobs_folder, param_option, read_config
from qwen_batch.errors import EXIT_OK

if TYPE_CHECKING:
    from qwen_batch.output.log.plan import Estimate, Plan

LABEL = 19
FIGURE = 10
NARROW, WIDE = 60, 100
MOST_KINDS = 4
MOST_JOBS = 3
STAGES = {"read": "reading", "ocr": "OCR", "prompts": "prompts", "start": "engine's start", "engine": "answers"}


@click.command(short_help="What a run would take: pages, tokens, time, money.")
@click.argument("arguments", metavar="JOB... INPUT...", nargs=-1, required=True)
@click.option("--output", help="The run's output: what is done there is not counted, and the plan is kept in it.")
@click.option("--format", "file_format", type=PluginName("qwen_batch.output.formats"), help="As of `run`.")
@click.option("--limit", type=click.IntRange(min=1), help="Take only the first N files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@param_option
@config_options
def plan(
    arguments: tuple[str, ...],
    output: str | None,
    file_format: str | None,
    limit: int | None,
    as_json: bool,
    params: tuple[str, ...],
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Tells what a run will take: documents, pages, OCR, tokens, time, GPU-hours, money and disk, with ranges.

    Arguments are those of `run`. Every file is opened for its pages, and some are read as the run will read them. No
    model is loaded.

    \b
    Example: qwen-batch plan contract_summary ./contracts --output ./out
    """
    from qwen_batch.job.params import parsed_params
    from qwen_batch.output.log.plan import keep_plan
    from qwen_batch.run.plan.planning import make_plan
    from qwen_batch.run.prepare import Place, prepare_run

    arrow_without_pandas()
    own = [f"sink.format={file_format}"] if file_format else []
    config = read_config(config_path, (*overrides, *own))
    with tempfile.TemporaryDirectory(prefix="qwen_batch-") as nowhere:
        place = Place(output or nowhere, limit)
        request = prepare_run(arguments, config, jobs_folder(config), place, parsed_params(params)).request
        made = make_plan(request, lambda line: click.echo(line, err=True))
        if output:
            keep_plan(request.store, made)
    click.echo(made.to_json().decode() if as_json else plan_text(made, shutil.get_terminal_size().columns))
    return EXIT_OK


def plan_text(made: Plan, columns: int) -> str:
    """The plan for people: a figure a line with its range, on one screen."""
    width = min(max(columns, NARROW), WIDE)
    lines = [*wrap(f"plan: {made.model} on {made.engine}, {_gpus(made)}", width)]
    for label, figure, words in (*_document_rows(made), *_token_rows(made), *_time_rows(made), *_disk_rows(made)):
        lines += _row(label, figure, words, width)
    for note in made.notes:
        lines += wrap(f"- {note}", width, subsequent_indent="  ")
    return "\n".join(lines)


Row = tuple[str, str, str]
"""A label, a figure, and words or a range behind it."""


def _row(label: str, figure: str, words: str, width: int) -> Iterator[str]:
    first = f"{_cut(label, LABEL):<{LABEL}}{figure:>{FIGURE}}"
    room = width - len(first) - 2
    parts = wrap(words, room) or [""]
    yield f"{first}  {parts[0]}".rstrip()
    yield from (f"{'':<{len(first)}}  {part}" for part in parts[1:])


def _document_rows(made: Plan) -> Iterator[Row]:
    found = made.documents
    others = [f"{found.done:,} done before"] if found.done else []
    others += [f"{found.unusable:,} cannot be opened"] if found.unusable else []
    yield "documents to do", f"{found.to_do:,}", ", ".join([f"of {found.found:,}", *others])
    yield "pages", f"{made.pages:,}", f"{found.read_before:,} documents in the text cache"
    if len(made.kinds) > 1:
        largest = sorted(made.kinds, key=lambda kind: -kind.pages)
        for kind in largest[:MOST_KINDS]:
            yield f"  {kind.kind}", f"{kind.pages:,}", f"{kind.documents:,} documents"
        if rest := largest[MOST_KINDS:]:
            pages, documents = sum(kind.pages for kind in rest), sum(kind.documents for kind in rest)
            yield f"  {len(rest)} other kinds", f"{pages:,}", f"{documents:,} documents"
    done = "" if made.ocr_pages == made.ocr_pages_to_do else f" of {_figure(made.ocr_pages)}, the others are recognised"
    yield "pages for OCR", _figure(made.ocr_pages_to_do), (_range(made.ocr_pages_to_do) + done).strip()


def _token_rows(made: Plan) -> Iterator[Row]:
    yield "tokens in", _figure(made.prompt_tokens), _range(made.prompt_tokens)
    yield "tokens out", _figure(made.output_tokens), _range(made.output_tokens)
    if len(made.jobs) > 1:
        for job in made.jobs[:MOST_JOBS]:
            yield f"  {job.job}", _figure(job.prompt_tokens), f"in, {_figure(job.output_tokens)} out"
        if (rest := len(made.jobs) - MOST_JOBS) > 0:
            yield f"  {rest} more", "", "--json has all"


def _time_rows(made: Plan) -> Iterator[Row]:
    yield "time", _span(made.seconds), _span_range(made.seconds)
    for stage in made.stages:
        if stage.seconds is None or stage.seconds.high:
            yield f"  {STAGES[stage.stage]}", _span(stage.seconds), _span_range(stage.seconds)
    if made.gpus:
        yield "GPU-hours", _figure(made.gpu_hours, small=True), _range(made.gpu_hours, small=True)
        if made.price is not None:
            yield "money", _figure(made.price, small=True), _range(made.price, small=True)


def _disk_rows(made: Plan) -> Iterator[Row]:
    free = f"; {short(made.disk.free_bytes)}B free" if made.disk.free_bytes is not None else ""
    yield "output on disk", f"{_figure(made.disk.output_bytes)}B", _range(made.disk.output_bytes) + free
    if made.disk.cache_bytes is None or made.disk.cache_bytes.high:
        yield "text cache", f"{_figure(made.disk.cache_bytes)}B", _range(made.disk.cache_bytes)


def _gpus(made: Plan) -> str:
    return f"{made.gpus} GPU{'s' * (made.gpus > 1)}" if made.gpus else "no GPU"


def _figure(one: Estimate | None, *, small: bool = False) -> str:
    if one is None:
        return "?"
    if small:
        return _money(one.likely)
    return whole(one.likely) if one.low == one.high else short(one.likely)


def _range(one: Estimate | None, *, small: bool = False) -> str:
    if one is None:
        return "not known"
    if one.low == one.high:
        return ""
    return f"{_money(one.low)} to {_money(one.high)}" if small else f"{short(one.low)} to {short(one.high)}"


def _money(value: float) -> str:
    """Two decimals, or two digits of what is less than one."""
    return f"{value:,.2f}" if value >= 1 or not value else f"{value:.2g}"


def _span(one: Estimate | None) -> str:
    return "?" if one is None else span(one.likely)


def _span_range(one: Estimate | None) -> str:
    if one is None:
        return "not known"
    return f"{span(one.low)} to {span(one.high)}" if one.low != one.high else ""


def _cut(text: str, width: int) -> str:
    return text if len(text) < width else f"{text[: width - 2]}…"
