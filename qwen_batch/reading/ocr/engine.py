"""What an OCR engine is and gives. One is a module of `reading/ocr/engines` that exports `OCR_ENGINE: OcrEngine`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qwen_batch.plugins import PluginKind
from qwen_batch.records import Line

if TYPE_CHECKING:
    from PIL.Image import Image

Layout = Literal["auto", "column"]
"""How an engine is to cut a page: by itself, or as one column with lines of varied size (a second try)."""


class OcrFailed(Exception):  # noqa: N818 - internal to OCR: the page gets a warning
    """An engine that is installed could not recognise one image; the message says what it said."""


class OcrTimeout(OcrFailed):
    """Recognition of one page took longer than allowed."""


@dataclass(frozen=True, slots=True)
class OcrText:
    """What an engine saw: lines and words with boxes; mean confidence of the words, None without any."""

    lines: tuple[Line, ...]
    confidence: float | None


@dataclass(frozen=True, slots=True)
class OcrEngine:
    """An OCR program.

    `recognise(image, languages, dpi, timeout_s, layout)` gives lines in reading order with boxes in pixels of the
    image, which is upright and level, of mode "L" and at about `dpi`; raises OcrTimeout after `timeout_s` seconds and
    OcrFailed for an image that it cannot do.
    `packages` are the distributions that shape what it sees. `probe(languages)` raises ToolMissingError if the program
    or one of the languages is not installed; `version()` names the program.
    """

    name: str
    recognise: Callable[[Image, tuple[str, ...], float, float, Layout], OcrText]
    installed_languages: Callable[[], tuple[str, ...]]
    version: Callable[[], str]
    probe: Callable[[tuple[str, ...]], None]
    packages: tuple[str, ...] = ()


OCR_ENGINES: PluginKind[OcrEngine] = PluginKind("qwen_batch.reading.ocr.engines", "OCR_ENGINE", "ocr.engine")
