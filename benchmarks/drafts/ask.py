"""Writes the made texts and documents, and has the jobs of the library asked of them as any run does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT
from benchmarks.drafts.made import drafts
from benchmarks.drafts.made_documents import Parallel, documents

POLISH = "polish_copy"
TRANSLATE, PLAIN = "translate_document", "translate_whole"
JOB_FILES = {
    POLISH: ROOT / "jobs" / f"{POLISH}.py",
    TRANSLATE: ROOT / "jobs" / f"{TRANSLATE}.py",
    PLAIN: ROOT / "benchmarks" / "drafts" / "jobs" / f"{PLAIN}.py",
}
TARGETS = ("en", "zh")
FINISHED = (0, 3)
"""Exit codes of a run that is through: 3 says that some of its documents failed."""
TARGET_LINE = 'TARGET = "zh"'


def ask_copy(out: Path, texts: int, settings: Sequence[str]) -> None:
    """So many drafts polished."""
    made = list(drafts(texts))
    folder = out / "copy" / "texts"
    _write(folder, ((f"{one.name}.txt", one.text) for one in made))
    _write_gold(out / "copy" / "gold.jsonl", map(asdict, made))
    run([JOB_FILES[POLISH]], folder, out / "copy" / "table", settings)


def ask_translations(out: Path, count: int, settings: Sequence[str]) -> None:
    """So many documents translated, passage by passage and in one prompt each, into both languages."""
    for target in write_documents(out, list(documents(count))):
        folder = out / "translation" / target
        jobs = [job_into(folder / "jobs", name, target) for name in (TRANSLATE, PLAIN)]
        run(jobs, folder / "documents", folder / "table", settings)


def write_documents(out: Path, made: Sequence[Parallel]) -> list[str]:
    """The documents and their gold; gives the languages that some of them go into."""
    _write_gold(out / "translation" / "gold.jsonl", (asdict(one) | {"target": one.target} for one in made))
    for one in made:
        _write(out / "translation" / one.target / "documents", [(f"{one.name}.md", one.text)])
    return [target for target in TARGETS if any(one.target == target for one in made)]


def job_into(folder: Path, name: str, target: str) -> Path:
    """A copy of a job's file that writes in this language."""
    text = JOB_FILES[name].read_text("utf-8")
    if TARGET_LINE not in text:
        raise SystemExit(f"{JOB_FILES[name]}: it has no line {TARGET_LINE}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(text.replace(TARGET_LINE, f'TARGET = "{target}"'), "utf-8")
    return folder / f"{name}.py"


def run(jobs: Sequence[Path], folder: Path, output: Path, settings: Sequence[str]) -> None:
    """`qwen-batch run`; raises SystemExit where it does not come to its end."""
    command = [sys.executable, "-c", "from qwen_batch.cli import main; main()", "run", *map(str, jobs), str(folder)]
    command += ["--output", str(output), *(part for one in settings for part in ("--set", one))]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode not in FINISHED:
        raise SystemExit(f"{' '.join(path.stem for path in jobs)}: the run ended with {done.returncode}")


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files:
        (folder / name).write_text(text, "utf-8")


def _write_gold(path: Path, items: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in items), "utf-8")
