"""How many rows of price lists become rows of an answer, `python -m benchmarks.rows`: a Markdown table.

A list of 300 rows, some of them twice, in seven formats; then one of 10,000 rows as csv with its time. Names of columns
are clear, so the null engine does. With `--engine` the names are unclear, and the embedded model is asked for them.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import ROOT, ensure_environment, path_to_document
from benchmarks.rows.made import HEADS, KINDS, Kind, Language, price_rows, write_list
from benchmarks.rows.score import RowScore, row_score
from qwen_batch.asking.answering import Answering
from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.shards import Shards
from qwen_batch.job.definition import Job
from qwen_batch.outcomes import Failure, Record
from qwen_batch.reading.document_to_text import ReadTools, make_tools
from qwen_batch.run.document.settle import settle_stage
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts, engine_stage
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_run

JOB = "price_list"
LARGE_ROWS = 10_000
HEAD = (
    "| list | rows in order | every cell right | extra | whole or reported | calls | s |\n|---|---|---|---|---|---|---|"
)
SETTINGS = ("cache.enabled=false", "read.timeout_s=600", "read.memory_mb=8192")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one document came to: its record, the time from its file to it, and the calls of the model."""

    record: Record
    took_s: float
    calls: int


@dataclass(frozen=True, slots=True)
class Machine:
    """All that answers a document in this process."""

    spec: RunSpec
    jobs: dict[str, Job]
    tools: ReadTools
    answering: Answering
    loop: asyncio.Runner

    def ask(self, file: Path) -> Asked:
        """One document through all stages of a run. Raises SystemExit where it becomes a failure."""
        began = time.monotonic()
        work = Work(path_to_document(file), (JOB,))
        work = document_to_prompts(work, self.spec, self.tools, self.answering.tokenizer, self.jobs)
        calls = len(work.layouts)
        if work.is_asked:
            (work,) = self.loop.run(engine_stage([work], self.answering))
        calls += len(work.prompts)
        outcome = settle_stage(work, self.spec, self.jobs, self.tools.isolator)
        made = (*outcome.records, *outcome.failures)[0]
        if isinstance(made, Failure) or not isinstance(made, Record):
            raise SystemExit(f"{file.name}: {made}")
        return Asked(made, time.monotonic() - began, calls)


@contextmanager
def machine(file: Path, overrides: tuple[str, ...]) -> Iterator[Machine]:
    """Everything that a run has, without Ray; `file` is what a run is prepared for."""
    config: Config = load_config(None, (*SETTINGS, *overrides))
    spec = prepare_run([JOB, str(file)], config, ROOT / "jobs", Place(str(file.parent / "out"))).request.spec
    jobs, tools = load_jobs(spec), make_tools(spec.config)
    kind = ENGINES.load(spec.plan.kind)
    ensure_environment(kind.env(spec.plan))
    started = kind.start(spec.plan)
    shards = Shards(started, spec.plan.batch_size, spec.plan.in_flight)
    with tools.isolator, asyncio.Runner() as loop:
        try:
            yield Machine(spec, jobs, tools, Answering(shards, spec.plan, jobs, make_tokenizer(spec)), loop)
        finally:
            started.close()


def line(name: str, asked: Asked, score: RowScore) -> str:
    """A row of the table that is printed."""
    return (
        f"| {name} | {score.found} of {score.asked} ({score.share:.1%}) | {score.exact} | {score.extra} "
        f"| {'yes' if score.reported else 'NO'} | {asked.calls} | {asked.took_s:.1f} |"
    )


def main() -> None:
    """Makes the lists, asks, scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--large", type=int, default=LARGE_ROWS, help="rows of the large csv; 0 for none")
    parser.add_argument("--engine", action="store_true", help="unclear names of columns, asked of the embedded model")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    options = parser.parse_args()
    settings = (*options.overrides, *(() if options.engine else ("engine.kind=null",)))
    with TemporaryDirectory() as folder:
        first = write_list(Path(folder) / "first.csv", "csv", price_rows(5), HEADS["en"])
        with machine(first, settings) as ready:
            print(HEAD)
            for name, file, language, count in _files(Path(folder), options):
                asked = ready.ask(file)
                rows = price_rows(count, language=language)
                print(
                    line(name, asked, row_score(rows, asked.record.result["lines"], asked.record.warnings)), flush=True
                )


def _files(folder: Path, options: argparse.Namespace) -> Iterator[tuple[str, Path, Language, int]]:
    head = HEADS["unclear" if options.engine else "en"]
    kinds: list[Kind] = options.kinds
    for kind in kinds:
        rows = price_rows(options.rows)
        yield kind, write_list(folder / f"list.{kind}", kind, rows, head), "en", options.rows
    if not options.engine and "xlsx" in kinds:
        rows = price_rows(options.rows, language="zh")
        yield "xlsx, Chinese", write_list(folder / "zh.xlsx", "xlsx", rows, HEADS["zh"]), "zh", options.rows
    if options.large:
        rows = price_rows(options.large)
        yield f"csv of {options.large:,} rows", write_list(folder / "large.csv", "csv", rows, head), "en", options.large


if __name__ == "__main__":
    main()
