"""The image of one page, as it is displayed, in the pixels that its own scan has."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
from PIL.Image import Image
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from qwen_batch.reading.parts.colour import without_idle_colour
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.readers.pdf.pdfium_document import POINTS_PER_INCH, opened
from qwen_batch.reading.readers.pdf.pdfium_seen.page import loaded

MIN_RENDER_DPI = 50
RECOGNITION_DPI = 150
"""Whoever asks for less wants a picture of the page, not to read it: it is drawn in grey, as asked."""
MAX_FORM_DEPTH = 12
MAX_IMAGES = 200
SCAN_COVER = 0.5
MAX_SHAPE_DIFFERENCE = 0.05
MIN_SIDE_PIXELS, MAX_SIDE_PIXELS = 1650, 5500
"""Of a page's longer side: some pages state a tiny or a huge size (UserUnit, a wrong resolution)."""
MAX_TINY_ENLARGEMENT = 12


def page_image(path: Path, number: int, dpi: float, max_megapixels: float) -> Image:
    """One page at `dpi` or what `max_megapixels` allows, of mode "RGB" where it has coloured marks, else "L".

    A scan is drawn at its own resolution instead: resampled here and again before it is recognised, figures suffer.
    """
    with opened(path) as document, loaded(document, number) as page:
        width, height = page.get_size()
        wanted = _resolution(page, dpi) if dpi >= RECOGNITION_DPI else dpi
        allowed = (max_megapixels * 1e6 / max(width * height, 1)) ** 0.5 * POINTS_PER_INCH
        if allowed < min(MIN_RENDER_DPI, wanted):
            message = "The page is too large to be rendered: scale it down or raise read.max_megapixels."
            raise Unreadable("too_large", message, number)
        scale = min(wanted, allowed) / POINTS_PER_INCH
        if dpi < RECOGNITION_DPI:
            grey: Image = page.render(scale=scale, grayscale=True).to_pil()
            return grey.convert("L")
        image: Image = page.render(scale=scale, rev_byteorder=True).to_pil()
        return without_idle_colour(image.convert("RGB"))


def _resolution(page: pdfium.PdfPage, dpi: float) -> float:
    longest: float = max(*page.get_size(), 1.0)
    native = _native_dpi(page)
    if native:
        while native * longest > MAX_SIDE_PIXELS * POINTS_PER_INCH:
            native /= 2
        is_small = native * longest < MIN_SIDE_PIXELS * POINTS_PER_INCH
        return 2 * native if is_small else native  # letters typed beside a coarse scan would be too small to read
    return max(dpi, min(MIN_SIDE_PIXELS * POINTS_PER_INCH / longest, MAX_TINY_ENLARGEMENT * dpi))


def _native_dpi(page: pdfium.PdfPage) -> float:
    """The resolution of the images that cover most of the page; 0 if none do."""
    x_min, y_min, x_max, y_max = page.get_bbox()
    width, height = max(x_max - x_min, 1), max(y_max - y_min, 1)
    covered, found = 0.0, 0.0
    for count, image in enumerate(page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=MAX_FORM_DEPTH)):
        if count >= MAX_IMAGES:
            break
        across, down = image.get_px_size()
        if min(across, down) < 1:
            continue
        if image.level:  # its bounds are those within its form
            if abs(across * height / (down * width) - 1) > MAX_SHAPE_DIFFERENCE:
                continue
            covered, dpi = 1.0, across / width
        else:
            left, bottom, right, top = image.get_bounds()
            covered += max(right - left, 0) * max(top - bottom, 0) / (width * height)
            dpi = max(across, down) / max(right - left, top - bottom, 1)
        found = max(found, dpi * POINTS_PER_INCH)
    return found if covered >= SCAN_COVER else 0.0
