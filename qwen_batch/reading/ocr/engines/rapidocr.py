"""Recognises page images with RapidOCR: PP-OCR models on ONNX Runtime, better than tesseract on photos and Chinese.

The only importer of rapidocr, an extra; its models come in its package, so nothing is fetched. It reads Chinese,
English and digits with one model, so that the languages asked for change nothing.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from qwen_batch.errors import ToolMissingError
from qwen_batch.reading.ocr.engine import Layout, OcrEngine, OcrText, OcrTimeout
from qwen_batch.reading.ocr.rows import lines_to_rows, rows_to_text
from qwen_batch.records import Box, Word

if TYPE_CHECKING:
    from types import FrameType

    from PIL.Image import Image

NOT_INSTALLED = "rapidocr is not installed"
REMEDY = "pip install 'qwen-batch[rapidocr]'"
LANGUAGES = ("chi_sim", "chi_tra", "eng")
"""What the models in the package read, by tesseract's codes, in which the settings are written."""
MAX_SIDE_PIXELS = 2600
"""RapidOCR reduces larger images; its own limit of 2000 takes the small print of a letter page with it."""
MIN_TEXT_SCORE = 0.3
"""Lines below are dropped by RapidOCR; its default of 0.5 loses faint lines that are right."""


def recognise(image: Image, languages: tuple[str, ...], dpi: float, timeout_s: float, layout: Layout) -> OcrText:  # noqa: ARG001
    """The text of an image, boxes in its pixels. Raises OcrTimeout (in a main thread), ToolMissingError."""
    import numpy as np

    engine = _engine()
    with _time_limit(timeout_s):
        found = engine(np.asarray(image.convert("RGB")), return_word_box=True)
    if found.boxes is None or found.txts is None:
        return OcrText((), None)
    pieces = [
        _words(text, float(score), quad, parts)
        for text, score, quad, parts in zip(found.txts, found.scores, found.boxes, found.word_results, strict=True)
    ]
    return rows_to_text(lines_to_rows([words for words in pieces if words]))


def _words(text: str, score: float, quad: Any, parts: Any) -> tuple[Word, ...]:
    """A found line as words: RapidOCR's own boxes where they add up to the text, else the line's box shared out."""
    named = [part for part in parts if part[2] is not None and str(part[0]).strip()]
    if named and "".join("".join(str(part[0]).split()) for part in named) == "".join(text.split()):
        return tuple(Word(str(part[0]).strip(), _box(part[2]), float(part[1])) for part in named)
    return _shared_out(text, score, _box(quad))


def _shared_out(text: str, score: float, box: Box) -> tuple[Word, ...]:
    words, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        unit = (box.x1 - box.x0) / len(text)
        words.append(Word(word, Box(box.x0 + at * unit, box.y0, box.x0 + (at + len(word)) * unit, box.y1), score))
        at += len(word)
    return tuple(words)


def _box(quad: Sequence[Sequence[float]]) -> Box:
    across, down = [float(point[0]) for point in quad], [float(point[1]) for point in quad]
    return Box(min(across), min(down), max(across), max(down))


@cache
def _engine() -> Any:
    probe(LANGUAGES)
    return import_module("rapidocr").RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # each worker is one process on one core
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.max_side_len": MAX_SIDE_PIXELS,
            "Global.text_score": MIN_TEXT_SCORE,
            "Global.log_level": "error",
        }
    )


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises OcrTimeout between two batches of lines; outside a main thread only the caller's process has a limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise OcrTimeout

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def installed_languages() -> tuple[str, ...]:
    """The codes of what it reads. Raises ToolMissingError."""
    probe(())
    return LANGUAGES


def version() -> str:
    """Such as "rapidocr 3.10.0". Raises ToolMissingError."""
    try:
        return f"rapidocr {installed_version('rapidocr')}"
    except PackageNotFoundError:
        raise ToolMissingError(NOT_INSTALLED, REMEDY) from None


def probe(languages: tuple[str, ...]) -> None:
    """Raises ToolMissingError if it or its runtime is not installed, or a language is not among what it reads."""
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        raise ToolMissingError(NOT_INSTALLED, REMEDY)
    unread = [code for code in languages if code not in LANGUAGES]
    if unread:
        message = f"rapidocr does not read {', '.join(unread)}; it reads {', '.join(LANGUAGES)}"
        raise ToolMissingError(message, "set ocr.languages to what it reads, or ocr.engine=tesseract")


OCR_ENGINE: OcrEngine = OcrEngine(
    "rapidocr", recognise, installed_languages, version, probe, ("rapidocr", "onnxruntime")
)
