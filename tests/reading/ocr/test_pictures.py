"""pictures: words in a page's pictures are read beside its text layer, which stays; with a fake engine."""

from __future__ import annotations

import time

from PIL import Image, ImageDraw

from qwen_batch.config import OcrSettings
from qwen_batch.reading.ocr.attempts import PageImage, Recogniser
from qwen_batch.reading.ocr.engine import OcrEngine, OcrText
from qwen_batch.reading.ocr.pictures import IN_PICTURES, read_pictures, wiped
from qwen_batch.records import Box, Line, Page, Word

LAYER = (Line("A heading in type", Box(10, 10, 200, 20)), Line("A foot in type", Box(10, 280, 200, 290)))
PAGE = Page(1, 400, 300, LAYER, needs_ocr=IN_PICTURES)


def image() -> PageImage:
    """The layer's two lines, and between them ink at (50, 100)."""
    drawn = Image.new("L", (400, 300), 255)
    for box in (line.box for line in LAYER):
        ImageDraw.Draw(drawn).rectangle((box.x0, box.y0, box.x1, box.y1), fill=0)
    ImageDraw.Draw(drawn).rectangle((50, 100, 150, 112), fill=0)
    return PageImage(drawn, 1.0)


def by(*lines: tuple[str, float]) -> Recogniser:
    def recognise(*_: object) -> OcrText:
        boxes = [Box(30, 30 + 20 * at, 130, 42 + 20 * at) for at in range(len(lines))]
        seen = tuple(Line(said, box, (Word(said, box, sure),)) for (said, sure), box in zip(lines, boxes, strict=True))
        return OcrText(seen, sum(sure for _, sure in lines) / len(lines) if lines else None)

    engine = OcrEngine("fake", recognise, lambda: ("eng",), lambda: "fake 1", lambda _: None)
    return Recogniser(engine, OcrSettings(orientation=False, deskew=False, retry_below=0), time.monotonic() + 60)


def test_words_of_a_picture_stand_between_the_lines_around_it() -> None:
    done = read_pictures(PAGE, image(), ("eng",), by(("EUR 77,120.00", 0.9)))
    assert [line.text for line in done.lines] == ["A heading in type", "EUR 77,120.00", "A foot in type"]
    box = done.lines[1].box
    assert (20 <= box.x0 <= 50, 70 <= box.y0 <= 100) == (True, True)  # on the page, not in what was cut out of it
    assert done.lines[0] is LAYER[0]
    assert (done.ocr_done, done.warnings) == (True, ())
    assert done.ocr_confidence is not None
    assert 0.9 < done.ocr_confidence < 1  # the layer's characters were never in doubt


def test_shapes_taken_for_letters_are_left_out_with_a_warning() -> None:
    done = read_pictures(PAGE, image(), ("eng",), by(("EUR 77,120.00", 0.9), ("~| wW", 0.2)))
    assert len(done.lines) == 3
    assert "1 lines in its pictures" in done.warnings[0]


def test_picture_of_which_nothing_is_read_gets_a_warning() -> None:
    done = read_pictures(PAGE, image(), ("eng",), by())
    assert done.lines == LAYER
    assert "none could be read" in done.warnings[0]


def test_the_layers_own_lines_are_not_read_twice() -> None:
    rest = wiped(image().image, [line.box for line in LAYER], 1.0)
    assert rest.point(lambda value: 255 * (value < 160)).getbbox() == (50, 100, 151, 113)
