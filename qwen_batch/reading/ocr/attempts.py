"""Recognises one page image as well as an engine can: level, upright, at a good size, with a second try if unsure.

Knows neither documents nor engines. A page that is read well at once costs one call; turns and languages are tried on a
band of a few lines, and only where the first reading is poor.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, get_args

from qwen_batch.config import OcrSettings
from qwen_batch.reading.ocr.engine import Layout, OcrEngine, OcrFailed, OcrText, OcrTimeout
from qwen_batch.reading.ocr.measure import densest_band, measure
from qwen_batch.reading.ocr.stamps import crossed_rows, with_crossed_lines, without_stamps, words_worth
from qwen_batch.reading.ocr.straighten import Pose, Rotation, straightened, to_displayed, to_level, turned

if TYPE_CHECKING:
    from PIL.Image import Image

CJK_LANGUAGES = ("chi_", "jpn", "kor")
"""Beginnings of the language codes whose script is Chinese, Japanese or Korean."""
RETRY_ENLARGEMENT = 1.5
SCALES = (0.25, 4.0)
MAX_SCALED_MEGAPIXELS = 40.0
POINTS_PER_INCH = 72
MAX_CJK_DPI = 300
"""A page is not enlarged beyond: small figures of charts that are most of its ink say little of its letters' size."""
POOR_CONFIDENCE = 0.5
"""Text upside down, sideways or in a language not asked for stays below this (0.14 to 0.41), other text above."""
MIN_BAND_LETTERS = 12
BAND_HEIGHT_IN_LINES = 8
MIN_WORD_CHARACTERS = 3
MIN_ON_END_SHARE = 0.8
ON_END_WORTH = 0.8
"""A sideways page that the engine could read as it lay is turned if that costs no more of its worth."""
ROTATIONS: tuple[Rotation, ...] = get_args(Rotation)


@dataclass(frozen=True, slots=True)
class TextSize:
    """Height of a line's ink in pixels at which text is recognised, and the resolution that such text usually has.

    The engine is told the resolution; a wrong one costs words (CER of a scan 6.4 % instead of 0.6 %).
    """

    height: float
    dpi: float


LATIN = TextSize(20, 235)
CJK = TextSize(30, 210)


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as displayed, of mode "L"; `points` is the length of a pixel, `coloured` the page before colour went."""

    image: Image
    points: float
    coloured: Image | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was recognised, boxes in the engine's pixels, and how the image was posed for it."""

    text: OcrText
    pose: Pose
    dpi: float

    @property
    def confidence(self) -> float:
        """Mean confidence, 0 without words."""
        return self.text.confidence or 0.0

    @property
    def worth(self) -> float:
        """Characters expected to be right less those expected to be wrong: neither sure nor long alone wins."""
        return words_worth([word for line in self.text.lines for word in line.words])

    @property
    def worth_of_letters(self) -> float:
        """The same of words alone: a chart's figures stand on end on a page that is upright."""
        words = [word for line in self.text.lines for word in line.words]
        return words_worth([word for word in words if 2 * sum(map(str.isalpha, word.text)) > len(word.text)])


@dataclass(frozen=True, slots=True)
class Recogniser:
    """An engine with its settings; `deadline` is by time.monotonic()."""

    engine: OcrEngine
    ocr: OcrSettings
    deadline: float

    def read(self, image: Image, languages: tuple[str, ...], dpi: float, layout: Layout = "auto") -> OcrText:
        """One call of the engine. Raises OcrTimeout."""
        left_s = self.deadline - time.monotonic()
        if left_s <= 0:
            raise OcrTimeout
        return self.engine.recognise(image, languages, dpi, left_s, layout)


def recogniser(engine: OcrEngine, ocr: OcrSettings) -> Recogniser:
    """A recogniser whose time starts now."""
    return Recogniser(engine, ocr, time.monotonic() + ocr.timeout_s)


def read_page(page: PageImage, languages: tuple[str, ...], by: Recogniser) -> Reading:
    """The best reading of a page. Raises OcrFailed if there is not even a first one, OcrTimeout if not in time."""
    best = _read(page, 0, languages, by)
    try:
        if by.ocr.orientation and _stands_on_end(best.text):
            best = _set_on_its_feet(page, best, languages, by)
        if best.text.lines and best.confidence < POOR_CONFIDENCE:
            best = _better_turned(page, best, languages, by)
        if best.text.lines and best.confidence < by.ocr.retry_below:
            again = _read_again(page, best, languages, by)
            best = max(best, again, key=lambda reading: reading.worth)
        if page.coloured is not None:
            best = _read_below_stamps(page.coloured, best, languages, by)
    except OcrFailed:
        pass  # the first reading stands
    return best


def reading_to_text(reading: Reading) -> OcrText:
    """The reading in points: lines on the level page, their words on the page as displayed."""
    lines = []
    for line in reading.text.lines:
        level = to_level(line.box, reading.pose)
        words = tuple(
            replace(word, box=to_displayed(to_level(word.box, reading.pose), reading.pose)) for word in line.words
        )
        lines.append(replace(line, box=level, words=words))
    return replace(reading.text, lines=tuple(lines))


@dataclass(frozen=True, slots=True)
class BandText:
    """The turn and the languages in which the densest lines of a page can be read, and what they say."""

    rotation: Rotation
    languages: tuple[str, ...]
    said: str


def band_text(
    page: PageImage, choices: Iterable[tuple[Rotation, tuple[str, ...]]], sure: float, by: Recogniser
) -> BandText | None:
    """The first of the turns and languages in which the densest lines are read surely, None if in none."""
    for rotation, languages in choices:
        text = _read_band(page, rotation, languages, by)
        said = "".join(line.text for line in text.lines)
        if (text.confidence or 0.0) >= sure and sum(map(str.isalpha, said)) >= MIN_BAND_LETTERS:
            return BandText(rotation, languages, said)
    return None


@dataclass(frozen=True, slots=True)
class _Posed:
    image: Image
    pose: Pose
    text_height: float
    dpi: float


def _read(page: PageImage, rotation: Rotation, languages: tuple[str, ...], by: Recogniser) -> Reading:
    posed = _posed(page, rotation, languages, by.ocr)
    return Reading(by.read(posed.image, languages, posed.dpi), posed.pose, posed.dpi)


def _read_again(page: PageImage, first: Reading, languages: tuple[str, ...], by: Recogniser) -> Reading:
    posed = _posed(page, first.pose.rotation, languages, by.ocr, RETRY_ENLARGEMENT)
    return Reading(by.read(posed.image, languages, posed.dpi, "column"), posed.pose, posed.dpi)


def _read_below_stamps(coloured: Image, first: Reading, languages: tuple[str, ...], by: Recogniser) -> Reading:
    """The reading with the lines that coloured ink crosses read once more without the colour."""
    upright = turned(coloured, first.pose.rotation)
    rows = crossed_rows(upright)
    if rows is None:
        return first
    pose = first.pose
    image, _ = straightened(without_stamps(upright), pose.rotation, pose.skew, pose.scale, pose.points)
    heights = [line.box.y1 - line.box.y0 for line in first.text.lines]
    margin = 2 * (median(heights) if heights else LATIN.height)
    slope = abs(math.tan(math.radians(pose.skew))) * image.width
    span = (rows[0] * pose.scale - slope, rows[1] * pose.scale + 2 * pose.top + slope)
    top, bottom = max(0, round(span[0] - margin)), min(image.height, round(span[1] + margin))
    again = by.read(image.crop((0, top, image.width, bottom)), languages, first.dpi)
    return replace(first, text=with_crossed_lines(first.text, again, top, span))


def _posed(
    page: PageImage, rotation: Rotation, languages: tuple[str, ...], ocr: OcrSettings, enlargement: float = 1.0
) -> _Posed:
    upright = turned(page.image, rotation)
    measured = measure(upright)
    size = CJK if any(code.startswith(CJK_LANGUAGES) for code in languages) else LATIN
    wanted = size.height * enlargement
    seen = measured.text_height or wanted
    low, high = SCALES
    if size is CJK:
        high = max(1.0, min(high, MAX_CJK_DPI * page.points / POINTS_PER_INCH))
    high = min(high, (MAX_SCALED_MEGAPIXELS * 1e6 / (upright.width * upright.height)) ** 0.5)
    scale = min(max(wanted / seen, low), high)
    image, pose = straightened(upright, rotation, measured.skew if ocr.deskew else 0.0, scale, page.points)
    text_height = seen * pose.scale
    return _Posed(image, pose, text_height, size.dpi * text_height / size.height)


def _read_band(page: PageImage, rotation: Rotation, languages: tuple[str, ...], by: Recogniser) -> OcrText:
    posed = _posed(page, rotation, languages, by.ocr)
    top, bottom = densest_band(posed.image, round(BAND_HEIGHT_IN_LINES * posed.text_height))
    return by.read(posed.image.crop((0, top, posed.image.width, bottom)), languages, posed.dpi)


def _stands_on_end(text: OcrText) -> bool:
    """Whether most of the text is in words taller than wide: the engine read a sideways page as it lies."""
    words = [word for line in text.lines for word in line.words if len(word.text) >= MIN_WORD_CHARACTERS]
    tall = sum(len(word.text) for word in words if word.box.y1 - word.box.y0 > word.box.x1 - word.box.x0)
    return tall > MIN_ON_END_SHARE * sum(len(word.text) for word in words)


def _better_turned(page: PageImage, first: Reading, languages: tuple[str, ...], by: Recogniser) -> Reading:
    """The page in the turn, and if need be all languages, in which a band of it can be read; else as it was."""
    everything = by.ocr.languages
    rotations = ROTATIONS if by.ocr.orientation else ROTATIONS[:1]
    choices: list[tuple[Rotation, tuple[str, ...]]] = [(rotation, languages) for rotation in rotations if rotation]
    if set(everything) != set(languages):
        choices += [(rotation, everything) for rotation in rotations]
    found = band_text(page, choices, max(first.confidence, POOR_CONFIDENCE), by)
    if found is None:
        return first
    again = _read(page, found.rotation, found.languages, by)
    return max(first, again, key=lambda reading: (reading.worth_of_letters, reading.worth))


def _set_on_its_feet(page: PageImage, first: Reading, languages: tuple[str, ...], by: Recogniser) -> Reading:
    """A page whose words stand on end, turned by 90 or 270 degrees."""
    readings = [_read(page, rotation, languages, by) for rotation in (ROTATIONS[1], ROTATIONS[3])]
    best = max(readings, key=lambda reading: (not _stands_on_end(reading.text), reading.worth))
    is_worth_it = (
        best.worth > ON_END_WORTH * first.worth
        and best.worth_of_letters >= ON_END_WORTH * first.worth_of_letters
        and not _stands_on_end(best.text)
    )
    return best if is_worth_it else first
