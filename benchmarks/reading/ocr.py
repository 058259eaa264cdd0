"""Character errors and pages a second of OCR: plain tesseract, ocrmypdf, and this project with each of its engines.

    python -m benchmarks.reading.ocr ../shared/data --jobs 2 --limit 10

All sides read the same pages in one run, one side after the other, each with the same number of jobs:

- tesseract: the program with its default settings, on page images (PDFs rendered at 300 dpi before the clock starts,
  images as they are), `jobs` at a time;
- ocrmypdf: `--sidecar --deskew --rotate-pages`, the program named by OCRMYPDF or found on PATH; a PDF with `--jobs`,
  images `jobs` at a time;
- ours: `document_languages` once a document and `page_to_text` a page, in `jobs` processes; rendering is counted.

The first two are told the language of each document and run one thread a process; ours has to find the language.

CER is Levenshtein distance over the length of the truth, both summed over all pages of a data set. Before comparing, on
every side and in the truth alike: NFKC, white space collapsed to single spaces (Chinese: removed), case kept. Two
data sets need more: the labels of `sroie` are in capitals whatever the receipt says, so both are compared in capitals,
and its lines come in no fixed order, so they are put in rows, top down and left to right, by their boxes. Of the
Chinese report the truth leaves out what stands in pictures of tables and charts, which any OCR sees: every CER counts
that as errors. "Wrong or lost" counts of the same edits only those of the truth's own characters. "Missing" is the
share of the truth's words (Chinese: characters), as a bag, not found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import pypdfium2
from rapidfuzz.distance import Levenshtein

from benchmarks.reading.ocr_data import CHINESE, Source, data_sets
from benchmarks.reading.setting import POINTS_PER_INCH
from qwen_batch.config import OcrSettings, ReadSettings
from qwen_batch.reading.ocr.recognise import document_languages, ocr_job, page_to_text
from qwen_batch.reading.parts.reader import reader_for, sniff_mime
from qwen_batch.records import Page

DPI = 300
ALONE = OcrSettings(second_engine=None)
"""Tesseract without RapidOCR beside it."""
PHOTO_DPI = 300
"""ocrmypdf refuses images that state no resolution; the value changes nothing that it sees."""


@dataclass(frozen=True, slots=True)
class Score:
    """One side on one data set; `seconds` is wall time."""

    errors: int
    lost: int
    length: int
    missing: int
    words: int
    pages: int
    seconds: float


Side = Callable[[Sequence[Source], int, Path], list[list[str]]]
"""Reads documents with so many jobs and a folder to work in; gives the text of each page of each document."""


def measure(data: Path, jobs: int, limit: int | None) -> str:
    """A Markdown table over the data sets in `data`, with at most `limit` pages of each."""
    sides: dict[str, Side] = {"tesseract": plain_tesseract, "ocrmypdf": ocrmypdf, "ours, tesseract": ours}
    if find_spec("rapidocr"):
        sides["ours, both"] = partial(ours, settings=OcrSettings())
        sides["ours, rapidocr"] = partial(ours, settings=OcrSettings(engine="rapidocr"))
    rows = [
        "| data | side | pages | CER | of tesseract's | wrong or lost | of its | missing | pages/s | of ocrmypdf's |",
        "|---|---|" + "---:|" * 8,
    ]
    with tempfile.TemporaryDirectory(prefix="reading_ocr_") as folder:
        for name, sources in data_sets(data, limit, Path(folder)).items():
            scores: dict[str, Score] = {}
            for side, run in sides.items():
                scores[side] = _score(run, sources, jobs, Path(folder))
                print(name, side, scores[side], file=sys.stderr, flush=True)
            rows += [_row(name, side, score, scores) for side, score in scores.items()]
    return "\n".join(rows)


def _score(run: Side, sources: Sequence[Source], jobs: int, folder: Path) -> Score:
    if run is plain_tesseract:
        _render_all(sources, folder)
    started = time.monotonic()
    texts = run(sources, jobs, folder)
    seconds = time.monotonic() - started
    pairs = [
        (_normal(truth, source), _normal(text, source))
        for source, pages in zip(sources, texts, strict=True)
        for truth, text in zip(source.truths, pages, strict=True)
    ]
    edits = [Levenshtein.editops(truth, text) for truth, text in pairs]
    bags = [(Counter(_units(truth)), Counter(_units(text))) for truth, text in pairs]
    return Score(
        errors=sum(map(len, edits)),
        lost=sum(edit.tag != "insert" for page in edits for edit in page),
        length=sum(len(truth) for truth, _ in pairs),
        missing=sum((truth - text).total() for truth, text in bags),
        words=sum(truth.total() for truth, _ in bags),
        pages=len(pairs),
        seconds=seconds,
    )


def _normal(text: str, source: Source) -> str:
    words = unicodedata.normalize("NFKC", text).split()
    joined = ("" if source.languages == CHINESE else " ").join(words)
    return joined.upper() if source.capitals else joined


def _units(text: str) -> list[str]:
    return text.split() if " " in text else list(text)


def _row(name: str, side: str, score: Score, scores: dict[str, Score]) -> str:
    base, rival = scores["tesseract"], scores["ocrmypdf"]
    cells = (
        name,
        side,
        str(score.pages),
        f"{score.errors / score.length:.2%}",
        f"{score.errors / max(base.errors, 1):.2f}",
        f"{score.lost / score.length:.2%}",
        f"{score.lost / max(base.lost, 1):.2f}",
        f"{score.missing / score.words:.1%}",
        f"{score.pages / score.seconds:.2f}",
        f"{score.pages / score.seconds / (rival.pages / rival.seconds):.2f}",
    )
    return f"| {' | '.join(cells)} |"


def plain_tesseract(sources: Sequence[Source], jobs: int, folder: Path) -> list[list[str]]:
    """The program as it comes."""
    calls = [(image, source.languages) for source in sources for image in _images(source, folder)]
    with ThreadPoolExecutor(jobs) as pool:
        texts = iter(list(pool.map(_run_tesseract, calls)))
    return [[next(texts) for _ in source.truths] for source in sources]


def _run_tesseract(call: tuple[Path, str]) -> str:
    command = ["tesseract", str(call[0]), "-", "-l", call[1]]
    return subprocess.run(command, env=_one_thread(), capture_output=True, check=True).stdout.decode("utf-8", "replace")


def ocrmypdf(sources: Sequence[Source], jobs: int, folder: Path) -> list[list[str]]:
    """The program with the options that straighten and turn; pages are parted by form feeds in its sidecar."""
    single = [source for source in sources if len(source.truths) == 1]
    with ThreadPoolExecutor(jobs) as pool:
        done = dict(zip(single, pool.map(partial(_run_ocrmypdf, jobs=1, folder=folder), single), strict=True))
    return [done.get(source) or _run_ocrmypdf(source, jobs, folder) for source in sources]


def _run_ocrmypdf(source: Source, jobs: int, folder: Path) -> list[str]:
    program = os.environ.get("OCRMYPDF") or shutil.which("ocrmypdf")
    if program is None:
        sys.exit("ocrmypdf was not found: name it in the environment variable OCRMYPDF")
    sidecar = folder / f"{source.path.name}.txt"
    options = ["--deskew", "--rotate-pages", "-l", source.languages, "--jobs", str(jobs), "--quiet"]
    options += [] if source.path.suffix == ".pdf" else ["--image-dpi", str(PHOTO_DPI)]
    command = [program, *options, "--sidecar", str(sidecar), str(source.path), str(folder / "out.pdf")]
    subprocess.run([*command[:-1], f"{sidecar}.pdf"], env=_one_thread(), capture_output=True, check=True)
    return sidecar.read_text("utf-8").split("\f")[: len(source.truths)]


def _one_thread() -> dict[str, str]:
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}


def ours(
    sources: Sequence[Source],
    jobs: int,
    folder: Path,  # noqa: ARG001
    settings: OcrSettings = ALONE,
) -> list[list[str]]:
    """The public functions of `qwen_batch.reading.ocr`, page by page."""
    with ProcessPoolExecutor(jobs, get_context("forkserver")) as pool:
        languages = list(pool.map(partial(_languages, settings=settings), sources))
        calls = [
            (source, number, chosen)
            for source, chosen in zip(sources, languages, strict=True)
            for number in range(len(source.truths))
        ]
        texts = iter(list(pool.map(partial(_read_page, settings=settings), calls)))
    return [[next(texts) for _ in source.truths] for source in sources]


def _languages(source: Source, settings: OcrSettings) -> tuple[str, ...]:
    mime = sniff_mime(source.path)
    return document_languages(ocr_job(source.path, mime, settings, ReadSettings()), _pages(source, mime))


def _read_page(call: tuple[Source, int, tuple[str, ...]], settings: OcrSettings) -> str:
    source, number, languages = call
    mime = sniff_mime(source.path)
    job = ocr_job(source.path, mime, settings, ReadSettings())
    return "\n".join(line.text for line in page_to_text(job, _pages(source, mime)[number], languages).lines)


def _pages(source: Source, mime: str) -> tuple[Page, ...]:
    return tuple(replace(page, needs_ocr="image") for page in reader_for(mime).read(source.path, ReadSettings()))


def _render_all(sources: Sequence[Source], folder: Path) -> None:
    for source in sources:
        if source.path.suffix == ".pdf":
            for page, image in zip(pypdfium2.PdfDocument(source.path), _images(source, folder), strict=True):
                page.render(scale=DPI / POINTS_PER_INCH, grayscale=True).to_pil().save(image, dpi=(DPI, DPI))


def _images(source: Source, folder: Path) -> list[Path]:
    if source.path.suffix != ".pdf":
        return [source.path]
    return [folder / f"{source.path.stem}-{number}.png" for number in range(len(source.truths))]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    print(measure(arguments.data, arguments.jobs, arguments.limit))


if __name__ == "__main__":
    main()
