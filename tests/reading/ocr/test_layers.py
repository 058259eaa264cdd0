"""layers: an old OCR's text that says something else than the page, with a fake engine."""

from __future__ import annotations

import time

import pytest
from PIL import Image

from qwen_batch.config import OcrSettings
from qwen_batch.reading.ocr.attempts import PageImage, Recogniser
from qwen_batch.reading.ocr.engine import OcrEngine, OcrText
from qwen_batch.reading.ocr.layers import (
    OTHER_TEXT,
    UNPROVEN,
    layer_stands,
    pages_to_sample,
    sample_stands,
    words_stand_in,
)
from qwen_batch.records import Box, Line, Page, Word

OWN = "This lease agreement between Brandvold Timber Holdings and their tenant covers several warehouse premises"
OTHER = (
    "Annual general meeting minutes: shareholders elected directors, approved accounts, granted discharge unanimously"
)
CHINESE = "本协议由双方当事人签订并自签字之日起生效"


def by(said: str, confidence: float = 0.9) -> Recogniser:
    box = Box(0, 0, 100, 10)
    seen = OcrText((Line(said, box, (Word(said, box, confidence),)),), confidence)
    engine = OcrEngine("fake", lambda *_: seen, lambda: ("eng",), lambda: "fake 1", lambda _: None)
    return Recogniser(engine, OcrSettings(), time.monotonic() + 60)


def page(said: str, number: int = 1) -> Page:
    return Page(number, 612, 792, (Line(said, Box(0, 0, 1, 1)),), needs_ocr=UNPROVEN)


@pytest.mark.parametrize(
    ("layer", "seen", "confidence", "stands"),
    [
        (OWN, OWN, 0.9, True),
        (OWN.replace("lease", "1ease"), OWN, 0.9, True),
        (OTHER, OWN, 0.9, False),
        (OTHER, OWN, 0.4, True),
        (OTHER, "too short", 0.9, True),
        (CHINESE, CHINESE, 0.9, True),
        (OWN, CHINESE, 0.9, False),
    ],
)
def test_fluent_layer_of_another_page_is_found_out(layer: str, seen: str, confidence: float, stands: bool) -> None:
    image = PageImage(Image.new("L", (400, 300), 255), 1.0)
    assert layer_stands(page(layer), image, ("eng",), by(seen, confidence)) is stands


def test_of_a_long_scan_some_pages_are_looked_at_and_the_others_only_if_one_is_wrong() -> None:
    pages = [page(OWN, number) for number in range(1, 101)]
    sample = pages_to_sample(pages)
    assert (len(sample.now), len(sample.later)) == (5, 95)
    assert sample_stands(sample.now)
    assert not sample_stands([*sample.now, Page(1, 612, 792, (), needs_ocr=OTHER_TEXT)])
    assert pages_to_sample(pages[:3]).later == ()


def test_longer_layer_of_another_page_was_kept_because_ocr_saw_less() -> None:
    assert not words_stand_in(OWN, OTHER * 2)
    assert words_stand_in(OWN, OWN + OTHER)
    assert words_stand_in("too short", OTHER)
