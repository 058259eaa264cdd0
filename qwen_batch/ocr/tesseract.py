"""Recognises page images with tesseract: one TSV call a page gives text, boxes and confidences.

The only importer of pytesseract. Knows nothing of documents or of which pages need OCR.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.errors import ToolMissingError
from qwen_batch.ocr import OcrEngine, OcrText, OcrTimeout
from qwen_batch.records import Box, Line, Word
from qwen_batch.script import is_cjk

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS_PER_INCH = 72
PAGE_SEGMENTATION = 3  # fully automatic, without orientation detection, which fails on sparse pages
WORD_LEVEL = "5"
TSV_COLUMNS = 12
CJK_PUNCTUATION = frozenset("，。、；：？！（）《》〈〉【】「」『』％")
SHARED_PUNCTUATION = frozenset("“”‘’—…·")
NO_TESSERACT = "tesseract is not installed"
THREADS = "OMP_THREAD_LIMIT"


@dataclass(frozen=True, slots=True)
class TsvWord:
    """A word as tesseract's TSV gives it: box in pixels, confidence 0 to 100, `line` numbers its line on the page."""

    line: tuple[str, str, str]
    left: int
    top: int
    width: int
    height: int
    confidence: float
    text: str


def recognise(image: Image, languages: tuple[str, ...], dpi: float, timeout_s: float) -> OcrText:
    """The text of an image whose resolution is `dpi`. Raises OcrTimeout, ToolMissingError."""
    import pytesseract

    # Its threads cost more than they bring, even alone: 13.1 s a page against 4.7 s. https://github.com/tesseract-ocr/tesseract/issues/3109
    os.environ[THREADS] = "1"
    config = f"--psm {PAGE_SEGMENTATION} --dpi {round(dpi)}"
    with tempfile.TemporaryDirectory(prefix="qwen_batch_ocr_") as folder:
        bitmap = Path(folder, "page.pgm")  # written and read faster than the PNG that pytesseract would make
        image.convert("L").save(bitmap)
        try:
            tsv = pytesseract.image_to_data(str(bitmap), lang="+".join(languages), config=config, timeout=timeout_s)
        except pytesseract.TesseractNotFoundError:
            raise ToolMissingError(NO_TESSERACT, "apt-get install tesseract-ocr") from None
        except pytesseract.TesseractError as error:
            probe(languages)
            raise ToolMissingError(f"tesseract failed: {error}", "run qwen-batch doctor") from None
        except RuntimeError:  # what pytesseract raises at its timeout
            raise OcrTimeout from None
    return tsv_to_text(tsv, POINTS_PER_INCH / dpi)


def tsv_to_text(tsv: str, points_per_pixel: float) -> OcrText:
    """Lines with word boxes in points, and the words' confidence weighted by their length."""
    words = list(_tsv_words(tsv))
    lines = tuple(_line(list(group), points_per_pixel) for _, group in groupby(words, key=lambda word: word.line))
    weight = sum(len(word.text) for word in words)
    confidence = sum(word.confidence * len(word.text) for word in words) / (100 * weight) if weight else None
    return OcrText(lines, confidence)


def _tsv_words(tsv: str) -> Iterator[TsvWord]:
    for row in tsv.splitlines():
        fields = row.split("\t", TSV_COLUMNS - 1)
        if fields[0] != WORD_LEVEL or len(fields) < TSV_COLUMNS or not (text := fields[11].strip()):
            continue
        left, top, width, height = map(int, fields[6:10])
        yield TsvWord((fields[2], fields[3], fields[4]), left, top, width, height, max(float(fields[10]), 0.0), text)


def _line(words: Sequence[TsvWord], scale: float) -> Line:
    placed = tuple(Word(word.text, _scaled(word, scale), word.confidence / 100) for word in words)
    box = Box(
        min(word.box.x0 for word in placed),
        min(word.box.y0 for word in placed),
        max(word.box.x1 for word in placed),
        max(word.box.y1 for word in placed),
    )
    return Line(join_words([word.text for word in words]), box, placed)


def _scaled(word: TsvWord, scale: float) -> Box:
    right, bottom = word.left + word.width, word.top + word.height
    return Box(word.left * scale, word.top * scale, right * scale, bottom * scale)


def join_words(words: Sequence[str]) -> str:
    """Words with spaces between them, except between two CJK characters, which tesseract gives as words."""
    text = words[0]
    for left, right in pairwise(words):
        text += right if _unspaced(left[-1], right[0]) else f" {right}"
    return text


def _unspaced(left: str, right: str) -> bool:
    if left in CJK_PUNCTUATION or right in CJK_PUNCTUATION:
        return True
    return all(is_cjk(character) or character in SHARED_PUNCTUATION for character in (left, right))


@cache
def installed_languages() -> tuple[str, ...]:
    """The language codes that tesseract can read here. Raises ToolMissingError."""
    import pytesseract

    try:
        return tuple(sorted(code for code in pytesseract.get_languages() if code != "osd"))
    except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, OSError):
        raise ToolMissingError(NO_TESSERACT, "apt-get install tesseract-ocr") from None


@cache
def version() -> str:
    """Such as "tesseract 5.3.0". Raises ToolMissingError."""
    import pytesseract

    try:
        return f"tesseract {pytesseract.get_tesseract_version()}"
    except (pytesseract.TesseractNotFoundError, OSError, SystemExit):
        raise ToolMissingError(NO_TESSERACT, "apt-get install tesseract-ocr") from None


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


OCR_ENGINE: OcrEngine = OcrEngine("tesseract", recognise, installed_languages, version, probe)
