"""Recognises the pages that need it; this module chooses the languages and keeps a bad page's harm small.

Knows no OCR engine. Page images come from the document's reader. All functions can be
called anywhere, page by page, so that a document's pages can be spread over many processes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

from qwen_batch.config import OcrSettings, ReadSettings
from qwen_batch.errors import ToolMissingError
from qwen_batch.outcomes import Failure
from qwen_batch.reading.language.quality import plausible_characters
from qwen_batch.reading.language.script import cjk_share
from qwen_batch.reading.ocr.attempts import (
    CJK_LANGUAGES,
    ROTATIONS,
    PageImage,
    band_text,
    read_page,
    reading_to_text,
    recogniser,
)
from qwen_batch.reading.ocr.engine import OCR_ENGINES, OcrEngine, OcrFailed, OcrText, OcrTimeout
from qwen_batch.reading.ocr.layers import (
    OTHER_TEXT,
    UNPROVEN,
    layer_stands,
    pages_to_sample,
    sample_stands,
    words_stand_in,
)
from qwen_batch.reading.ocr.measure import on_white
from qwen_batch.reading.ocr.pictures import IN_PICTURES, read_pictures
from qwen_batch.reading.parts.reader import Reader, Unreadable, reader_for
from qwen_batch.records import Document, Line, Page

__all__ = [
    "OcrEngine",
    "OcrFailed",
    "OcrJob",
    "OcrText",
    "OcrTimeout",
    "document_languages",
    "engines_version",
    "ocr_failure",
    "ocr_job",
    "page_to_text",
    "pages_to_text",
]

MIN_CJK_SHARE = 0.15
"""Share of CJK among the letters of a page from which on it is read with the CJK languages."""
MOSTLY_CJK_SHARE = 0.5
"""From here on the CJK languages, which know Latin letters too, read alone: beside English, tesseract takes whole lines
of Chinese for capitals (CER of a Chinese page 12.8 %, alone 3.1 %) and needs more time."""
MAX_PROBED_PAGES = 2
SURE_CONFIDENCE = 0.75
"""Lines read so surely without the CJK languages hold none (Chinese read as English: 0.28 to 0.36)."""
READABLE_CONFIDENCE = 0.5
UNSURE_OF_CJK = 0.8
"""Mean confidence of tesseract below which RapidOCR reads a Chinese page better (errors 182 against 290 of 1,919)."""
UNSURE = "OCR is unsure of this page: mean confidence {confidence:.2f}"
LAYERS_IN_DOUBT = frozenset({"image_under_thin_text", "hidden_text"})
"""Reasons for OCR where the page has a text layer that may still be the better text."""
SIGNS_IN_DOUBT = frozenset({"doubtful_font", "unmapped_signs"})
"""Reasons for OCR where most of the text layer reads well: in a script that no language asked for has, OCR is worse."""
UNCHECKED = "some signs of this page may show others than its text says, and OCR cannot read it: look at its figures"
MIN_AGREEMENT = 0.9
"""Of what OCR sees and what a layer with a doubtful font says: a wrong map shares hardly half."""
MAX_COMPARED_CHARS = 2000
TOO_SLOW = "OCR took longer than"
SLOW_REMEDY = "look whether it shows anything; raise ocr.timeout_s if it does"
BROKEN_REMEDY = "open it in a viewer and save it anew"
KEPT_LAYER = "OCR saw less on this page than its text layer has: the layer was kept"


@dataclass(frozen=True, slots=True)
class OcrJob:
    """What all pages of a document have in common; `ocr_job` makes one."""

    path: Path
    reader: Reader
    engine: OcrEngine
    ocr: OcrSettings
    read: ReadSettings


def pages_to_text(
    path: Path, mime: str, pages: Sequence[Page], ocr: OcrSettings, read: ReadSettings
) -> tuple[Page, ...]:
    """All pages, with those that need OCR recognised; one that cannot be keeps its lines and gets a warning.

    Raises ToolMissingError, and Unreadable for a kind of file that no reader knows.
    """
    if not any(page.needs_ocr for page in pages):
        return tuple(pages)
    job = ocr_job(path, mime, ocr, read)
    job.engine.probe(ocr.languages)
    languages = document_languages(job, pages)
    sample = pages_to_sample([page for page in pages if page.needs_ocr])
    now = [page_to_text(job, page, languages) for page in sample.now]
    stands = sample_stands(now)
    later = [replace(page, needs_ocr=None) if stands else page_to_text(job, page, languages) for page in sample.later]
    in_order, after = iter(now), iter(later)
    return tuple(page if not page.needs_ocr else next(after if page in sample.later else in_order) for page in pages)


def ocr_job(path: Path, mime: str, ocr: OcrSettings, read: ReadSettings) -> OcrJob:
    """What recognising the pages of one document needs. Raises ConfigError for an unknown engine, Unreadable."""
    return OcrJob(path, reader_for(mime), OCR_ENGINES.load(ocr.engine), ocr, read)


def document_languages(job: OcrJob, pages: Sequence[Page]) -> tuple[str, ...]:
    """The languages of a document, from the first of its pages that need OCR and can be read; all of them if none can.

    Raises ToolMissingError.
    """
    cjk = tuple(code for code in job.ocr.languages if code.startswith(CJK_LANGUAGES))
    others = tuple(code for code in job.ocr.languages if code not in cjk)
    if not cjk or not others:
        return job.ocr.languages
    rotations = ROTATIONS if job.ocr.orientation else ROTATIONS[:1]
    for page in [page for page in pages if page.needs_ocr][:MAX_PROBED_PAGES]:
        try:
            image, by = _image_of(job, page), recogniser(job.engine, job.ocr)
            if band_text(image, [(ROTATIONS[0], others)], SURE_CONFIDENCE, by):
                return others
            seen = band_text(image, [(turn, job.ocr.languages) for turn in rotations], READABLE_CONFIDENCE, by)
        except (OcrFailed, Unreadable):
            continue
        if seen:
            return _by_share(cjk_share(seen.said), cjk, others)
    return job.ocr.languages


def _by_share(share: float, cjk: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    if share >= MOSTLY_CJK_SHARE:
        return cjk
    return (*cjk, *others) if share >= MIN_CJK_SHARE else others


def page_to_text(job: OcrJob, page: Page, languages: tuple[str, ...]) -> Page:
    """One page recognised; one that cannot be keeps its lines and gets a warning. Raises ToolMissingError."""
    try:
        return _recognised(job, page, languages)
    except OcrTimeout:
        return _warned(page, f"{TOO_SLOW} {job.ocr.timeout_s:g} s and was given up")
    except OcrFailed as error:
        return _warned(page, f"OCR was not possible: {error}")
    except Unreadable as error:
        return _warned(page, f"OCR was not possible: {error.message}")


def ocr_failure(document: Document, pages: Sequence[Page]) -> Failure | None:
    """The failure of a document all of whose pages that needed OCR came to nothing, and that has no other text."""
    tried = [page for page in pages if page.needs_ocr]
    has_text = any(line.text.strip() for page in pages for line in page.lines)
    if not tried or has_text or any(page.ocr_done for page in tried):
        return None
    said = [page.warnings[-1] for page in tried if page.warnings]
    remedy = SLOW_REMEDY if any(TOO_SLOW in warning for warning in said) else BROKEN_REMEDY
    message = f"No page could be recognised ({said[0] if said else 'for no reason given'}): {remedy}."
    return Failure(document, "ocr", "ocr_failed", message, page=tried[0].number)


def _image_of(job: OcrJob, page: Page) -> PageImage:
    image = job.reader.render(job.path, page.number, job.ocr.dpi, job.read)
    coloured = image if image.mode == "RGB" else None
    return PageImage(on_white(image.convert("L")), page.width / image.width, coloured)


def _recognised(job: OcrJob, page: Page, languages: tuple[str, ...]) -> Page:
    image, by = _image_of(job, page), recogniser(job.engine, job.ocr)
    if page.needs_ocr == IN_PICTURES:
        return read_pictures(page, image, languages, by)
    if page.needs_ocr == UNPROVEN:
        if layer_stands(page, image, languages, by):
            return replace(page, needs_ocr=None)
        page = replace(page, needs_ocr=OTHER_TEXT)
    reading = read_page(image, languages, by)
    second = _second_engine(job, languages)
    if second and reading.confidence < _unsure_below(job, languages):
        with suppress(OcrFailed):
            again = read_page(image, languages, replace(by, engine=second))
            reading = max(reading, again, key=lambda one: one.worth)
    seen = reading_to_text(reading)
    if page.needs_ocr in LAYERS_IN_DOUBT and _says_less(_text(seen.lines), _text(page.lines)):
        return replace(page, ocr_done=True, warnings=(*page.warnings, KEPT_LAYER))
    unsure = seen.confidence is None or seen.confidence < job.ocr.min_confidence
    if unsure and page.needs_ocr in SIGNS_IN_DOUBT:
        return replace(page, ocr_done=True, ocr_confidence=seen.confidence, warnings=(*page.warnings, UNCHECKED))
    if page.needs_ocr == "doubtful_font" and _agree(_text(page.lines), _text(seen.lines)):
        return replace(page, ocr_done=True)
    warnings = page.warnings
    if seen.confidence is not None and seen.confidence < job.ocr.min_confidence:
        warnings = (*warnings, UNSURE.format(confidence=seen.confidence))
    return replace(
        page,
        lines=seen.lines,
        ocr_done=True,
        ocr_confidence=seen.confidence,
        rotation=reading.pose.rotation,
        skew=reading.pose.skew,
        warnings=warnings,
    )


def _says_less(seen: str, layer: str) -> bool:
    """Whether OCR saw less than a layer has, and nothing that is not in it."""
    return plausible_characters(seen) < plausible_characters(layer) and words_stand_in(seen, layer)


def _agree(layer: str, seen: str) -> bool:
    """Whether OCR saw the letters and the figures of a text layer whose font was in doubt: then the layer is exact."""
    for pattern in (r"\d", r"[^\W\d_]"):
        one, other = ("".join(re.findall(pattern, text))[:MAX_COMPARED_CHARS] for text in (layer, seen))
        if one and SequenceMatcher(None, one, other, autojunk=False).ratio() < MIN_AGREEMENT:
            return False
    return True


def _unsure_below(job: OcrJob, languages: tuple[str, ...]) -> float:
    """The first engine's mean confidence below which a second reads the page too: handwriting, a poor photograph."""
    has_cjk = any(code.startswith(CJK_LANGUAGES) for code in languages)
    return UNSURE_OF_CJK if has_cjk else job.ocr.min_confidence


def _second_engine(job: OcrJob, languages: tuple[str, ...]) -> OcrEngine | None:
    """What reads pages that the first engine is unsure of; None if it is not installed or has not these languages."""
    name = job.ocr.second_engine
    if name in {None, job.engine.name}:
        return None
    engine = OCR_ENGINES.load(str(name))
    try:
        engine.probe(languages)
    except ToolMissingError:
        return None
    return engine


def engines_version(job: OcrJob, languages: tuple[str, ...]) -> str:
    """What pages of these languages are read with, for a cache's key. Raises ToolMissingError."""
    second = _second_engine(job, languages)
    return f"{job.engine.version()}, {second.version()}" if second else job.engine.version()


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _warned(page: Page, warning: str) -> Page:
    lines = () if page.needs_ocr == "garbage_text" else page.lines
    return replace(page, lines=lines, warnings=(*page.warnings, warning))
