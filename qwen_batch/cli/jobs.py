"""qwen-batch jobs: list, show and check job files."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.completing import job_or_path
from qwen_batch.cli.infer_job import infer_job
from qwen_batch.cli.new_job import new_job
from qwen_batch.cli.options import config_options, jobs_folder, param_option, read_config
from qwen_batch.errors import EXIT_OK, JobError, UsageError

if TYPE_CHECKING:
    from qwen_batch.engine.tokens import Tokenizer


@click.group(short_help="Lists, shows, checks and makes jobs.")
def jobs() -> None:
    """Lists, shows and checks the jobs that documents can be asked."""


@jobs.command("list")
@config_options
def list_jobs(config_path: Path | None, overrides: tuple[str, ...]) -> int:
    """Lists the jobs by name, with the first line of each file.

    \b
    Example: qwen-batch jobs list
    """
    from qwen_batch.job.files import find_job, job_names, load_job

    folder = jobs_folder(read_config(config_path, overrides))
    for name in job_names(folder):
        source = find_job(name, folder)
        load_job(source)
        click.echo(f"{name:<24} {source.text.strip().splitlines()[0].strip(chr(34))}")
    return EXIT_OK


@jobs.command("show")
@click.argument("job", shell_complete=job_or_path)
@click.option(
    "--document",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Show what the job would be shown of this document instead, with scores.",
)
@click.option("--examples", metavar="OUTPUT", help="With --document: which corrected rows of this output are near it.")
@param_option
@config_options
def show_job(
    job: str,
    document: Path | None,
    examples: str | None,
    params: tuple[str, ...],
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Shows a job's prompt, its sampling and the columns of its table.

    With --document it shows which passages of a document the job is shown, where they stand and for which of the
    job's fields they were chosen; with --examples too which corrected rows `prompt.examples` would show. No model is
    needed.

    \b
    Example: qwen-batch jobs show contract_summary
    Example: qwen-batch jobs show contract_terms --document lease.pdf --examples ./out
    """
    from qwen_batch.asking.prompts import chunk_messages
    from qwen_batch.cli.shown import example_lines_of, shown_lines
    from qwen_batch.job.definition import job_schema
    from qwen_batch.job.files import find_job, load_job
    from qwen_batch.job.params import parsed_params
    from qwen_batch.output.record_table import job_table_schema
    from qwen_batch.records import Chunk
    from qwen_batch.run.arguments import with_params
    from qwen_batch.run.document.alone import file_to_clean

    config = read_config(config_path, overrides)
    if examples and document is None:
        raise UsageError("--examples shows what is near a document, and none is named", "add --document FILE")
    (source,) = with_params([find_job(job, jobs_folder(config))], parsed_params(params))
    loaded = load_job(source)
    if document is not None:
        tokenizer, whose = _tokenizer(config.engine.model)
        clean = file_to_clean(document, config)
        for line in shown_lines(loaded, clean, config, tokenizer):
            click.echo(line)
        for line in example_lines_of(loaded, clean, config, examples, tokenizer) if examples else ():
            click.echo(line)
        click.echo(f"\ntokens: {whose}")
        return EXIT_OK
    for role, content in chunk_messages(Chunk("...", 0, 3), "und", loaded):
        click.echo(f"[{role}]\n{content}\n")
    sampling = loaded.sampling
    click.echo(f"sampling: {sampling.name}, temperature {sampling.temperature:g}, top_p {sampling.top_p:g}")
    click.echo(f"answer:   at most {loaded.max_output_tokens} tokens\n\nresult columns:")
    for field in job_table_schema(loaded.name, job_schema(loaded)).field("result").type:
        click.echo(f"  {field.name:<20} {field.type}")
    return EXIT_OK


@jobs.command("check")
@click.argument("names", metavar="[JOB]...", nargs=-1, shell_complete=job_or_path)
@click.option(
    "--sample",
    "samples",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Prove each job on this document too, with the null engine; may be repeated.",
)
@config_options
def check_jobs(
    names: tuple[str, ...], samples: tuple[Path, ...], config_path: Path | None, overrides: tuple[str, ...]
) -> int:
    """Checks job files: that they load, can be enforced and have a table; all jobs if none is named.

    Says what each part of the prompt costs in tokens, and what of it is wasted: politeness, rules that are said twice,
    descriptions that say nothing, long examples, bounds that an answer cannot keep. Says too what a small model will
    find hard: values deep in models, long lists, many fields, fields without a description. Neither is an error.

    With --sample it reads a document, makes the prompts and lets the null engine's answer become a row: it shows that
    the job can run, not how well a model does it.

    \b
    Example: qwen-batch jobs check contract_summary my_jobs/invoice.py
    Example: qwen-batch jobs check contract_terms --sample lease.pdf
    """
    from qwen_batch.asking.cost import job_waste, prompt_costs
    from qwen_batch.asking.difficulty import job_difficulties
    from qwen_batch.asking.prompts import prompt_overhead
    from qwen_batch.job.definition import job_schema
    from qwen_batch.job.files import find_job, job_names, load_job
    from qwen_batch.output.record_table import job_table_schema
    from qwen_batch.run.document.alone import file_to_clean
    from qwen_batch.run.document.proof import proven_on, refusal

    config = read_config(config_path, overrides)
    folder = jobs_folder(config)
    tokenizer, whose = _tokenizer(config.engine.model)
    clean_of = cache(partial(file_to_clean, config=config))
    failed: list[str] = []
    for name in names or job_names(folder):
        source = find_job(name, folder)
        loaded = load_job(source)
        columns = len(job_table_schema(loaded.name, job_schema(loaded)).field("result").type)
        tokens = prompt_overhead(loaded, tokenizer)
        click.echo(f"ok  {loaded.name}: {columns} result columns, {tokens} prompt tokens beside the document ({whose})")
        for cost in prompt_costs(loaded, tokenizer):
            click.echo(f"    {cost.tokens:>5}  {cost.part}")
        for waste in job_waste(loaded, tokenizer):
            click.echo(f"    waste  {waste.where}: {waste.what}; {waste.remedy}")
        for hard in job_difficulties(loaded):
            click.echo(f"    hard   {hard.where}: {hard.what}; {hard.remedy}")
        if problem := refusal(loaded):
            click.echo(f"    hard   an answer that finds nothing is refused: {problem}; let fields be null or empty")
        for sample in samples:
            proof = proven_on(source, clean_of(sample), config, tokenizer)
            click.echo(f"    {'proven' if proof.is_row else 'failed'} {sample.name}: {proof.words}")
            failed += [] if proof.is_row else [f"{loaded.name} on {sample.name}"]
    if failed:
        raise JobError(f"no row: {', '.join(failed)}", "the lines above say why")
    return EXIT_OK


def _tokenizer(model: str) -> tuple[Tokenizer, str]:
    """The tokenizer of the model if it is here, else of the embedded one, else an estimate; and whose it is."""
    from qwen_batch.engine.model.resolve import embedded_directory, embedded_is_present
    from qwen_batch.engine.tokens import ApproximateTokenizer, ModelTokenizer

    for directory in (Path(model), *([embedded_directory()] if embedded_is_present() else [])):
        if (directory / "tokenizer.json").is_file():
            return ModelTokenizer(directory), f"as {directory.name} counts"
    return ApproximateTokenizer(), "about: no model's tokenizer is here"


jobs.add_command(new_job)
jobs.add_command(infer_job)
