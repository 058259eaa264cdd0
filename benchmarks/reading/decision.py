"""Which pages are sent to OCR, and whether they need it: a confusion table over real PDFs and images.

    python -m benchmarks.reading.decision ../shared/data

Truth knows nothing of the reader's rules. Image files and all that lies in a folder of scans need OCR. Any other page
is drawn at INK_DPI: it needs OCR if less than MIN_COVERED_SHARE of its sharp edges lies in the boxes of the words in
its text layer, and the edges elsewhere are at least MIN_LOOSE_SHARE of its pixels. That takes a page of photographs or
charts for a scan, and good-looking boxes around garbage for text: pages that were looked at by eye are in LOOKED_AT.
A disagreement is not always a fault of the reader; each one is listed for a person.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.common import path_to_document
from benchmarks.reading.setting import CONFIG, POINTS_PER_INCH
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import make_tools, read_stage
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.readers import pdf
from qwen_batch.records import Box, Page, Word

FOLDERS = (
    "cuad",
    "derived_scans",
    "docling",
    "olmocr",
    "zh",
    "docubench",
    "unstructured",
    "sroie",
    "tesseract_test",
    "robust",
)
SCANS = frozenset({"derived_scans", "sroie", "tesseract_test"})
SUFFIXES = frozenset({".pdf", ".fuzz", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"})
INK_DPI = 50
MIN_EDGE_CONTRAST = 48
"""Grey values between neighbouring pixels, of 255, from which on there is an edge."""
MIN_COVERED_SHARE = 0.5
MIN_LOOSE_SHARE = 0.002
"""Part of a page's pixels; two short lines of type have as many edges."""
BOX_MARGIN_PX = 1


PARTS = frozenset({"words_in_pictures", "unproven_layer"})
"""Reasons for which the text layer is kept: pictures beside it are read, or a sample of it is held against the page."""


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a person saw on a page that the rule misjudges."""

    needed: bool
    reason: str


_ROBUST, _QPDF = "robust/pdfjs", "robust/qpdf/qpdf/qtest/qpdf"
_MERGED = "robust/pdfbox/pdfbox/src/test/resources/org/apache/pdfbox/multipdf/PDFBoxLegacyMerge-SameMerged.pdf"
LOOKED_AT: dict[tuple[str, int], LookedAt] = {
    ("docling/pdf/sources/skipped_2pages.pdf", 2): LookedAt(needed=False, reason="drawn symbols; all words are typed"),
    ("robust/camelot/docs/_static/pdf/rotated.pdf", 1): LookedAt(needed=False, reason="the rest are a table's rules"),
    (f"{_ROBUST}/annotation-square-circle-without-appearance.pdf", 1): LookedAt(needed=False, reason="four shapes"),
    (f"{_ROBUST}/blendmode.pdf", 1): LookedAt(needed=False, reason="photographs"),
    (f"{_ROBUST}/issue9713.pdf", 1): LookedAt(needed=False, reason="stripes of grey"),
    ("docling/pdf/sources/skipped_1page.pdf", 2): LookedAt(needed=True, reason="Korean whose text is wrong letters"),
    ("docling/pdf/sources/skipped_2pages.pdf", 3): LookedAt(needed=True, reason="Korean whose text is wrong letters"),
    ("docling/pdf/sources/redp5110_sampled.pdf", 3): LookedAt(needed=True, reason="a column whose letters have no map"),
    ("docling/pdf/sources/right_to_left_02.pdf", 1): LookedAt(needed=True, reason="Arabic whose text is wrong letters"),
    **{
        (_MERGED, page): LookedAt(needed=False, reason="drawn boxes and circles beside a typed letter")
        for page in (1, 2)
    },
    (f"{_QPDF}/form-xobjects-no-resources-out.pdf", 1): LookedAt(needed=False, reason="squares under typed titles"),
    (f"{_ROBUST}/ThuluthFeatures.pdf", 1): LookedAt(needed=True, reason="Arabic whose text is wrong letters"),
    **{
        (f"{_QPDF}/form-xobjects-out.pdf", page): LookedAt(needed=False, reason="a red square under a typed title")
        for page in range(1, 17)
    },
}
"""By path under DATA and page number."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One page: whether it needs OCR, why the reader says so (None if it does not), and what the truth rests on."""

    file: str
    page: int
    needed: bool
    decided: str | None
    truth: str

    @property
    def whole(self) -> bool:
        """Whether all of the page is recognised, or its text replaced."""
        return self.decided is not None and self.decided not in PARTS

    @property
    def is_wrong(self) -> bool:
        """A page's pictures may be read without need (its text stays as it is), but not be passed over."""
        return not self.decided if self.needed else self.whole

    @property
    def folder(self) -> str:
        """The first part of the path under DATA."""
        return self.file.split("/", 1)[0]


def measure(data: Path) -> str:
    """Markdown: the two bars, pages by truth and decision, and every disagreement."""
    decisions: list[Decision] = []
    unread: list[str] = []
    tools = make_tools(CONFIG)
    with tools.isolator as isolator:
        for path in decision_files(data):
            name = path.relative_to(data).as_posix()
            read = read_stage(path_to_document(path), tools)
            if isinstance(read, Failure):
                unread.append(f"{name} ({read.code})")
            else:
                decisions += (_decision(name, path, page, isolator) for page in read.pages)
    cuad, scans = ([item for item in decisions if item.folder == folder] for folder in ("cuad", "derived_scans"))
    return "\n".join(
        [
            f"OCR decision: {len(decisions)} pages; {len(unread)} files cannot be read and have no pages here",
            "",
            f"- digital contracts sent to OCR as a whole: {sum(item.whole for item in cuad)} of {len(cuad)} (bar 0)",
            f"- their pages of which only the pictures are recognised: {sum(item.decided in PARTS for item in cuad)}",
            f"- scans not sent to OCR: {sum(item.decided is None for item in scans)} of {len(scans)} (bar 0)",
            "",
            *_confusion(decisions),
            "",
            *_disagreements(decisions),
        ]
    )


def decision_files(data: Path) -> list[Path]:
    """Every PDF and image in FOLDERS."""
    return sorted(path for folder in FOLDERS for path in (data / folder).rglob("*") if path.suffix.lower() in SUFFIXES)


def _decision(name: str, path: Path, page: Page, isolator: Isolator) -> Decision:
    seen = LOOKED_AT.get((name, page.number))
    if seen:
        return Decision(name, page.number, seen.needed, page.needs_ocr, f"looked at: {seen.reason}")
    if path.suffix.lower() not in {".pdf", ".fuzz"} or name.split("/", 1)[0] in SCANS:
        return Decision(name, page.number, needed=True, decided=page.needs_ocr, truth="an image")
    ink = page_ink(path, page, isolator)
    truth = f"{ink.covered:.0%} of the ink in words, ink elsewhere on {ink.loose:.2%} of the page"
    return Decision(name, page.number, ink.needs_ocr, page.needs_ocr, truth)


@dataclass(frozen=True, slots=True)
class Ink:
    """Sharp edges of a page: `covered` is the share of them in words, `loose` the share of pixels that are others."""

    covered: float
    loose: float

    @property
    def needs_ocr(self) -> bool:
        """The rule of the module's docstring."""
        return self.covered < MIN_COVERED_SHARE and self.loose >= MIN_LOOSE_SHARE


def page_ink(path: Path, page: Page, isolator: Isolator) -> Ink:
    """How much of what is drawn on a page its text layer accounts for; no ink at all if it cannot be drawn."""
    whole = [Box(0, 0, page.width, page.height)]
    try:
        image = isolator.call(_pixels, path, page.number)
        found = isolator.call(pdf.line_words, path, {page.number: whole})
    except Unreadable:
        return Ink(0.0, 0.0)
    if isinstance(image, Crash) or isinstance(found, Crash):
        return Ink(0.0, 0.0)
    (words,) = found[page.number]
    edges = np.abs(np.diff(image, axis=1)) > MIN_EDGE_CONTRAST
    total = int(edges.sum())
    _wipe(edges, words)
    loose = int(edges.sum())
    return Ink((total - loose) / max(total, 1), loose / max(edges.size, 1))


def _pixels(path: Path, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """A page as numbers: what comes back from the child is data, and a picture is none."""
    return np.asarray(pdf.render(path, number, INK_DPI, CONFIG.read), dtype=np.int16)


def _wipe(edges: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], words: Iterable[Word]) -> None:
    for word in words:
        left, top, right, bottom = (
            round(side * INK_DPI / POINTS_PER_INCH) for side in (word.box.x0, word.box.y0, word.box.x1, word.box.y1)
        )
        rows = slice(max(top - BOX_MARGIN_PX, 0), max(bottom + BOX_MARGIN_PX + 1, 0))
        edges[rows, max(left - BOX_MARGIN_PX - 1, 0) : max(right + BOX_MARGIN_PX + 1, 0)] = False


def _confusion(decisions: Sequence[Decision]) -> Iterator[str]:
    cells = Counter((item.decided or "text layer taken", item.needed) for item in decisions)
    yield "| decided | pages that need OCR | pages that do not |"
    yield "| --- | ---: | ---: |"
    for decided in sorted({decided for decided, _ in cells}):
        yield f"| {decided} | {cells[decided, True]} | {cells[decided, False]} |"


def _disagreements(decisions: Sequence[Decision]) -> Iterator[str]:
    wrong = [item for item in decisions if item.is_wrong]
    yield f"Disagreements: {len(wrong)} of {len(decisions)} pages"
    yield ""
    yield "| file | page | needs OCR | decided | truth |"
    yield "| --- | ---: | --- | --- | --- |"
    for item in wrong:
        needed = "yes" if item.needed else "no"
        yield f"| {item.file} | {item.page} | {needed} | {item.decided or 'text layer taken'} | {item.truth} |"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    print(measure(parser.parse_args().data))


if __name__ == "__main__":
    main()
