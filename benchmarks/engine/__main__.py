"""How full the engine is kept: `python -m benchmarks.engine --model DIR --out DIR [--only SECTION ...]`.

Both sides of every ratio compute identical token ids with the same engine arguments in one go: `ours` is the command
line over a folder, from reading to Parquet; `raw` is vLLM's `LLM.generate` with every prompt at once. Answers have a
fixed length (patches/fixed_length.py), so random weights will do (`--dummy`) and a GPU host needs no model.
Results go to OUT/results.jsonl as they come; the table is printed last, with medians over `--rounds`. `--steps` says
where the time of the engine's steps went on both sides. On a machine with several GPUs one of these can run on each:
`CUDA_VISIBLE_DEVICES=1 QB_WORK=FOLDER taskset -c 16-31 python -m benchmarks.engine ...`. `--small` rehearses on a CPU.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from benchmarks.engine.sections import PRECISIONS, SECTIONS
from benchmarks.engine.setting import Setting, Size
from benchmarks.engine.table import markdown

BOTH_SIDES = ("engine.eager=false", "engine.max_model_len=32768")
"""What a run decides by the number and length of its documents, which raw does not know."""
LARGE = Size(
    shapes=((300, 200, 3072), (3000, 256, 512), (30_000, 512, 48)),
    jobs_shape=(3000, 256, 256),
    jobs=(1, 2, 4),
    precisions=("bf16", "fp8", "fp8-kv"),
    pdf_copies=18,
    pdf_tokens=256,
    sweep=(1, 2, 4, 8, 16, 32),
    sweep_prompts=128,
    alone_prompts=16,
    long_tokens=200_000,
    short_beside=200,
)
SMALL = Size(
    shapes=((60, 4, 16), (200, 4, 8)),
    jobs_shape=(200, 4, 6),
    jobs=(1, 2, 4),
    precisions=("bf16", "fp8", "fp8-kv"),
    pdf_copies=1,
    pdf_tokens=4,
    sweep=(1, 4),
    sweep_prompts=8,
    alone_prompts=2,
    long_tokens=1500,
    short_beside=6,
)


def _shape(text: str) -> tuple[int, int, int]:
    tokens, _, count = text.partition("x")
    tokens_in, _, tokens_out = tokens.partition("/")
    return int(tokens_in), int(tokens_out), int(count)


def main() -> int:
    """Runs the sections one after the other; a section that fails says so and does not stop the others."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.engine", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pdfs", type=Path, help="folder with digital PDFs, searched to the bottom")
    parser.add_argument("--only", nargs="+", choices=tuple(SECTIONS), default=[])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dummy", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument(
        "--shapes", nargs="+", type=_shape, help="of texts: tokens in/tokens out x documents, 300/200x99"
    )
    parser.add_argument("--jobs-shape", type=_shape, help="of jobs, shards, long, precision, start, serve and replicas")
    parser.add_argument("--jobs", nargs="+", type=int, default=(), help="numbers of jobs to compare")
    parser.add_argument("--precisions", nargs="+", choices=tuple(PRECISIONS), default=())
    parser.add_argument("--replicas", nargs="+", type=int, default=(), help="numbers of engines")
    parser.add_argument("--steps", action="store_true", help="record each step of the engine on both sides")
    parser.add_argument("--set", action="append", default=[], help="further settings of both sides")
    asked = parser.parse_args()
    given = {name: getattr(asked, name) for name in ("shapes", "jobs_shape", "jobs", "precisions", "replicas")}
    setting = Setting(
        model=asked.model.resolve(),
        out=asked.out.resolve(),
        size=replace(SMALL if asked.small else LARGE, **{name: value for name, value in given.items() if value}),
        pdfs=asked.pdfs,
        dummy=asked.dummy,
        settings=(*(() if asked.small else BOTH_SIDES), *asked.set),
        steps=asked.steps,
    )
    setting.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for _ in range(asked.rounds):
        for name in asked.only or SECTIONS:
            try:
                SECTIONS[name](setting)
            except Exception:  # noqa: BLE001
                failed += 1
                traceback.print_exc()
    sys.stdout.write(markdown(setting.results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
