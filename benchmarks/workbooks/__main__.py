"""Questions to sixty workbooks, and their wrong totals, `python -m benchmarks.workbooks`: a Markdown table.

Without `--model` a fake engine chooses the slots of the gold: then all but the model's choice is measured. With it the
model chooses. Numbers are compared with what pandas and calamine compute of the files.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import ensure_environment, path_to_document
from benchmarks.workbooks.asked import GoldSlotsEngine, gold_answer, job_name, write_job
from benchmarks.workbooks.families import workbooks
from benchmarks.workbooks.made import Planted, Workbook, write_workbook
from benchmarks.workbooks.score import WorkbookScore, workbook_score
from qwen_batch.asking.answering import Answering
from qwen_batch.config_file import load_config
from qwen_batch.engine.engine import ENGINES, Engine
from qwen_batch.engine.shards import Shards
from qwen_batch.outcomes import DocumentOutcome, Record
from qwen_batch.reading.document_to_text import ReadTools, make_tools
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_run

SETTINGS = ("cache.enabled=false", "read.timeout_s=600")
SHARD = 16
"""Workbooks that are asked together."""
HEAD = "| workbooks | answered right | numbers equal to pandas | wrong totals reported | false alarms | failures | s |"


@dataclass(frozen=True, slots=True)
class Machine:
    """All that answers workbooks in this process."""

    spec: RunSpec
    tools: ReadTools
    answering: Answering
    loop: asyncio.Runner

    def ask(self, books: list[tuple[Workbook, Planted]]) -> Iterator[tuple[Workbook, Planted, DocumentOutcome]]:
        """Workbooks through all stages of a run."""
        jobs = dict(self.answering.jobs)
        works = [Work(path_to_document(made.path), (job_name(book),)) for book, made in books]
        works = [document_to_prompts(one, self.spec, self.tools, self.answering.tokenizer, jobs) for one in works]
        answered = self.loop.run(engine_stage(works, self.answering))
        for (book, made), work in zip(books, answered, strict=True):
            yield book, made, settle_stage(work, self.spec, jobs, self.tools.isolator)


@contextmanager
def machine(books: list[Workbook], folder: Path, file: Path, options: argparse.Namespace) -> Iterator[Machine]:
    """Everything that a run has, without Ray; `file` is what it is prepared for."""
    own = [f"engine.model={options.model}"] if options.model else ["engine.kind=null"]
    config = load_config(None, (*SETTINGS, *options.overrides, *own))
    paths = [str(write_job(book, folder)) for book in books]
    spec = prepare_run([*paths, str(file)], config, folder, Place(str(folder / "out"))).request.spec
    kind = ENGINES.load(spec.plan.kind)
    ensure_environment(kind.env(spec.plan))
    fake = GoldSlotsEngine({job_name(book): gold_answer(book) for book in books})
    started: Engine = kind.start(spec.plan) if options.model else fake
    shards = Shards(started, spec.plan.batch_size, spec.plan.in_flight)
    tools = make_tools(spec.config)
    with tools.isolator, asyncio.Runner() as loop:
        try:
            yield Machine(spec, tools, Answering(shards, spec.plan, load_jobs(spec), make_tokenizer(spec)), loop)
        finally:
            started.close()


def main() -> None:
    """Makes the workbooks, asks, scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a local directory or an id; without it a fake engine has the gold's slots")
    parser.add_argument("--limit", type=int, help="the first workbooks alone, one of each family after the other")
    parser.add_argument("--out", type=Path, help="a file for each answer as JSON lines")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    options = parser.parse_args()
    books = list(islice(sorted(workbooks(), key=lambda one: one.name.rpartition("_")[2]), options.limit))
    scores: list[WorkbookScore] = []
    failures, began = 0, time.monotonic()
    with TemporaryDirectory() as folder:
        made = [(book, write_workbook(book, Path(folder))) for book in books]
        with machine(books, Path(folder), made[0][1].path, options) as ready:
            for at in range(0, len(made), SHARD):
                for book, planted, outcome in ready.ask(made[at : at + SHARD]):
                    record = next((one for one in outcome.records if isinstance(one, Record)), None)
                    failures += record is None
                    result, warnings = (record.result, record.warnings) if record else ({}, ())
                    scores.append(workbook_score(book, planted.path, planted.wrong, result, warnings))
                    if options.out:
                        _keep(options.out, book, result, warnings)
    print(table(scores, failures, time.monotonic() - began, options.model or "fake engine with the gold's slots"))


def table(scores: list[WorkbookScore], failures: int, took_s: float, engine: str) -> str:
    """What is printed."""
    asked, right = sum(one.asked for one in scores), sum(one.right for one in scores)
    numbers, equal = sum(one.numbers for one in scores), sum(one.equal for one in scores)
    planted = [one.reported for one in scores if one.reported is not None]
    row = (
        f"| {len(scores)} | {right} of {asked} ({right / asked:.1%}) | {equal} of {numbers} "
        f"| {sum(planted)} of {len(planted)} | {sum(one.false_alarms for one in scores)} | {failures} | {took_s:.0f} |"
    )
    return f"{engine}\n\n{HEAD}\n|---|---|---|---|---|---|---|\n{row}"


def _keep(file: Path, book: Workbook, result: dict[str, object], warnings: tuple[str, ...]) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(
            json.dumps({"workbook": book.name, "result": result, "warnings": warnings}, ensure_ascii=False) + "\n"
        )


if __name__ == "__main__":
    main()
