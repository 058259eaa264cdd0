"""Arguments of `python -m benchmarks.answers outline`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.common import SHARED_DATA


def outline_options(parser: argparse.ArgumentParser) -> None:
    """Adds the three phases to the parser."""
    phases = parser.add_subparsers(dest="outline_phase", required=True)
    prepare = phases.add_parser("prepare", help="read the reports into one file; no model")
    prepare.add_argument("--out", type=Path, required=True, metavar="FILE")
    prepare.add_argument("--data", type=Path, default=SHARED_DATA)
    ask = phases.add_parser("ask", help="put them to the model, whole and as heading trees")
    ask.add_argument("--in", dest="cases", type=Path, required=True, metavar="FILE")
    ask.add_argument("--out", type=Path, required=True, metavar="FILE")
    ask.add_argument("--model", type=Path, required=True)
    ask.add_argument("--half", choices=("dev", "test", "all"), default="all")
    ask.add_argument("--limit", type=int, help="the shortest reports")
    ask.add_argument("--set", action="append", default=[], help="further settings as section.key=value")
    score = phases.add_parser("score", help="judge headings, and answers where there are any")
    score.add_argument("--in", dest="cases", type=Path, required=True, metavar="FILE")
    score.add_argument("--answers", type=Path, metavar="FILE", help="headings alone are judged without it")
    score.add_argument("--half", choices=("dev", "test", "all"), default="all")


def outline(asked: argparse.Namespace) -> int:
    """Runs one phase; gives its exit code."""
    if asked.outline_phase == "prepare":
        from benchmarks.answers.outline.prepare import prepare_outlines

        return prepare_outlines(asked.out, asked.data)
    if asked.outline_phase == "ask":
        from benchmarks.answers.outline.ask import OutlineRequest, ask_outlines

        return ask_outlines(
            OutlineRequest(asked.cases, asked.out, asked.model.resolve(), asked.half, asked.limit, tuple(asked.set))
        )
    from benchmarks.answers.outline.score import score_outlines

    return score_outlines(asked.cases, asked.answers, asked.half)
