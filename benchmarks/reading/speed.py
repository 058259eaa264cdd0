"""Text of digital PDFs with a box for every line: ours, pdfplumber and bare pypdfium2, on one core.

`python -m benchmarks.reading.speed DATA [--limit N]`; DATA is a folder with `cuad/`. All three sides read
the same files in turn in one process, so that what else the machine does hits them alike; only ratios count.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pdfplumber
import pypdfium2

from qwen_batch.config import ReadSettings
from qwen_batch.reading.readers import pdf
from qwen_batch.reading.readers.pdf.judge import ocr_reason
from qwen_batch.reading.readers.pdf.pdfium import opened, page_layer

SETTINGS = ReadSettings()
SAMPLE = 4
"""pdfplumber reads every fourth file: all of them take minutes."""


@dataclass(slots=True)
class Side:
    """One way to read a PDF: `read` returns its number of pages; `cpu_s` adds up."""

    name: str
    read: Callable[[Path], int]
    pages: int = 0
    cpu_s: float = 0.0

    def add(self, path: Path) -> None:
        """Reads one file and counts."""
        start = time.process_time()
        self.pages += self.read(path)
        self.cpu_s += time.process_time() - start

    @property
    def pages_per_s(self) -> float:
        """Pages for each second of processor time."""
        return self.pages / self.cpu_s


def read_lines(path: Path) -> int:
    """Lines with boxes and the OCR decision of every page, as the pipeline reads them, but no tables."""
    with opened(path) as document:
        for number in range(1, len(document) + 1):
            layer = page_layer(document, number)
            ocr_reason("\n".join(line.text for line in layer.lines), layer.unmapped, layer.drawn)
        return len(document)


def read_whole(path: Path) -> int:
    """All that the pipeline does: lines with boxes, OCR decision, ruled tables as Markdown."""
    return len(pdf.read(path, SETTINGS))


def read_pdfplumber(path: Path) -> int:
    """`extract_text` of every page, which is closed afterwards."""
    with pdfplumber.open(path) as document:
        for page in document.pages:
            page.extract_text()
            page.close()
        return len(document.pages)


def read_pypdfium2(path: Path) -> int:
    """The bare text of every page, without any position."""
    document = pypdfium2.PdfDocument(path)
    try:
        for page in document:
            page.get_textpage().get_text_range()
        return len(document)
    finally:
        document.close()


def read_pypdfium2_boxes(path: Path) -> int:
    """The text of every page with a box for each of its runs, as pypdfium2's own helpers give them."""
    document = pypdfium2.PdfDocument(path)
    try:
        for page in document:
            textpage = page.get_textpage()
            for index in range(textpage.count_rects()):
                textpage.get_text_bounded(*textpage.get_rect(index))
        return len(document)
    finally:
        document.close()


def measure(data: Path, limit: int | None = None) -> str:
    """A Markdown table over the contracts of `data/cuad`."""
    files = sorted((data / "cuad").rglob("*.[pP][dD][fF]"))[:limit]
    lines = Side("ours, lines with boxes", read_lines)
    whole = Side("ours, with ruled tables as Markdown", read_whole)
    bare = Side("pypdfium2, bare text", read_pypdfium2)
    boxes = Side("pypdfium2, text with boxes", read_pypdfium2_boxes)
    plumber = Side("pdfplumber, extract_text", read_pdfplumber)
    sampled = [Side("ours, lines, the files of pdfplumber", read_lines), Side("ours, whole, the same", read_whole)]
    for number, path in enumerate(files):
        for side in (lines, bare, boxes, whole, *((plumber, *sampled) if number % SAMPLE == 0 else ())):
            side.add(path)
    rows = [
        f"| {side.name} | {side.pages} | {side.pages_per_s:.1f} |"
        for side in (bare, boxes, lines, whole, plumber, *sampled)
    ]
    by_plumber, whole_by_plumber = (side.pages_per_s / plumber.pages_per_s for side in sampled)
    by_bare, whole_by_bare = (side.pages_per_s / bare.pages_per_s for side in (lines, whole))
    lines_by_boxes, whole_by_boxes = (side.pages_per_s / boxes.pages_per_s for side in (lines, whole))
    return "\n".join(
        [
            f"Digital PDFs: {len(files)} files, {lines.pages} pages, processor time of one core",
            "",
            "| | pages | pages/s |",
            "| --- | --- | --- |",
            *rows,
            "",
            f"- lines / pdfplumber's text: {by_plumber:.1f} (bar 20); with tables {whole_by_plumber:.1f} (bar 15)",
            f"- lines / pypdfium2 text with boxes: {lines_by_boxes:.2f}; with tables {whole_by_boxes:.2f} (bar 0.5)",
            f"- lines with boxes / bare pypdfium2 text: {by_bare:.2f} (bar 0.4); with tables {whole_by_bare:.2f}",
        ]
    )


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, help="take only the first N files")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(measure(arguments.data, arguments.limit))


if __name__ == "__main__":
    main()
