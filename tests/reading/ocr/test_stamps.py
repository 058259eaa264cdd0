"""stamps: lines that a coloured stamp crosses, on images made here; no engine."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont

from qwen_batch.reading.ocr.engine import OcrText
from qwen_batch.reading.ocr.stamps import crossed_rows, with_crossed_lines, without_stamps
from qwen_batch.records import Box, Line, Word


def page(colour: tuple[int, int, int], *, crossing: bool) -> Image.Image:
    """Black words with a band of translucent colour across them or below them."""
    image = Image.new("RGB", (800, 400), "white")
    ImageDraw.Draw(image).text((50, 60), "Invoices are payable within thirty days", "black", ImageFont.load_default(32))
    top = 60 if crossing else 250
    stamp = Image.new("RGB", (300, 36), colour)
    image.paste(stamp, (200, top), Image.new("L", stamp.size, 200))
    return image


COLOURS = [(200, 20, 20), (20, 30, 200), (20, 160, 40)]


@pytest.mark.parametrize("colour", COLOURS)
def test_letters_under_a_stamp_of_any_colour_are_black_and_the_stamp_is_white(colour: tuple[int, int, int]) -> None:
    image = page(colour, crossing=True)
    clear, plain = without_stamps(image), page((255, 255, 255), crossing=False).convert("L")
    under = (210, 66, 490, 90)
    dark, meant = (one.crop(under).point(lambda value: 255 * (value < 128)).histogram()[255] for one in (clear, plain))
    assert 0.5 * meant < dark < 1.5 * meant


def test_only_stamps_across_black_ink_cost_a_second_reading() -> None:
    rows = crossed_rows(page(COLOURS[0], crossing=True))
    assert rows is not None
    assert rows[0] <= 66
    assert rows[1] >= 90
    assert crossed_rows(page(COLOURS[0], crossing=False)) is None


def line(top: float, *words: tuple[str, float, float]) -> Line:
    """Words as text, left edge and confidence."""
    seen = tuple(Word(text, Box(left, top, left + 10 * len(text), top + 10), sure) for text, left, sure in words)
    return Line(" ".join(word.text for word in seen), seen[0].box, seen)


def text(*lines: Line) -> OcrText:
    return OcrText(lines, 0.5)


def test_crossed_lines_give_way_and_the_others_stay() -> None:
    first = text(line(0, ("Head", 0, 0.9)), line(20, ("l~v#ces", 0, 0.2)), line(60, ("Foot", 0, 0.9)))
    again = text(line(5, ("Invoices", 0, 0.9)))
    done = with_crossed_lines(first, again, 15, (18, 40))
    assert [found.text for found in done.lines] == ["Head", "Invoices", "Foot"]
    assert done.lines[1].box.y0 == 20


def test_coloured_words_that_only_the_first_reading_saw_stay() -> None:
    first = text(line(20, ("l~v#c", 0, 0.1), ("500.00", 200, 0.95)))
    done = with_crossed_lines(first, text(line(0, ("Invoices", 0, 0.9))), 20, (18, 40))
    assert [found.text for found in done.lines] == ["Invoices 500.00"]


def test_worse_second_reading_changes_nothing() -> None:
    first = text(line(20, ("Invoices", 0, 0.9)))
    assert with_crossed_lines(first, text(line(0, ("l~v", 0, 0.3))), 20, (18, 40)) is first
