"""Running headers, footers, page numbers, page breaks and reading order, ours beside the raw text of pdfplumber.

    python -m benchmarks.reading.headers ../shared/data

Runs the tests in DATA/headers over the PDFs that they name, as its README says: all white space is stripped before
matching. `absent` text may not stand on its page (a short one: as a line of its own), `present` text and sentences
over a page break (`joined`) must be in the text of its pages or, if `present`, in the facts below it, `order` is about
first places. Then every line that
pdfium finds in DATA/cuad, asked for without this project, must be in the clean text or in the list of what was
trimmed. Pages without a text layer go through OCR for ours; pdfplumber has nothing for them.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2 as pdfium
from rapidfuzz import fuzz

from benchmarks.common import path_to_document
from qwen_batch.config import CleanSettings, Config
from qwen_batch.outcomes import Failure
from qwen_batch.reading.clean.pages_to_clean import page_texts, pages_to_clean
from qwen_batch.reading.document_to_text import ReadText, document_to_text, make_tools
from qwen_batch.records import CleanDocument

SETS = {"cuad": "cuad_dev", "docling": "docling_groundtruth", "olmocr": "olmocr_dev"}
CUAD_PDFS = "cuad/full_contract_pdf"
SHORT_CHARS = 16
"""An `absent` text of fewer characters, as a page number, may well be part of some body line: it is sought alone."""
PDFIUM_HYPHEN = "\ufffe"
DOCLING_NOTE = "docling is not compared: its layout models come from a model hub, which cannot be reached from here."


def squeezed(text: str) -> str:
    """A text without white space, without hyphens, which joining takes from line ends, and with one kind of quotes."""
    text = text.replace("\u2018\u2018", "\u201c").replace("\u2019\u2019", "\u201d")
    return re.sub(r"[\s\-\u2010\u00ad\u200b\ufffe]+", "", text)


@dataclass
class PageTexts:
    """One document as some program reads it: page by page, when a page is asked for; `facts` stand below the text."""

    read: Callable[[int], str]
    pages: int
    facts: str = ""
    _seen: dict[int, str] = field(default_factory=dict)

    def page(self, number: int) -> str:
        """The text of a page, from 1; nothing beyond the last."""
        if number > self.pages:
            return ""
        if number not in self._seen:
            self._seen[number] = self.read(number)
        return self._seen[number]

    def around(self, first: int, last: int) -> str:
        """The text of some pages for matching; labels count pages now and then one off."""
        return squeezed("".join(self.page(number) for number in range(max(first, 1), last + 1)))


def measure(data: Path) -> str:
    """A Markdown table of passed tests by set and type, and what became of the body lines of cuad."""
    reads: dict[str, ReadText] = {}
    rows = [
        "| set | type | tests | ours | raw pdfplumber |",
        "|---|---|---|---|---|",
    ]
    for name, file in SETS.items():
        passed: dict[str, Counter[str]] = defaultdict(Counter)
        for pdf, tests in _tests(data / "headers" / f"{file}.jsonl"):
            reads[pdf] = read_document(data / pdf)
            with pdfplumber.open(data / pdf) as raw:
                for reader, texts in (("ours", _our_texts(reads[pdf])), ("raw", _raw_texts(raw))):
                    for test in tests:
                        passed[test["type"]]["all"] += reader == "ours"
                        passed[test["type"]][reader] += passes(test, texts)
        rows += [f"| {name} | {kind} | {n['all']} | {n['ours']} | {n['raw']} |" for kind, n in sorted(passed.items())]
    return "\n".join(
        [*rows, "", DOCLING_NOTE if not importlib.util.find_spec("docling") else "", "", *_body(data, reads)]
    )


def _tests(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    by_pdf: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in path.read_text("utf-8").splitlines():
        test = json.loads(line)
        by_pdf[test["pdf"]].append(test)
    yield from by_pdf.items()


def read_document(path: Path) -> ReadText:
    """A document through the stages of a run, without the cache."""
    read = document_to_text(path_to_document(path), make_tools(Config.model_validate({"cache": {"enabled": False}})))
    if isinstance(read, Failure):
        raise SystemExit(f"{path}: {read.code}: {read.message}")
    return read


def _our_texts(read: ReadText) -> PageTexts:
    texts = page_texts(read.clean, read.pages)
    facts = "" if read.clean.facts_at is None else read.clean.text[read.clean.facts_at :]
    return PageTexts(lambda number: texts[number - 1].text, len(texts), facts)


def _raw_texts(pdf: pdfplumber.pdf.PDF) -> PageTexts:
    def text_of(number: int) -> str:
        page = pdf.pages[number - 1]
        text: str = page.extract_text()
        page.close()
        return text

    return PageTexts(text_of, len(pdf.pages))


def passes(test: dict[str, Any], texts: PageTexts) -> bool:
    """Whether a document's text does what a test asks."""
    kind = test["type"]
    if kind == "absent_line":
        return not any(_has_line(texts.page(item["page"]), item["line"]) for item in test["lines"])
    if kind == "absent":
        pages = [test["page"]] if "page" in test else range(1, texts.pages + 1)
        return not any(_has(texts.page(page), test) for page in pages)
    if kind == "joined":
        return squeezed(test["text"]) in texts.around(test["page_break_after"] - 1, test["page_break_after"] + 2)
    text = texts.around(test["page"] - 1, test["page"] + 1)
    if kind == "order":
        before, after = (text.find(squeezed(test[which])) for which in ("before", "after"))
        return 0 <= before < after
    wanted, text = squeezed(test["text"]), text + squeezed(texts.facts)
    if not test.get("case_sensitive", True):
        text, wanted = text.lower(), wanted.lower()
    least = 100 * (1 - test.get("max_diffs", 0) / len(wanted))
    return wanted in text or (test.get("max_diffs", 0) > 0 and fuzz.partial_ratio(wanted, text) >= least)


def _has(page: str, test: dict[str, Any]) -> bool:
    wanted = squeezed(test["text"])
    return wanted in squeezed(page) if len(wanted) >= SHORT_CHARS else _has_line(page, test["text"])


def _has_line(page: str, wanted: str) -> bool:
    return any(squeezed(line) == squeezed(wanted) for line in page.splitlines())


def _body(data: Path, reads: dict[str, ReadText]) -> Iterator[str]:
    """What became of the lines of cuad's text layers, and how long cleaning took."""
    lines, lost, pages, seconds = 0, 0, 0, 0.0
    reasons: Counter[str] = Counter()
    for path in sorted((data / CUAD_PDFS).rglob("*")):
        if path.suffix.lower() != ".pdf":
            continue
        read = reads.get(str(path.relative_to(data))) or read_document(path)
        started = time.process_time()
        pages_to_clean(read.document, read.pages, CleanSettings())
        seconds += time.process_time() - started
        texts = page_texts(read.clean, read.pages)
        for text, layer in zip(texts, pdfium_lines(path), strict=True):
            lines += len(layer)
            lost += len(missing_lines(text.number, layer, read.clean, text.text))
        pages += read.clean.pages
        reasons.update(item.reason for item in read.clean.trimmed)
    trimmed = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    yield f"- cuad: {lines} lines in the text layers of {pages} pages, {lost} of them neither in the text nor trimmed"
    yield f"- cuad: trimmed lines: {trimmed}"
    yield f"- cuad: cleaning: {pages / seconds:.0f} pages a second of CPU time"


def pdfium_lines(path: Path) -> Iterator[list[str]]:
    """The lines of each page's text layer as bare pdfium gives them."""
    with pdfium.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage().get_text_range().replace(PDFIUM_HYPHEN, "-\n")
            yield [line for line in text.splitlines() if line.strip()]


def missing_lines(page: int, layer: Sequence[str], clean: CleanDocument, text: str) -> list[str]:
    """Lines of a page that are neither in the clean text nor trimmed; those of a table are found word by word."""
    trimmed = [item.text for item in clean.trimmed if item.page == page]
    wholes = squeezed(clean.text), squeezed("".join(trimmed))
    words = Counter(_words(" ".join([text, *trimmed])))
    return [
        line for line in layer if not any(squeezed(line) in whole for whole in wholes) and Counter(_words(line)) - words
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", text)


if __name__ == "__main__":
    print(measure(Path(sys.argv[1])))
