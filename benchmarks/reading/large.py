"""A PDF of 619 pages, made here: time and memory to read it, and whether any line of its body was trimmed.

    python -m benchmarks.reading.large

Each page has a running head by chapter, a foot that counts the pages, prose whose every line is known, and on some a
ruled table whose every cell is. It is read as a run does it, in a child process with limits, and cleaned.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import path_to_document, test_helper
from benchmarks.reading.headers import squeezed
from benchmarks.reading.robust import KIB_PER_MIB, child_status_kib, forget_peak
from benchmarks.reading.setting import CONFIG
from qwen_batch.config import Config
from qwen_batch.outcomes import Failure
from qwen_batch.reading.clean.pages_to_clean import page_texts
from qwen_batch.reading.document_to_text import ReadText, clean_stage, make_tools, read_stage

PAGES = 619
PAGES_PER_CHAPTER = 40
PAGES_PER_TABLE = 6
BAR_S = 40
LINES, TABLE_ROWS = 40, 8
LEFT, TOP, LEADING = 72, 720, 14
COLUMNS = (LEFT, 180, 290, 400, 510)
HEAD_Y, FOOT_Y = 765, 40
SYLLABLES = ["ba", "do", "fe", "gu", "ki", "lo", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wo", "zi"]
SEED = 24


@dataclass(frozen=True, slots=True)
class Book:
    """The file and what stands on its pages: `lines` and `cells` of the body by page, the head and foot of each."""

    path: Path
    lines: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[str, ...], ...]
    edges: tuple[tuple[str, str], ...]


def make_book(path: Path, pages: int = PAGES) -> Book:
    """Writes the book."""
    helper = test_helper("pdfs")
    show, grid, write_pdf = helper["show"], helper["grid"], helper["write_pdf"]
    chance = random.Random(SEED)  # noqa: S311 - chance that can be repeated
    all_lines, all_cells, all_edges, contents = [], [], [], []
    for number in range(1, pages + 1):
        edges = (f"Chapter {1 + number // PAGES_PER_CHAPTER}: The Register of Quays", f"Page {number} of {pages}")
        table = number % PAGES_PER_TABLE == 0
        lines = [_line(chance) for _ in range(LINES - (TABLE_ROWS + 2 if table else 0))]
        content = show(LEFT, HEAD_Y, edges[0], 9) + show(280, FOOT_Y, edges[1], 9)
        content += "".join(show(LEFT, TOP - LEADING * at, line) for at, line in enumerate(lines))
        cells = [f"{_word(chance)} {chance.randrange(10_000)}" for _ in range(TABLE_ROWS * (len(COLUMNS) - 1))]
        if table:
            ys = [TOP - LEADING * (len(lines) + at) for at in range(TABLE_ROWS + 1)]
            content += grid(list(COLUMNS), ys)
            places = [(x + 4, y - LEADING + 4) for y in ys[:-1] for x in COLUMNS[:-1]]
            content += "".join(show(*place, cell, 9) for place, cell in zip(places, cells, strict=True))
        all_lines.append(tuple(lines))
        all_cells.append(tuple(cells) if table else ())
        all_edges.append(edges)
        contents.append(content)
    write_pdf(path, *contents)
    return Book(path, tuple(all_lines), tuple(all_cells), tuple(all_edges))


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def _line(chance: random.Random) -> str:
    words = [_word(chance) for _ in range(9)]
    return " ".join([*words, str(chance.randrange(100_000)), _word(chance)])


UNFENCED = CONFIG.model_copy(update={"read": CONFIG.read.model_copy(update={"sandbox": False})})
"""The child is asked to forget its peak of memory, which a fenced one may not."""


def measure(config: Config = UNFENCED) -> str:
    """Markdown: seconds, the child's peak memory, and how many known lines, cells, heads and feet the text holds."""
    with tempfile.TemporaryDirectory() as folder:
        book = make_book(Path(folder) / "register.pdf")
        size_mb = book.path.stat().st_size / (1 << 20)
        tools = make_tools(config)
        with tools.isolator:
            forget_peak(tools)
            started, own = time.monotonic(), time.process_time()
            read = read_stage(path_to_document(book.path), tools)
            result = read if isinstance(read, Failure) else clean_stage(read, tools)
            wall, own = time.monotonic() - started, time.process_time() - own
            peak_mib = child_status_kib(tools)["VmHWM"] / KIB_PER_MIB
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    if isinstance(result, Failure):
        raise SystemExit(f"the book is a failure: {result.code}: {result.message}")
    busy = own + usage.ru_utime + usage.ru_stime
    limits = config.read
    columns = [
        f"{PAGES}, {size_mb:.1f} MiB",
        f"{wall:.1f} s (bar {BAR_S} on 2 quiet cores)",
        f"{busy:.1f} s",
        f"{peak_mib:.0f} of {limits.memory_mb} MiB",
        *_found(book, result),
    ]
    head = (
        "pages, file|wall time|processor time|peak memory of the child|body lines in the text|cells|heads and feet left"
    )
    return "\n".join([f"| {head.replace('|', ' | ')} |", "|---|---|---|---|---|---|---|", f"| {' | '.join(columns)} |"])


def _found(book: Book, result: ReadText) -> list[str]:
    texts = [squeezed(page.text) for page in page_texts(result.clean, result.pages)]
    found = []
    for known in (book.lines, book.cells, book.edges):
        there = [squeezed(one) in text for text, ones in zip(texts, known, strict=True) for one in ones]
        found.append(f"{sum(there)} of {len(there)}")
    return found


def main() -> None:
    """Prints the table."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    print(measure())


if __name__ == "__main__":
    main()
