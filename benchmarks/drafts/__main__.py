"""Whether jobs that write keep their limits, and whether translations are whole: `python -m benchmarks.drafts`.

python -m benchmarks.drafts ask --out OUT --model DIR
python -m benchmarks.drafts score --out OUT
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.drafts.ask import ask_copy, ask_translations
from benchmarks.drafts.score_copy import copy_scores, copy_table
from benchmarks.drafts.score_translation import translation_scores, translation_table

PARTS = ("copy", "translation")


def main() -> None:
    """Asks, or prints tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("ask", "score"))
    parser.add_argument("--out", type=Path, required=True, help="texts, tables and gold; the same for both steps")
    parser.add_argument("--model", help="directory or name of the model; without it the embedded one")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--texts", type=int, default=200, help="drafts to polish")
    parser.add_argument("--documents", type=int, default=20, help="documents to translate")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the runs")
    options = parser.parse_args()
    out = options.out.resolve()
    settings = [*options.set, *([f"engine.model={options.model}"] if options.model else [])]
    for part in [options.only] if options.only else PARTS:
        if options.step == "ask" and part == "copy":
            ask_copy(out, options.texts, settings)
        elif options.step == "ask":
            ask_translations(out, options.documents, settings)
        else:
            table = copy_table(copy_scores(out)) if part == "copy" else translation_table(translation_scores(out))
            print(f"{table}\n")


if __name__ == "__main__":
    main()
