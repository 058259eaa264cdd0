"""How right the answers are, against a plain script over the same documents with the same model.

Three phases:

    python -m benchmarks.answers prepare --out CASES                      # reads and recognises; no model
    python -m benchmarks.answers ask --in CASES --out ANSWERS --model DIR # the only phase that needs a GPU
    python -m benchmarks.answers score --in CASES --answers ANSWERS --report FILE

Outlines of reports have phases of their own, and one file between each:

    python -m benchmarks.answers outline prepare --out FILE
    python -m benchmarks.answers outline ask --in FILE --out ANSWERS --model DIR
    python -m benchmarks.answers outline score --in FILE --answers ANSWERS --half test

And two smaller questions, over the project's own documents:

    python -m benchmarks.answers prompts --out FILE  # what a run would ask; equal files, equal questions
    python -m benchmarks.answers samples OUT         # how many facts a run got right

And whether a document is what a job is for, over contracts, receipts and other documents:

    python -m benchmarks.answers fits prepare --out BEGINNINGS                     # reads; no model
    python -m benchmarks.answers fits ask --in BEGINNINGS --out SAID --engine DIR  # needs the model alone
    python -m benchmarks.answers fits score --answers SAID --report FILE
And what orders in documents change, over contracts that `prepare` above has read:

    python -m benchmarks.answers orders prepare --in CASES --out ORDERS             # no model
    python -m benchmarks.answers orders ask --in ORDERS --out SAID --model DIR      # needs the model alone
    python -m benchmarks.answers orders score --answers SAID --report FILE

The rules by which a value counts as right stand in judge.py, the variants in variants.py.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.answers.outline.arguments import outline, outline_options
from benchmarks.common import SHARED_DATA

SET_NAMES = ("cuad", "derived_scans", "docubench", "sroie")


def main() -> int:
    """Runs one phase; gives its exit code."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.answers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    phases = parser.add_subparsers(dest="phase", required=True)
    _prepare_options(phases.add_parser("prepare", help="read the documents"))
    _ask_options(phases.add_parser("ask", help="put them to the model"))
    _score_options(phases.add_parser("score", help="judge the answers"))
    _prompts_options(phases.add_parser("prompts", help="write what a run would ask, without asking"))
    outline_options(phases.add_parser("outline", help="outlines of reports, in phases of their own"))
    phases.add_parser("samples", help="judge a run over data/samples").add_argument("output", type=Path)
    _fits_options(phases.add_parser("fits", help="is a document what a job is for"))
    _orders_options(phases.add_parser("orders", help="what orders in documents change"))
    asked = parser.parse_args()
    if asked.phase == "fits":
        return _fits(asked)
    if asked.phase == "orders":
        return _orders(asked)
    if asked.phase == "prepare":
        from benchmarks.answers.documents.prepare import prepare

        return prepare(asked.out, asked.data, asked.sets, asked.limit)
    if asked.phase == "ask":
        from benchmarks.answers.ask import AskRequest, ask

        return ask(
            AskRequest(
                cases=asked.cases,
                out=asked.out,
                model=asked.model.resolve(),
                variants=tuple(asked.variants),
                sets=tuple(asked.sets),
                limit=asked.limit,
                ablation_limit=asked.ablation_limit,
                settings=tuple(asked.set),
            )
        )
    if asked.phase == "prompts":
        from benchmarks.answers.prompts import write_prompts

        return write_prompts(asked.out, asked.documents, asked.set)
    if asked.phase == "outline":
        return outline(asked)
    if asked.phase == "samples":
        from benchmarks.answers.samples import judge_samples

        return judge_samples(asked.output)
    from benchmarks.answers.score import score

    return score(asked.cases, asked.answers, asked.report)


def _fits(asked: argparse.Namespace) -> int:
    if asked.step == "prepare":
        from benchmarks.answers.fits.prepare import prepare

        return prepare(asked.out, asked.data, asked.limit)
    if asked.step == "ask":
        from benchmarks.answers.fits.ask import ask

        return ask(asked.cases, asked.out, asked.engine, asked.set, asked.limit)
    from benchmarks.answers.fits.score import score

    return score(asked.answers, asked.report)


def _orders(asked: argparse.Namespace) -> int:
    if asked.step == "prepare":
        from benchmarks.answers.unseen_orders.prepare import prepare

        return prepare(asked.cases, asked.out, asked.limit)
    if asked.step == "ask":
        from benchmarks.answers.unseen_orders.ask import ask

        return ask(asked.cases, asked.out, asked.model, asked.set)
    from benchmarks.answers.unseen_orders.score import score

    return score(asked.answers, asked.report)


def _fits_options(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True)
    prepare = steps.add_parser("prepare", help="read the beginnings")
    prepare.add_argument("--out", type=Path, required=True)
    prepare.add_argument("--data", type=Path, default=SHARED_DATA)
    prepare.add_argument("--limit", type=int, help="documents of a kind")
    ask = steps.add_parser("ask", help="put them to the model")
    ask.add_argument("--in", dest="cases", type=Path, required=True)
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--engine", required=True, help="the model: a folder, an id, or auto")
    ask.add_argument("--limit", type=int, help="documents of a kind and half")
    ask.add_argument("--set", action="append", default=[], help="further settings as section.key=value")
    score = steps.add_parser("score", help="count what was sorted right")
    score.add_argument("--answers", type=Path, required=True)
    score.add_argument("--report", type=Path, required=True)


def _orders_options(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", required=True)
    prepare = steps.add_parser("prepare", help="put orders into contracts")
    prepare.add_argument("--in", dest="cases", type=Path, required=True)
    prepare.add_argument("--out", type=Path, required=True)
    prepare.add_argument("--limit", type=int, help="contracts, orders and look-alikes, of the half for building alone")
    ask = steps.add_parser("ask", help="put them to the model")
    ask.add_argument("--in", dest="cases", type=Path, required=True)
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--model", required=True, help="a folder, an id, or auto")
    ask.add_argument("--set", action="append", default=[], help="further settings as section.key=value")
    score = steps.add_parser("score", help="count what changed")
    score.add_argument("--answers", type=Path, required=True)
    score.add_argument("--report", type=Path, required=True)


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _prepare_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    parser.add_argument("--sets", type=_names, default=list(SET_NAMES), help="names with commas between")
    parser.add_argument("--limit", type=int, help="documents of a set, the smallest files")


def _ask_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--in", dest="cases", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--variants", type=_names, default=[], help="names with commas between; all if left out")
    parser.add_argument("--sets", type=_names, default=[], help="all that were prepared if left out")
    parser.add_argument("--limit", type=int, help="documents of a set, those with the fewest pages")
    parser.add_argument("--ablation-limit", type=int, default=24, help="contracts of the variants with a part off")
    parser.add_argument("--set", action="append", default=[], help="further settings as section.key=value")


def _score_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--in", dest="cases", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)


def _prompts_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("documents", nargs="*", type=Path, help="files and folders; data/samples if left out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], help="further settings as section.key=value")


if __name__ == "__main__":
    sys.exit(main())
