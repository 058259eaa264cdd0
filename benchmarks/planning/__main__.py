"""How near plans come to runs, `python -m benchmarks.planning`: three folders, planned and run with the null engine.

Of each folder some documents are done first, for a plan knows from a run how long one takes beside its stages. The
others are planned and run in the same output, with a text cache that holds nothing of them. `known` plans 1,000 PDFs
that the cache holds, and runs nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path

from benchmarks.common import ROOT, SHARED_DATA
from benchmarks.plan import of_the_run, row
from benchmarks.planning.folders import FOLDERS, pdfs
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import Failure
from qwen_batch.output.log.plan import keep_plan
from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.reading.document_to_text import make_tools, ocr_stage, read_stage
from qwen_batch.run.plan.planning import make_plan
from qwen_batch.run.prepare import Place, prepare_run

JOBS = {"contracts": "contract_summary", "office": "report_outline", "scans": "invoice_receipt"}
KNOWN = "known"
FIRST = 12
"""Documents that are done before the others are planned."""


def main() -> None:
    """All folders that were asked for, each with a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="documents of others")
    sections = [*FOLDERS, KNOWN]
    parser.add_argument("--only", nargs="+", choices=sections, default=sections, metavar="FOLDER")
    parser.add_argument("--limit", type=int, default=300, help="documents planned and run in a folder")
    parser.add_argument("--known", type=int, default=1_000, help="PDFs that the text cache holds")
    parser.add_argument("--keep", type=Path, help="keep folders and outputs here")
    options = parser.parse_args()
    if KNOWN in options.only:
        with tempfile.TemporaryDirectory(prefix="qwen_batch-planning-") as folder:
            measure_known(Path(folder), options.known)
    for name in options.only:
        if name == KNOWN:
            continue
        missing = [one for one in FOLDERS[name][1] if not (options.data / one).is_dir()]
        if missing:
            print(f"{name}: skipped, {options.data} has no {', '.join(missing)}")
            continue
        with tempfile.TemporaryDirectory(prefix="qwen_batch-planning-") as nowhere:
            measure(name, options.data, options.limit, (options.keep or Path(nowhere)) / name)


def measure_known(place: Path, documents: int) -> None:
    """PDFs of one to four pages, read into the text cache, then planned."""
    folder = place / "in"
    folder.mkdir()
    pdfs(folder, documents)
    config = load_config(None, ("engine.kind=null", f"cache.directory={place / 'cache'}"))
    tools = make_tools(config)
    with tools.isolator:
        for document in sources_to_documents(inputs_to_sources([str(folder)]), {}).documents:
            read = read_stage(document, tools)
            if not isinstance(read, Failure):
                ocr_stage(read, tools)
    began, cpu_s = time.monotonic(), _cpu_s()
    arguments = ["contract_summary", str(folder)]
    plan = make_plan(prepare_run(arguments, config, ROOT / "jobs", Place(str(place / "out"))).request)
    took_s, worked_s = time.monotonic() - began, _cpu_s() - cpu_s
    known = f"{plan.documents.read_before} of {plan.documents.to_do} PDFs known to the cache"
    print(f"known: {known}, {plan.pages} pages, planned in {took_s:.1f} s, {worked_s:.1f} s of a core", flush=True)


def _cpu_s() -> float:
    """What this process and its ended children have worked."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(name: str, data: Path, documents: int, place: Path) -> None:
    """One folder: its first documents done, the others planned, run, and both printed."""
    first, others = place / "first", place / "others"
    for folder in (first, others):
        folder.mkdir(parents=True)
    FOLDERS[name][0](data, others, documents + FIRST)
    files = sorted(others.iterdir())
    for at in range(FIRST):
        shutil.move(files[at * len(files) // FIRST], first)
    overrides = ["engine.kind=null", f"cache.directory={place / 'cache'}"]
    run = Namespace(arguments=[JOBS[name], str(first)], overrides=overrides, out=place / "out")
    of_the_run(run)
    run.arguments[1] = str(others)
    request = prepare_run(
        run.arguments, load_config(None, tuple(overrides)), ROOT / "jobs", Place(str(run.out))
    ).request
    began = time.monotonic()
    plan = make_plan(request, lambda line: print(line, file=sys.stderr))
    took_s = time.monotonic() - began
    keep_plan(request.store, plan)
    real = of_the_run(run)
    kinds = ", ".join(f"{one.documents} {one.kind}" for one in plan.kinds)
    print(f"\n{name}: {plan.documents.to_do} documents ({kinds}), {plan.sampled} sampled, planned in {took_s:.0f} s\n")
    print("| figure | planned | range | real | off | in the range |\n|---|---|---|---|---|---|")
    for one in real:
        print(row(one))
    stages = (f"{one.stage} {one.seconds.likely:.1f} s" for one in plan.stages if one.seconds)
    print(f"\nstages: {', '.join(stages)}", flush=True)


if __name__ == "__main__":
    main()
