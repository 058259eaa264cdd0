"""Recognises page images with tesseract: one TSV call a page gives text, boxes and confidences.

The only importer of pytesseract, which says what is installed. The program itself is run here: the image goes in
through a pipe, and at the timeout all that it started is ended, where pytesseract would end one process. Knows nothing
of documents or of which pages need OCR.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

from qwen_batch.errors import ToolMissingError
from qwen_batch.reading.ocr.engine import Layout, OcrEngine, OcrFailed, OcrText, OcrTimeout
from qwen_batch.reading.ocr.rows import Block, blocks_to_rows, rows_to_text
from qwen_batch.records import Box, Word

if TYPE_CHECKING:
    from PIL.Image import Image

PAGE_SEGMENTATION: dict[Layout, str] = {"auto": "3", "column": "4"}
"""3 is fully automatic, without orientation detection, which fails on sparse pages; 4 one column of varied sizes."""
WORD_LEVEL = "5"
TSV_COLUMNS = 12
NO_TESSERACT = "tesseract is not installed"
THREADS = "OMP_THREAD_LIMIT"
MAX_MESSAGE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class TsvWord:
    """A word as tesseract's TSV gives it, and the numbers of its block and of its line in there."""

    block: str
    line: tuple[str, str]
    word: Word


def recognise(image: Image, languages: tuple[str, ...], dpi: float, timeout_s: float, layout: Layout) -> OcrText:
    """The text of an image of about `dpi`, boxes in its pixels. Raises OcrFailed, OcrTimeout, ToolMissingError."""
    command = ["tesseract", "-", "-", "-l", "+".join(languages), "--psm", PAGE_SEGMENTATION[layout]]
    bitmap = BytesIO()
    image.convert("L").save(bitmap, "PPM")  # written and read faster than PNG
    return tsv_to_text(_run([*command, "--dpi", str(round(dpi)), "tsv"], bitmap.getvalue(), timeout_s, languages))


def _run(command: Sequence[str], stdin: bytes, timeout_s: float, languages: tuple[str, ...]) -> str:
    # Its threads cost more than they bring, even alone: 13.1 s a page against 4.7 s. https://github.com/tesseract-ocr/tesseract/issues/3109
    environment = {**os.environ, THREADS: "1"}
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
    except FileNotFoundError:
        raise ToolMissingError(NO_TESSERACT, "apt-get install tesseract-ocr") from None
    try:
        output, messages = process.communicate(stdin, timeout=timeout_s)
    except BaseException as error:
        _end(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise OcrTimeout from None
        raise
    if process.returncode:
        probe(languages)
        said = messages.decode("utf-8", "replace").strip()
        raise OcrFailed(f"tesseract ended with status {process.returncode}: {said[-MAX_MESSAGE_CHARACTERS:]}")
    return output.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and its descendants.

    They stay in the group of this worker, not in one of their own, so that whoever ends the worker's group ends them.
    """
    import psutil

    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()
    process.kill()
    process.communicate()


def tsv_to_text(tsv: str) -> OcrText:
    """Lines in reading order with word boxes in pixels, and the words' confidence weighted by their length."""
    blocks = [
        Block(tuple(tuple(one.word for one in line) for _, line in groupby(block, key=lambda one: one.line)))
        for _, block in groupby(_tsv_words(tsv), key=lambda one: one.block)
    ]
    return rows_to_text(blocks_to_rows(blocks))


def _tsv_words(tsv: str) -> Iterator[TsvWord]:
    for row in tsv.splitlines():
        fields = row.split("\t", TSV_COLUMNS - 1)
        if fields[0] != WORD_LEVEL or len(fields) < TSV_COLUMNS or not (text := fields[11].strip()):
            continue
        left, top, width, height = map(int, fields[6:10])
        box = Box(left, top, left + width, top + height)
        yield TsvWord(fields[2], (fields[3], fields[4]), Word(text, box, max(float(fields[10]), 0.0) / 100))


@cache
def installed_languages() -> tuple[str, ...]:
    """The language codes that tesseract can read here. Raises ToolMissingError."""
    pytesseract = _pytesseract()
    try:
        return tuple(sorted(code for code in pytesseract.get_languages() if code != "osd"))
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, OSError):
        raise ToolMissingError(NO_TESSERACT, "apt-get install tesseract-ocr") from None


@cache
def version() -> str:
    """Such as "tesseract 5.3.0". Raises ToolMissingError."""
    pytesseract = _pytesseract()
    try:
        return f"tesseract {pytesseract.get_tesseract_version()}"
    except (pytesseract.TesseractNotFoundError, OSError, SystemExit):
        raise ToolMissingError(NO_TESSERACT, "apt-get install tesseract-ocr") from None


@cache
def _pytesseract() -> Any:
    """The package without pandas, which it loads where it can: half a second of every process that reads."""
    loaded = "pandas" in sys.modules
    if not loaded:
        sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        import pytesseract
    finally:
        if not loaded:
            del sys.modules["pandas"]
    return pytesseract


def probe(languages: tuple[str, ...]) -> None:
    """Raises ToolMissingError naming the Debian packages to install, if tesseract or a language is missing."""
    packages = [f"tesseract-ocr-{code.replace('_', '-').lower()}" for code in languages]
    if shutil.which("tesseract") is None:
        raise ToolMissingError(NO_TESSERACT, f"apt-get install tesseract-ocr {' '.join(packages)}")
    installed = installed_languages()
    missing = [package for package, code in zip(packages, languages, strict=True) if code not in installed]
    if missing:
        codes = ", ".join(code for code in languages if code not in installed)
        raise ToolMissingError(f"tesseract has no language data for {codes}", f"apt-get install {' '.join(missing)}")


OCR_ENGINE: OcrEngine = OcrEngine("tesseract", recognise, installed_languages, version, probe, ("pytesseract",))
