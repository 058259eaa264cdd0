"""What `extract` makes of a document: its clean text and its pages, without any model."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import Any

from qwen_batch.config import Config
from qwen_batch.outcomes import CleanSummary, DocumentOutcome, Extract, ExtractedPage, Failure
from qwen_batch.reading.clean.pages_to_clean import page_texts
from qwen_batch.reading.document_to_text import ReadText, ReadTools, document_to_text
from qwen_batch.reading.version import reading_version
from qwen_batch.records import Document

EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class ExtractSpec:
    """What every worker of an extraction shares."""

    config: Config

    def about(self) -> dict[str, Any]:
        """What the run manifest says of it."""
        return {"jobs": {EXTRACT: extract_fingerprint(self.config)}}


def extract_fingerprint(config: Config) -> str:
    """16 hex digits that change with all that shapes the text: settings, code and packages."""
    ocr = config.ocr.model_dump_json(exclude={"timeout_s"})
    clean = config.clean.model_dump_json(exclude={"withhold_orders"})
    shaping = f"{ocr} {clean} {reading_version(config.ocr.engine)}"
    return hashlib.sha256(shaping.encode()).hexdigest()[:16]


def document_to_extract(document: Document, tools: ReadTools) -> DocumentOutcome:
    """One document's extract, or its failure."""
    began_s = time.time()
    read = document_to_text(document, tools)
    if isinstance(read, Failure):
        return DocumentOutcome(read.document, (), (replace(read, job=EXTRACT),), began_s=began_s)
    return DocumentOutcome(read.document, (text_to_extract(read),), (), read.clean.pages, read.clean.ocr_pages, began_s)


def text_to_extract(read: ReadText) -> Extract:
    """The rows of a document that has been read; word boxes stay behind."""
    clean = read.clean
    pages = [
        ExtractedPage(
            page=page.number,
            width=page.width,
            height=page.height,
            text=text.text,
            raw_text=text.raw_text,
            ocr=page.ocr_done,
            ocr_reason=page.needs_ocr,
            ocr_confidence=page.ocr_confidence,
            rotation=page.rotation,
            skew=page.skew,
            warnings=page.warnings,
            trimmed=tuple(line for line in clean.trimmed if line.page == page.number),
            hidden=page.hidden,
        )
        for page, text in zip(read.pages, page_texts(clean, read.pages), strict=True)
    ]
    summary = CleanSummary(clean.pages, clean.ocr_pages, clean.ocr_confidence, clean.language)
    return Extract(read.document, summary, clean.text, clean.trimmed, clean.warnings, tuple(pages))
