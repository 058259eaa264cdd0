"""Recognises the pages that need it; this module chooses the languages and keeps a bad page's harm small.

Knows no OCR engine: each module here exports `OCR_ENGINE: OcrEngine` and is found by its file name.
Page images come from the document's reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.config import OcrSettings, ReadSettings
from qwen_batch.plugins import load_plugin
from qwen_batch.readers import Reader, Unreadable, reader_for
from qwen_batch.records import Document, Failure, Line, Page
from qwen_batch.script import cjk_share

if TYPE_CHECKING:
    from PIL.Image import Image

CJK_LANGUAGES = ("chi_", "jpn", "kor")
"""Beginnings of the language codes whose script is Chinese, Japanese or Korean."""
MIN_CJK_SHARE = 0.15
"""Share of CJK among the letters of a page from which on it is read with the CJK languages."""
MIN_PROBE_LETTERS = 12
DOUBTFUL_CONFIDENCE = 0.5
"""A page below this mean confidence is tried once more with all languages."""
POINTS_PER_INCH = 72


class OcrTimeout(Exception):  # noqa: N818 - internal to OCR: the page gets a warning
    """Recognition of one page took longer than allowed."""


@dataclass(frozen=True, slots=True)
class OcrText:
    """What an engine saw: lines and words with boxes in points of the page; mean confidence, None without words."""

    lines: tuple[Line, ...]
    confidence: float | None


@dataclass(frozen=True, slots=True)
class OcrEngine:
    """An OCR program. `recognise(image, languages, dpi, timeout_s)` raises OcrTimeout after `timeout_s` seconds.

    `dpi` is the image's resolution, by which boxes become points. `probe(languages)` raises ToolMissingError
    if the program or one of the languages is not installed; `version()` names the program.
    """

    name: str
    recognise: Callable[[Image, tuple[str, ...], float, float], OcrText]
    installed_languages: Callable[[], tuple[str, ...]]
    version: Callable[[], str]
    probe: Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class OcrJob:
    """What all pages of a document have in common; `ocr_job` makes one."""

    path: Path
    reader: Reader
    engine: OcrEngine
    ocr: OcrSettings
    read: ReadSettings


def load_engine(name: str) -> OcrEngine:
    """The engine in `ocr/<name>.py`. Raises ConfigError for an unknown name."""
    engine: OcrEngine = load_plugin(__name__, name, "OCR_ENGINE")
    return engine


def pages_to_text(
    path: Path, mime: str, pages: Sequence[Page], ocr: OcrSettings, read: ReadSettings
) -> tuple[Page, ...]:
    """All pages, with those that need OCR recognised; one that cannot be keeps its lines and gets a warning.

    The languages are chosen once, on the first page that needs OCR. Raises ToolMissingError.
    """
    if not any(page.needs_ocr for page in pages):
        return tuple(pages)
    job = ocr_job(path, mime, ocr, read)
    job.engine.probe(ocr.languages)
    chosen: tuple[str, ...] | None = None
    done = []
    for page in pages:
        result = page
        if page.needs_ocr:
            try:
                image = _image_of(job, page)
                chosen = chosen or _choose_languages(job, image, _dpi(image, page))
                result = _recognised(job, page, image, chosen)
            except OcrTimeout:
                result = _warned(page, f"OCR took longer than {ocr.timeout_s:g} s and was given up")
            except Unreadable as error:
                result = _warned(page, f"OCR was not possible: {error.message}")
        done.append(result)
    return tuple(done)


def ocr_job(path: Path, mime: str, ocr: OcrSettings, read: ReadSettings) -> OcrJob:
    """What `page_to_text` needs for one document. Raises ConfigError for an unknown engine, Unreadable."""
    return OcrJob(path, reader_for(mime), load_engine(ocr.engine), ocr, read)


def page_to_text(job: OcrJob, page: Page, languages: tuple[str, ...]) -> Page:
    """One page recognised in known languages, for callers that spread pages. Raises OcrTimeout, Unreadable."""
    return _recognised(job, page, _image_of(job, page), languages)


def ocr_failure(document: Document, pages: Sequence[Page]) -> Failure | None:
    """The failure of a document all of whose pages that needed OCR came to nothing, and that has no other text."""
    tried = [page for page in pages if page.needs_ocr]
    has_text = any(line.text.strip() for page in pages for line in page.lines)
    if not tried or has_text or any(page.ocr_done for page in tried):
        return None
    message = f"No page could be recognised ({tried[0].warnings[-1]}): raise ocr.timeout_s or lower ocr.dpi."
    return Failure(document, "ocr", "ocr_failed", message, page=tried[0].number, retryable=True)


def _image_of(job: OcrJob, page: Page) -> Image:
    return job.reader.render(job.path, page.number, job.ocr.dpi, job.read)


def _dpi(image: Image, page: Page) -> float:
    return image.width * POINTS_PER_INCH / max(page.width, 1.0)


def _choose_languages(job: OcrJob, image: Image, dpi: float) -> tuple[str, ...]:
    """The languages of a document: reads the middle of a page, or all of it, with every language and counts letters."""
    cjk = tuple(code for code in job.ocr.languages if code.startswith(CJK_LANGUAGES))
    others = tuple(code for code in job.ocr.languages if code not in cjk)
    if not cjk or not others:
        return job.ocr.languages
    third = image.height // 3
    for part in (image.crop((0, third, image.width, 2 * third)), image):
        seen = job.engine.recognise(part, job.ocr.languages, dpi, job.ocr.timeout_s)
        text = "".join(line.text for line in seen.lines)
        if sum(map(str.isalpha, text)) >= MIN_PROBE_LETTERS:
            return (*cjk, *others) if cjk_share(text) >= MIN_CJK_SHARE else others
    return job.ocr.languages


def _recognised(job: OcrJob, page: Page, image: Image, languages: tuple[str, ...]) -> Page:
    dpi = _dpi(image, page)
    seen = job.engine.recognise(image, languages, dpi, job.ocr.timeout_s)
    if (seen.confidence or 0) < DOUBTFUL_CONFIDENCE and seen.lines and set(languages) != set(job.ocr.languages):
        again = job.engine.recognise(image, job.ocr.languages, dpi, job.ocr.timeout_s)
        seen = max(seen, again, key=lambda text: text.confidence or 0)
    if page.needs_ocr == "image_under_thin_text" and _characters(seen.lines) < _characters(page.lines):
        return replace(page, ocr_done=True)
    warnings = page.warnings
    if seen.confidence is not None and seen.confidence < job.ocr.min_confidence:
        warnings = (*warnings, f"OCR is unsure of this page: mean confidence {seen.confidence:.2f}")
    return replace(page, lines=seen.lines, ocr_done=True, ocr_confidence=seen.confidence, warnings=warnings)


def _characters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _warned(page: Page, warning: str) -> Page:
    lines = () if page.needs_ocr == "garbage_text" else page.lines
    return replace(page, lines=lines, warnings=(*page.warnings, warning))
