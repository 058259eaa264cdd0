"""From a document to its clean text: read, OCR what needs it, clean. Without a model, without Ray.

What a document may do to a C library happens in a child process; what has been read or recognised before comes
from the cache. Every step returns a value: the text, or the Failure of this document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from qwen_batch.config import Config, ReadSettings
from qwen_batch.errors import OutputError, QwenBatchError
from qwen_batch.outcomes import Failure, Stage
from qwen_batch.reading.clean.pages_to_clean import pages_to_clean
from qwen_batch.reading.isolate.fenced import new_isolator
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.reading.ocr.layers import pages_to_sample, sample_stands
from qwen_batch.reading.ocr.recognise import (
    OcrJob,
    document_languages,
    engines_version,
    ocr_failure,
    ocr_job,
    page_to_text,
)
from qwen_batch.reading.originals import ChangedError, check_unchanged, is_unchanged, local_file
from qwen_batch.reading.parts.reader import ReadResult, Unreadable, all_readers, document_to_pages, sniff_mime
from qwen_batch.reading.text_cache import TextCache
from qwen_batch.records import CleanDocument, Document, Page

MIN_SPREAD_PAGES = 3
"""From so many pages on, OCR of one document is worth being spread over workers."""
CRASH_MESSAGES = {
    "timeout": "{stage} took longer than {timeout_s:g} s and was ended; raise read.timeout_s if it is worth it",
    "crashed": "{stage} crashed on this document ({message}); it may be damaged: try to open and save it again",
    "out_of_memory": "{stage} needed more than {memory_mb} MiB; raise read.memory_mb or split the document",
}
READING_CHILD = f"{__name__}:load_readers"
PAGE_CRASH_WARNING = "OCR of this page ended without a result: {message}"
FILE_LOST_WARNING = "OCR of this page lost its file: "
FILE_LOST_MESSAGE = "it was changed or removed, or S3 was away, while its pages were recognised; run the command again"


@dataclass(frozen=True, slots=True)
class ReadText:
    """A document that has been read: pages as read and recognised, and its clean text."""

    document: Document
    pages: tuple[Page, ...]
    clean: CleanDocument


@dataclass(frozen=True, slots=True)
class OcrTask:
    """What recognising any one page of a document needs; travels to where the page is recognised."""

    document: Document
    job: OcrJob
    languages: tuple[str, ...]
    config: Config


SpreadOcr = Callable[[OcrTask, Sequence[Page]], Iterable[Page]]
"""Recognises the given pages of a document on several workers and gives them in any order."""


@dataclass(frozen=True, slots=True)
class ReadTools:
    """What a worker keeps between documents: settings, the child process, the cache, and help for large scans."""

    config: Config
    isolator: Isolator
    cache: TextCache
    spread_ocr: SpreadOcr | None = None


def make_tools(config: Config, spread_ocr: SpreadOcr | None = None) -> ReadTools:
    """Tools by the settings; without `spread_ocr` a document's pages are recognised one after the other."""
    isolator = new_isolator(config.read, READING_CHILD)
    return ReadTools(config, isolator, TextCache(config), spread_ocr)


def load_readers() -> None:
    """What a reading child loads before it is called, while whoever started it loads its own part."""
    all_readers()


def document_to_text(document: Document, tools: ReadTools) -> ReadText | Failure:
    """Read, OCR and clean stage one after the other; what is unforeseen is this document's failure.

    Raises QwenBatchError for what makes the whole run impossible, such as a missing tesseract.
    """
    stage: Stage = "read"
    try:
        read = read_stage(document, tools)
        if isinstance(read, Failure):
            return read
        stage = "ocr"
        recognised = ocr_stage(read, tools)
        if isinstance(recognised, Failure):
            return recognised
        stage = "clean"
        return clean_stage(recognised, tools)
    except QwenBatchError:
        raise
    except Exception as error:  # noqa: BLE001  one document must not end the run
        return unforeseen(document, stage, error)


def read_stage(document: Document, tools: ReadTools) -> ReadResult | Failure:
    """Document to pages: text lines with boxes, or why a page needs OCR."""
    settings = tools.config.read
    key = tools.cache.read_key(document)
    if (kept := tools.cache.reads.get(key)) is not None:
        return replace(kept, document=replace(document, mime=kept.document.mime))
    path = _original(document, "read", tools)
    if isinstance(path, Failure):
        return path
    result = tools.isolator.call(_sniff_and_read, document, path, settings)
    if isinstance(result, Crash):
        return _crashed(document, "read", result, settings)
    if isinstance(result, ReadResult):
        tools.cache.reads.put(key, result)
    return result


def _original(document: Document, stage: Stage, tools: ReadTools) -> Path | Failure:
    try:
        return local_file(document, tools.config.read, tools.isolator)
    except Unreadable as error:
        return Failure(document, stage, error.code, error.message)
    except ChangedError as error:
        return Failure(document, stage, "changed", str(error))
    except (OSError, OutputError) as error:
        message = f"it cannot be fetched: {str(error).splitlines()[0]}; check that it is still there and may be read"
        return Failure(document, stage, "unreadable", message)


def _sniff_and_read(document: Document, path: Path, settings: ReadSettings) -> ReadResult | Failure:
    with suppress(OSError):  # a file that has gone is reported by the reading itself
        try:
            check_unchanged(document, path)
        except ChangedError as error:
            return Failure(document, "read", "changed", str(error))
        document = replace(document, mime=sniff_mime(path))
    return document_to_pages(document, path, settings)


def ocr_stage(read: ReadResult, tools: ReadTools) -> ReadResult | Failure:
    """Pages that need it to text through OCR; documents without such pages pass through."""
    waiting = [page for page in read.pages if page.needs_ocr]
    if not waiting:
        return read
    document, config = read.document, tools.config
    path = _original(document, "ocr", tools)
    if isinstance(path, Failure):
        return path
    job = ocr_job(path, document.mime, config.ocr, config.read)
    languages = _languages(document, job, waiting, tools)
    if isinstance(languages, Failure):
        return languages
    task = OcrTask(document, job, languages, config)
    sample = pages_to_sample(waiting)
    done = _recognised(task, sample.now, tools)
    if sample_stands(done.values()):
        done |= {page.number: replace(page, needs_ocr=None) for page in sample.later}
    else:
        done |= _recognised(task, sample.later, tools)
    if any(warning.startswith(FILE_LOST_WARNING) for page in done.values() for warning in page.warnings):
        return Failure(document, "ocr", "changed", FILE_LOST_MESSAGE)
    pages = tuple(done.get(page.number, page) for page in read.pages)
    return ocr_failure(document, pages) or replace(read, pages=pages)


def _recognised(task: OcrTask, pages: Sequence[Page], tools: ReadTools) -> dict[int, Page]:
    spread = tools.spread_ocr if len(pages) >= MIN_SPREAD_PAGES else None
    done = spread(task, pages) if spread else (recognise_page(task, page, tools) for page in pages)
    return {page.number: page for page in done}


def _languages(document: Document, job: OcrJob, pages: Sequence[Page], tools: ReadTools) -> tuple[str, ...] | Failure:
    key = tools.cache.ocr_key(document, job.ocr, "languages")
    if (kept := tools.cache.languages.get(key)) is not None:
        return kept
    job.engine.probe(job.ocr.languages)
    found = tools.isolator.call(document_languages, job, pages, extra_s=job.ocr.timeout_s)
    if isinstance(found, Crash):
        return _crashed(document, "ocr", found, job.read)
    if tools.isolator.call(is_unchanged, document, job.path) is True:
        tools.cache.languages.put(key, found)
    return found


def recognise_page(task: OcrTask, page: Page, tools: ReadTools) -> Page:
    """One page through OCR; one that breaks the child process keeps what it had and gets a warning."""
    job = task.job
    key = tools.cache.ocr_key(task.document, job.ocr, page.number, task.languages, engines_version(job, task.languages))
    if (kept := tools.cache.pages.get(key)) is not None:
        return kept
    path = _original(task.document, "ocr", tools)  # this worker may be on another machine than the one that read it
    if isinstance(path, Failure):
        return replace(page, warnings=(*page.warnings, f"{FILE_LOST_WARNING}{path.message}"))
    job = replace(job, path=path)
    result = tools.isolator.call(page_to_text, job, page, task.languages, extra_s=job.ocr.timeout_s)
    if isinstance(result, Crash):
        return replace(page, warnings=(*page.warnings, PAGE_CRASH_WARNING.format(message=result.message)))
    if tools.isolator.call(is_unchanged, task.document, path) is not True:
        return replace(page, warnings=(*page.warnings, f"{FILE_LOST_WARNING}{task.document.uri}"))
    if result.ocr_done or not result.needs_ocr:
        tools.cache.pages.put(key, result)
    return result


def clean_stage(read: ReadResult, tools: ReadTools) -> ReadText | Failure:
    """Pages to one clean text; a document without any text is a failure."""
    clean = pages_to_clean(read.document, read.pages, tools.config.clean)
    if not clean.text.strip():
        return Failure(read.document, "clean", "no_text", _no_text(read.pages))
    return ReadText(read.document, read.pages, clean)


def _no_text(pages: Sequence[Page]) -> str:
    pages_of_it = "its only page" if len(pages) == 1 else f"its {len(pages)} pages"
    if any(page.ocr_done for page in pages):
        return f"no text on {pages_of_it}, also after OCR; check that it is not blank or too faint to read"
    return f"no text on {pages_of_it}; open it in its program and check that it is not blank or damaged"


def unforeseen(document: Document, stage: Stage, error: Exception) -> Failure:
    """The failure for an exception that should not have happened."""
    message = f"an error that nobody foresaw ({type(error).__name__}: {error}); please report it with the document"
    return Failure(document, stage, "internal", message)


def _crashed(document: Document, stage: Stage, crash: Crash, read: ReadSettings) -> Failure:
    message = CRASH_MESSAGES[crash.kind].format(
        stage="Reading" if stage == "read" else "OCR",
        timeout_s=read.timeout_s,
        memory_mb=read.memory_mb,
        message=crash.message,
    )
    return Failure(document, stage, crash.kind, message)
