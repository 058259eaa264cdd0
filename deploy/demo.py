"""`make demo`: one job over six documents, each row as it is done, then the report and what to do next.

The documents are those that data/gold/demo.jsonl has gold for; `python -m benchmarks.demo` judges the answers.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qwen_batch.cli.driving import Driving, exit_code, recorded, say
from qwen_batch.cli.options import jobs_folder
from qwen_batch.engine.usage import EngineUsage
from qwen_batch.outcomes import DocumentOutcome, Evidence, Record
from qwen_batch.report.site import Request, make_report
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import prepare_run
from qwen_batch.run.progress import make_reporter
from qwen_batch.run.recording import RunLog
from qwen_batch.run.request import Machinery
from qwen_batch.run.runner import execute_run
from qwen_batch.run.stopping import Stop

JOB = "contract_basics"
DATA = Path("data")
SETTINGS = ("engine.batch_size=1", "resources.read_tasks=1")
"""Each answer as it is there, not four at a time; and one reader, for the engine needs the cores."""
QUOTE_CHARS = 24
PROGRAM = ".venv/bin/qwen-batch"


def main() -> int:
    """Runs the demo into a new folder; gives its exit code."""
    output = new_folder(Path(os.environ.get("DEMO_OUTPUT", "out/demo")))
    documents = demo_documents(DATA)
    console = Console(stderr=True, highlight=False)  # stdout is for results, and Ray has it during the run
    where = f"{len(documents)} documents of {DATA}/samples, the small ones first"
    console.print(f"{where}; the model is there in about a minute", soft_wrap=True)
    code = run(documents, output, console)
    made = make_report(Request(str(output)))
    console.print(f"\nEach value on its page: {made.first_page}\nNext:", soft_wrap=True)
    for command, what in (
        (f"{PROGRAM} report {output} --open", "look, search, correct"),
        (f"{PROGRAM} run {JOB} FOLDER --output out/mine", "your own documents"),
        (f"{PROGRAM} init", "your own questions"),
    ):
        console.print(f"  {command:<64} {what}", soft_wrap=True)
    return code


def new_folder(wanted: Path) -> Path:
    """The folder, or where there is one already the next with a number: every demo asks anew."""
    numbered = (wanted.with_name(f"{wanted.name}-{number}") for number in itertools.count(2))
    return next(place for place in itertools.chain([wanted], numbered) if not place.exists())


def demo_documents(data: Path) -> list[Path]:
    """The documents that there is gold for, the smallest first."""
    lines = (data / "gold" / "demo.jsonl").read_text("utf-8").splitlines()
    return sorted(
        (data / "samples" / json.loads(line)["source"] for line in lines), key=lambda path: path.stat().st_size
    )


def run(documents: Sequence[Path], output: Path, console: Console) -> int:
    """Asks the job of the documents and prints each row as it comes."""
    arguments = (JOB, *map(str, documents))
    driving = Driving(
        output=str(output),
        progress=True,
        until=None,
        time_limit=None,
        grace="30s",
        break_lock=False,
        config_path=None,
        overrides=SETTINGS,
    )
    started = time.monotonic()

    def work(log: RunLog) -> int:
        from qwen_batch.run.on_ray import ray_session, run_documents

        def shown(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome | EngineUsage]:
            for outcome in run_documents(works, spec, stop):
                if isinstance(outcome, DocumentOutcome):
                    show(outcome, time.monotonic() - started, console)
                yield outcome

        config = driving.config()
        prepared = prepare_run(arguments, config, jobs_folder(config), driving.place())
        reporter = make_reporter(say(prepared.messages), wanted=driving.progress)
        machinery = Machinery(ray_session, shown)
        summary = execute_run(prepared.request, machinery, reporter, driving.stop(), log)
        log.summed_up(summary)
        console.print(f"\n{summary.documents} documents in {summary.seconds:.0f} s")
        return exit_code(summary)

    return recorded("run", arguments, driving, work)


def show(outcome: DocumentOutcome, seconds: float, console: Console) -> None:
    """Prints a document's row: each fact, its page and its words."""
    console.print(f"\n[bold]{escape(Path(outcome.document.uri).name)}[/bold]  after {seconds:.0f} s")
    for failure in outcome.failures:
        console.print(f"  {failure.code}: {failure.message}", markup=False)
    for record in outcome.records:
        if isinstance(record, Record):
            console.print(record_to_table(record) if any(record.result.values()) else "  states none of this")


def record_to_table(record: Record) -> Table:
    """The facts that a row has, a line each."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for name, value in record.result.items():
        if not value:
            continue
        place = next((one for one in record.evidence if one.standing == "value" and is_of(one, name)), None)
        where = f'page {place.page}: "{shortened(place.quote)}"' if place and place.page else ""
        table.add_row(f"  {name}", escape(said(value)), f"[dim]{escape(where)}[/dim]")
    return table


def shortened(quote: str) -> str:
    """The beginning of a quote, so that it leaves room for the fact."""
    return quote if len(quote) <= QUOTE_CHARS else f"{quote[:QUOTE_CHARS]}…"


def is_of(evidence: Evidence, name: str) -> bool:
    """Whether it is evidence of this top-level field."""
    return evidence.field.partition(".")[0].partition("[")[0] == name


def said(value: Any) -> str:
    """A fact in a few words: what was quoted for it stands beside it."""
    if isinstance(value, list):
        return "; ".join(map(said, value))
    if isinstance(value, dict):
        facts = {key: one for key, one in value.items() if key not in ("quote", "role", "original")}
        return " ".join(said(one) for one in facts.values() if one is not None)
    return f"{value:,.0f}" if isinstance(value, float) and value.is_integer() else str(value)


if __name__ == "__main__":
    sys.exit(main())
