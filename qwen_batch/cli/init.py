"""qwen-batch init: settings and a first job, from five questions or from options."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from qwen_batch.errors import EXIT_OK, UsageError

LANGUAGE = re.compile(r"[a-z]{3}(_[a-z]+)*|script/\w+")
SETTINGS = "pipeline.yaml"
JOBS = "jobs"


def _asked(text: str, default: str) -> Any:
    """The options of a question: it is asked where the option is not given and somebody is there."""
    return {"default": None, "help": f"{text}  [default: {default}]"}


QUESTIONS = {
    "name": ("What is the job called?", "my_job"),
    "documents": ("What is one of the documents?", "a business letter"),
    "facts": (
        "Which facts of it, as name:kind and what belongs there?",
        "sender:party who writes, written_on:day of the letter, total:amount",
    ),
    "languages": ("Which languages are scanned pages in, as tesseract calls them?", "eng"),
    "model": ("Which model, by its name on Hugging Face or its folder?", "auto"),
}


@click.command(short_help="A first pipeline.yaml and job, from five questions.")
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
    from qwen_batch.cli.first_settings import settings_text
    from qwen_batch.cli.written_job import check_new, write_new, written_job
    from qwen_batch.job.drafts import Draft, text_to_facts

    checks = {
        "name": lambda name: check_new(name, folder / JOBS / f"{name}.py"),
        "facts": text_to_facts,
        "languages": _languages,
    }
    told = {name: _answer(name, given[name], checks.get(name, str)) for name in QUESTIONS}
    job = Draft(told["name"], told["documents"], text_to_facts(told["facts"]))
    languages = _languages(told["languages"])
    path, settings = folder / JOBS / f"{job.name}.py", folder / SETTINGS
    text = written_job(job, path)
    kept = settings.exists()
    write_new(path, text)
    if not kept:
        write_new(settings, settings_text(languages, told["model"]))
    click.echo(f"{settings}: {'was there, and is as it was' if kept else 'written'}\n{path}: written\n\nNext:")
    click.echo(f"  qwen-batch jobs check {job.name}\n  qwen-batch run {job.name} FOLDER --output out")
    click.echo(f"  qwen-batch report out --open\n  qwen-batch export out --job {job.name} --to {job.name}.xlsx")
    return EXIT_OK


def _languages(text: str) -> list[str]:
    names = text.replace(",", " ").split()
    for name in names or [""]:
        if not LANGUAGE.fullmatch(name):
            raise UsageError(
                f"{name!r} is no language as tesseract calls them",
                "such as eng, deu, fra, spa or chi_sim: `tesseract --list-langs` has those that are installed",
            )
    return names


def _answer(name: str, given: str | None, check: Callable[[str], object]) -> str:
    """What was given, or is answered; an answer that cannot be taken is asked for again, and no other one is lost."""
    question, default = QUESTIONS[name]
    if given is not None:
        return given.strip()
    if not sys.stdin.isatty():
        return default

    def taken(answer: str) -> str:
        try:
            check(answer.strip())
        except UsageError as error:
            raise click.BadParameter(f"{error.message}; {error.remedy}") from None
        return answer.strip()

    return str(click.prompt(question, default=default, err=True, value_proc=taken))
