"""Degradation: the pages of a digital PDF to scans, faxes and photographs.

Owns rasterising, the optical faults and the packing of page images into PDF,
TIFF and JPEG. Knows nothing of text. Every fault draws from one generator
seeded by the document, so equal input gives equal bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pikepdf
import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no py.typed
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gen_model import Scan
    from numpy.typing import NDArray

POINTS_PER_INCH = 72
PAPER_GREY = 246
BILEVEL_THRESHOLD = 150
SHADE_DEPTH = 10.0
PHOTO_CANVAS_PX = (1900, 2500)
PHOTO_CORNERS_PX = ((100, 85), (1790, 60), (1840, 2440), (55, 2410))
PHOTO_LIGHT = (0.62, 1.03)
DESK_RGB = (118, 92, 70)
PAPER_TINT = (1.0, 0.975, 0.92)


def pdf_to_images(pdf: bytes, dpi: int) -> list[Image.Image]:
    """Render every page as an 8-bit grey image."""
    document = pdfium.PdfDocument(pdf)
    scale = dpi / POINTS_PER_INCH
    return [page.render(scale=scale, grayscale=True).to_pil() for page in document]


def pages_to_scan_pdf(pages: Sequence[Image.Image], scan: Scan) -> bytes:
    """Degrade the pages and wrap them, as grey JPEGs, in a PDF without text."""
    rng = np.random.default_rng(scan.seed)
    pdf = pikepdf.new()
    for page in pages:
        _append_jpeg_page(pdf, _degrade(page, scan, rng), scan)
    buffer = io.BytesIO()
    pdf.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def pages_to_fax_tiff(pages: Sequence[Image.Image], scan: Scan) -> bytes:
    """Degrade the pages and write them as a 1-bit multi-page TIFF, Group 4 coded."""
    rng = np.random.default_rng(scan.seed)
    grey = [_degrade(page, scan, rng) for page in pages]
    bits = [page.point(_to_bit).convert("1") for page in grey]
    buffer = io.BytesIO()
    bits[0].save(
        buffer,
        format="TIFF",
        save_all=True,
        append_images=bits[1:],
        compression="group4",
        dpi=(scan.dpi, scan.dpi),
    )
    return buffer.getvalue()


def page_to_photo_jpeg(page: Image.Image, scan: Scan) -> bytes:
    """Lay the page on a desk and photograph it at an angle in uneven light."""
    rng = np.random.default_rng(scan.seed)
    tilted = page.rotate(scan.skew_degrees, Image.Resampling.BICUBIC, fillcolor=255)
    coefficients = _perspective(tilted.size)
    placed = _warp(tilted, coefficients)
    mask = _warp(Image.new("L", tilted.size, 255), coefficients)
    paper = np.asarray(placed, dtype=np.float64)[..., None] * np.array(PAPER_TINT)
    cover = np.asarray(mask, dtype=np.float64)[..., None] / 255
    scene = paper * cover + np.array(DESK_RGB) * (1 - cover)
    scene = scene * _uneven_light(placed.size)[..., None]
    scene = scene + rng.normal(0, scan.noise, scene.shape)
    photo = Image.fromarray(scene.clip(0, 255).astype(np.uint8))
    photo = photo.filter(ImageFilter.GaussianBlur(0.7))
    buffer = io.BytesIO()
    photo.save(buffer, format="JPEG", quality=scan.jpeg_quality)
    return buffer.getvalue()


def _to_bit(value: int) -> int:
    return 255 if value > BILEVEL_THRESHOLD else 0


def _degrade(page: Image.Image, scan: Scan, rng: np.random.Generator) -> Image.Image:
    """Skew, soften, shade and speckle one grey page."""
    skewed = page.rotate(scan.skew_degrees, Image.Resampling.BICUBIC, fillcolor=255)
    soft = skewed.filter(ImageFilter.GaussianBlur(0.5))
    pixels = np.asarray(soft, dtype=np.float64) * (PAPER_GREY / 255)
    height, width = pixels.shape
    across = np.linspace(0, np.pi, width)
    pixels = pixels - SHADE_DEPTH * (1 - np.sin(across))[None, :]
    pixels = pixels + rng.normal(0, scan.noise, pixels.shape)
    for row, column in zip(
        rng.integers(0, height - 3, scan.specks),
        rng.integers(0, width - 3, scan.specks),
        strict=True,
    ):
        size = int(rng.integers(1, 4))
        pixels[row : row + size, column : column + size] = rng.integers(20, 110)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _append_jpeg_page(pdf: pikepdf.Pdf, image: Image.Image, scan: Scan) -> None:
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=scan.jpeg_quality, optimize=True)
    points = [side * POINTS_PER_INCH / scan.dpi for side in image.size]
    page = pdf.add_blank_page(page_size=(points[0], points[1]))
    page.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(
            Page=pdf.make_stream(
                buffer.getvalue(),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=image.width,
                Height=image.height,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
        )
    )
    drawing = f"q {points[0]:.2f} 0 0 {points[1]:.2f} 0 0 cm /Page Do Q"
    page.Contents = pdf.make_stream(drawing.encode("ascii"))


def _perspective(size: tuple[int, int]) -> list[float]:
    """Solve the eight coefficients that map canvas points back to page points."""
    width, height = size
    corners = ((0, 0), (width, 0), (width, height), (0, height))
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(PHOTO_CORNERS_PX, corners, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    target = [float(value) for corner in corners for value in corner]
    return [float(c) for c in np.linalg.solve(np.array(rows), np.array(target))]


def _warp(image: Image.Image, coefficients: list[float]) -> Image.Image:
    return image.transform(
        PHOTO_CANVAS_PX,
        Image.Transform.PERSPECTIVE,
        coefficients,
        Image.Resampling.BICUBIC,
        fillcolor=0,
    )


def _uneven_light(size: tuple[int, int]) -> NDArray[np.float64]:
    """Return brightness factors of shape (height, width): a lamp at the top left."""
    width, height = size
    across = np.linspace(0, 1, width)[None, :]
    down = np.linspace(0, 1, height)[:, None]
    distance = np.sqrt((across - 0.2) ** 2 + (down - 0.15) ** 2)
    dark, bright = PHOTO_LIGHT
    light: NDArray[np.float64] = bright - (bright - dark) * distance / distance.max()
    return light
