"""qwen-batch init: settings and a first job, from five questions or from options."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from qwen_batch.errors import EXIT_OK, UsageError

LANGUAGE = re.compile(r"[A-Za-z]{3}[A-Za-z_/]*")
SETTINGS = "pipeline.yaml"
JOBS = "jobs"
ENOUGH_TOKENS = 1_000_000
"""Until the longest answer is known."""


def _asked(text: str, default: str) -> Any:
    """The options of a question: it is asked where the option is not given and somebody is there."""
    return {"default": None, "help": f"{text}  [default: {default}]"}


QUESTIONS = {
    "name": ("What is the job called?", "my_job"),
    "documents": ("What is one of the documents?", "a business letter"),
    "facts": (
        "Which facts of it, as name:kind and what belongs there?",
        "sender:party who writes, dated:day, total:amount",
    ),
    "languages": ("Which languages are scanned pages in, as tesseract calls them?", "eng"),
    "model": ("Which model, by its name on Hugging Face or its folder?", "auto"),
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--name", **_asked("Name of the job: small letters, digits, underscores.", QUESTIONS["name"][1]))
@click.option("--documents", **_asked("What one of the documents is.", QUESTIONS["documents"][1]))
@click.option("--facts", **_asked("Its facts: name:kind and words, with commas between.", QUESTIONS["facts"][1]))
@click.option("--languages", **_asked("Languages of scanned pages, with commas between.", QUESTIONS["languages"][1]))
@click.option("--model", **_asked("A name on Hugging Face or a folder.", QUESTIONS["model"][1]))
def init(folder: Path, **given: str | None) -> int:
    """Writes a pipeline.yaml with comments and a first job, which `qwen-batch jobs check` takes.

    Asks five questions; those that an option answers are left out, and without a terminal all are. Kinds of facts
    are text, day, amount, party, number, yes_no, list and parties. Writes over nothing.

    \b
    Example: qwen-batch init
    Example: qwen-batch init --name invoices --documents "an invoice" --facts "seller:party, total:amount sum to pay"
    """
    from qwen_batch.cli.first_job import FirstJob, settings_text, text_to_facts

    told = {name: _answer(name, given[name]) for name in QUESTIONS}
    job = FirstJob(told["name"], told["documents"], text_to_facts(told["facts"]))
    languages = _languages(told["languages"])
    path, settings = folder / JOBS / f"{job.name}.py", folder / SETTINGS
    text = _job_text(job, path)
    kept = settings.exists()
    _write(path, text)
    if not kept:
        _write(settings, settings_text(languages, told["model"]))
    click.echo(f"{settings}: {'was there, and is as it was' if kept else 'written'}\n{path}: written\n\nNext:")
    click.echo(f"  qwen-batch jobs check {job.name}\n  qwen-batch run {job.name} FOLDER --output out")
    click.echo(f"  qwen-batch export out --job {job.name} --to {job.name}.xlsx")
    return EXIT_OK


def _languages(text: str) -> list[str]:
    names = text.replace(",", " ").split()
    for name in names or [""]:
        if not LANGUAGE.fullmatch(name):
            raise UsageError(f"--languages: {name!r} is no language of tesseract", "such as eng, deu or chi_sim")
    return names


def _answer(name: str, given: str | None) -> str:
    question, default = QUESTIONS[name]
    if given is not None:
        return given.strip()
    return str(click.prompt(question, default=default, err=True)).strip() if sys.stdin.isatty() else default


def _job_text(job: Any, path: Path) -> str:
    """The job's file with room for its longest answer, once it has been seen to load."""
    from qwen_batch.asking.cost import longest_answer_tokens
    from qwen_batch.cli.first_job import job_text, rounded
    from qwen_batch.job.definition import JOB_NAME
    from qwen_batch.job.files import JobSource, load_job
    from qwen_batch.run.prepare import RESERVED_TABLES

    if not JOB_NAME.fullmatch(job.name) or job.name in RESERVED_TABLES:
        raise UsageError(
            f"--name {job.name}: not the name of a job",
            f"small letters, digits and underscores, and not {', '.join(sorted(RESERVED_TABLES))}",
        )
    if path.exists():
        raise UsageError(f"{path}: it is there", "give another --name, or remove the file")
    if not job.documents:
        raise UsageError("--documents is empty", 'say what one of them is: "an invoice"')
    room = longest_answer_tokens(load_job(JobSource(str(path), job_text(job, ENOUGH_TOKENS))))
    text = job_text(job, rounded(room))
    load_job(JobSource(str(path), text))
    return text


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give init a folder that you may write to") from None
