"""Documents for the engine benchmarks: texts of a wanted number of tokens, digital PDFs with a changed first line."""

from __future__ import annotations

import ctypes
import os
import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from qwen_batch.engine.tokens import model_tokenizer

WORDS = [
    *("agreement", "party", "term", "notice", "payment", "delivery", "liability", "insurance", "warehouse", "invoice"),
    *("report", "quarter", "revenue", "between", "within", "under", "after", "before", "during", "until", "shall"),
    *("the", "a", "of", "in", "on", "to", "for", "with", "by", "this", "that", "any", "all", "licence", "supplier"),
    *("customer", "tenant", "landlord", "royalty", "territory", "product", "service", "schedule", "annex", "clause"),
]
WORDS_A_LINE = 23
FIRST_LINE_POINTS = 9.0


def write_texts(folder: Path, count: int, tokens: int, model: Path, seed: int) -> None:
    """`count` text files of `tokens` tokens each; no two share their beginning. On all cores: it is GPU time too."""
    folder.mkdir(parents=True)
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        write = partial(_write_text, folder, tokens, model, seed)
        for _ in pool.map(write, range(count), chunksize=max(1, count // cores // 4)):
            pass


def _write_text(folder: Path, tokens: int, model: Path, seed: int, number: int) -> None:
    draw = random.Random(f"{seed}-{number}")
    lines = int(tokens * 1.2) // WORDS_A_LINE + 1
    body = [" ".join(draw.choices(WORDS, k=WORDS_A_LINE)) + "." for _ in range(lines)]
    text = "\n".join([f"Document {seed}-{number}:", *body])
    text = text[: model_tokenizer(model).token_ends(text)[tokens - 1]]
    (folder / f"{number:05}.txt").write_text(text)


def write_pdfs(folder: Path, sources: list[Path], copies: int) -> None:
    """Every source `copies` times, each copy with a line of its own at the top of its first page."""
    folder.mkdir(parents=True)
    for copy in range(copies):
        for number, source in enumerate(sources):
            document = pypdfium2.PdfDocument(source)
            _add_first_line(document, f"Copy {copy} of {source.stem[:40]}")
            document.save(folder / f"{copy:03}-{number:03}-{source.stem[:60]}.pdf")
            document.close()


def _add_first_line(document: pypdfium2.PdfDocument, text: str) -> None:
    page = document[0]
    line = pdfium.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", FIRST_LINE_POINTS)
    letters = (text + "\0").encode("utf-16-le")
    pdfium.FPDFText_SetText(line, ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)))
    pdfium.FPDFPageObj_Transform(line, 1, 0, 0, 1, 40, page.get_height() - 14)
    pdfium.FPDFPage_InsertObject(page.raw, line)
    pdfium.FPDFPage_GenerateContent(page.raw)
