"""How near a plan comes to its run, `python -m benchmarks.plan`: a plan, then what it foretold, as a Markdown table.

Without `--run` every document is read and made into prompts here, in one process and without an engine: pages, OCR
pages and tokens in. With it the plan's run is done as `qwen-batch run` does it, and held against the plan in all
figures; time only from the second run on an output, with `--set engine.model=...` and more documents than the first.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.common import ROOT
from qwen_batch.cli import exit_code_of
from qwen_batch.cli.figures import span, whole
from qwen_batch.config_file import load_config
from qwen_batch.output.layout import open_output
from qwen_batch.output.log.plan import Estimate, Foretold, Plan, keep_plan
from qwen_batch.output.log.record import newest_records
from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.run.document.spec import RunSpec, load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts
from qwen_batch.run.document.work import Work
from qwen_batch.run.plan.planning import make_plan
from qwen_batch.run.prepare import Place, prepare_run
from qwen_batch.run.request import RunRequest


def main() -> None:
    """Plans, does it, compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arguments", nargs="+", metavar="JOB... INPUT...")
    parser.add_argument("--out", type=Path, required=True, help="the output of plan and run")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    parser.add_argument("--run", action="store_true", help="do the run itself")
    options = parser.parse_args()
    config = load_config(None, (*options.overrides,))
    request = prepare_run(options.arguments, config, ROOT / "jobs", Place(str(options.out))).request
    began = time.monotonic()
    plan = make_plan(request, lambda line: print(line, file=sys.stderr))
    took = time.monotonic() - began
    keep_plan(request.store, plan)
    found = list(of_the_run(options) if options.run else of_the_prompts(plan, request))
    print("| figure | planned | range | real | off | in the range |\n|---|---|---|---|---|---|")
    for one in found:
        print(row(one))
    sampled = f"{plan.sampled} of {plan.documents.to_do} documents sampled"
    print(f"\n{sampled}; planned in {took:.1f} s, {plan.documents.read_before} of them in the text cache before")


def row(foretold: Foretold) -> str:
    """A line of the table."""
    planned, real = foretold.planned, foretold.real
    words = span if foretold.what == "time" else whole
    off = f"{planned.likely / real - 1:+.1%}" if real else "-"
    holds = "yes" if round(planned.low) <= real <= round(planned.high) else "no"
    return f"| {foretold.what} | {words(planned.likely)} | {_range(planned, words)} | {words(real)} | {off} | {holds} |"


def of_the_run(options: argparse.Namespace) -> tuple[Foretold, ...]:
    """What the run's record says of its plan."""
    settings = [part for override in options.overrides for part in ("--set", override)]
    exit_code_of(["run", *options.arguments, "--output", str(options.out), "--no-progress", *settings])
    return newest_records(open_output(str(options.out)), 1)[0].planned


def of_the_prompts(plan: Plan, request: RunRequest[RunSpec]) -> Iterator[Foretold]:
    """Pages and tokens of all documents to do."""
    spec_documents = sources_to_documents(inputs_to_sources(request.inputs), {}, request.spec.config.read).documents
    documents = list({one.id: one for one in spec_documents}.values())
    spec = request.fit(request.spec, documents)
    tokenizer, jobs, tools = make_tokenizer(spec), load_jobs(spec), make_tools(spec.config)
    counts: Counter[str] = Counter()
    with tools.isolator:
        for document in documents:
            work = document_to_prompts(Work(document, tuple(jobs)), spec, tools, tokenizer, jobs)
            counts["tokens in"] += sum(len(one.token_ids) for one in (*work.questions, *work.prompts))
            counts["pages"] += work.clean.pages if work.clean else 0
            counts["OCR pages"] += work.clean.ocr_pages if work.clean else 0
    pages = Estimate(low=plan.pages, likely=plan.pages, high=plan.pages)
    yield Foretold(what="pages", planned=pages, real=counts["pages"])
    yield Foretold(what="OCR pages", planned=plan.ocr_pages, real=counts["OCR pages"])
    if plan.prompt_tokens is not None:
        yield Foretold(what="tokens in", planned=plan.prompt_tokens, real=counts["tokens in"])


def _range(one: Estimate, words: Callable[[float], str]) -> str:
    return f"{words(one.low)} to {words(one.high)}"


if __name__ == "__main__":
    main()
