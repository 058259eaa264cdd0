from __future__ import annotations

from PIL import Image, ImageDraw

from qwen_batch.config import OcrSettings
from qwen_batch.reading.ocr.attempts import PageImage, read_page, recogniser
from qwen_batch.reading.ocr.engine import OcrEngine, OcrText
from qwen_batch.records import Box, Line, Word

YEARS = [f"{year}Q{quarter}" for year in range(2019, 2025) for quarter in range(1, 5)]
LEVEL, ON_END = Box(0, 0, 100, 10), Box(0, 0, 10, 100)


def text(*words: tuple[str, float, Box]) -> OcrText:
    lines = tuple(Line(said, box, (Word(said, box, confidence),)) for said, confidence, box in words)
    return OcrText(lines, sum(confidence for _, confidence, _ in words) / len(words))


def turn_of(*answers: OcrText) -> int:
    """By how many degrees a page is turned of which an engine gives these texts, one a call."""
    left = list(answers)
    engine = OcrEngine("fake", lambda *_: left.pop(0), lambda: ("eng",), lambda: "1", lambda _: None)
    by = recogniser(engine, OcrSettings(languages=("eng",), retry_below=0))
    return read_page(PageImage(Image.new("L", (600, 800), 255), 1.0), ("eng",), by).pose.rotation


def test_page_of_charts_was_turned_for_its_axis_labels_and_lost_its_titles() -> None:
    upright = text(("Revenue", 0.9, LEVEL), ("margin", 0.9, LEVEL), *[(year[::-1], 0.5, ON_END) for year in YEARS])
    turned = text(("aoAay", 0.2, ON_END), *[(year, 0.9, LEVEL) for year in YEARS])
    assert turn_of(upright, turned, turned) == 0


def test_sideways_page_that_was_read_as_it_lay_is_turned() -> None:
    lying = text(*[("agreement", 0.8, ON_END)] * 9)
    standing = text(*[("agreement", 0.9, LEVEL)] * 9)
    assert turn_of(lying, standing, lying) == 90


def test_small_figures_of_a_chart_made_chinese_titles_too_large() -> None:
    page = Image.new("L", (1654, 2339), 255)  # 200 dpi
    draw = ImageDraw.Draw(page)
    for top in range(100, 2200, 20):
        draw.text((100, top), "2019 2020 2021 2022 " * 10, fill=0)
    seen: list[int] = []

    def recognise(image: Image.Image, *_: object) -> OcrText:
        seen.append(image.width)
        return OcrText((), None)

    engine = OcrEngine("fake", recognise, lambda: ("chi_sim",), lambda: "1", lambda _: None)
    read_page(PageImage(page, 72 / 200), ("chi_sim",), recogniser(engine, OcrSettings()))
    assert seen[0] <= 1.5 * page.width + 1
