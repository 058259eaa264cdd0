"""Reads PNG, JPEG, WebP, TIFF, GIF and BMP files: each needs OCR, and every frame of a TIFF is a page.

Thumbnails and masks of a TIFF are no pages. Of an animation only the first frame is read, with a warning: its frames
are one picture. Knows nothing of recognition; it hands out page images upright, with the pixels that the file has:
whoever recognises scales them once.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.colour import without_idle_colour
from qwen_batch.reading.parts.reader import Reader, Unreadable, check_page_count
from qwen_batch.records import Page

POINTS_PER_INCH = 72
SANE_DPI = range(72, 1201)
"""A resolution in the file outside of this is a default that nobody set, or a mistake."""
LETTER_HEIGHT_INCHES = 11.0
"""Without a resolution the longer side is taken for this, clipped to ASSUMED_DPI."""
ASSUMED_DPI = (96.0, 600.0)
MIN_PICTURE_PIXELS = 250_000
"""A picture within a document is worth recognising from this size on; smaller ones are logos and signatures."""
NEW_SUBFILE_TYPE, OLD_SUBFILE_TYPE = 254, 255
REDUCED_OR_MASK = 0b101
"""Bits of NewSubfileType (TIFF 6.0, section 8) for a smaller copy of another frame and for its mask."""
OLD_REDUCED = 2
MAX_THUMBNAIL_PIXELS = 256
MAX_THUMBNAIL_SCALE = 0.25
MAX_SHAPE_DIFFERENCE = 0.03
"""A frame is a thumbnail without saying so if it is so small, against the one beside it, and of the same shape."""
MIN_PALE_LETTERS = 190
"""Mean grey value from which on what is opaque in a transparent picture is pale: it was made for dark paper."""
MAX_OPAQUE_SHARE = 0.9
PALE_ALPHA = 127
EXIF_ORIENTATION = 0x0112
SIDEWAYS = {5, 6, 7, 8}

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
WEBP_MAGIC = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
BMP_MAGIC = re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL)
"""The last byte before the zeros is the size of the header that follows: "BM" alone also begins words."""
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP")
DEEP_MODES = ("I", "F")
"""Pillow's modes of more than eight bits a value begin with these letters."""
ANIMATED = "only the first of its {count} frames was read: it is an animation"


def sniff(head: bytes, path: Path) -> str | None:  # noqa: ARG001
    """The MIME type by the file's first bytes."""
    if WEBP_MAGIC.match(head):
        return "image/webp"
    if BMP_MAGIC.match(head):
        return "image/bmp"
    return next((mime for magic, mime in MAGIC if head.startswith(magic)), None)


def read(path: Path, settings: ReadSettings) -> tuple[Page, ...]:
    """One page a frame, without lines, sized in points by the image's resolution."""
    with _opened(path, settings) as image:
        frames = _frames(image)
        check_page_count(len(frames), settings)
        return tuple(_page(number, _at(image, frame), settings) for number, frame in enumerate(frames, start=1))


def render(path: Path, page_number: int, dpi: int, settings: ReadSettings) -> Image.Image:  # noqa: ARG001
    """One frame, upright, with its own pixels: of mode "RGB" where it has coloured marks, else "L"."""
    with _opened(path, settings) as image:
        frame = _at(image, _frames(image)[page_number - 1])
        _check_pixels(frame, page_number, settings)
        return without_idle_colour(_shown(ImageOps.exif_transpose(frame)))


@contextmanager
def _opened(path: Path, settings: ReadSettings) -> Iterator[Image.Image]:
    # Pillow's own limit is raised or lowered to ours, never switched off; it refuses at twice the value.
    Image.MAX_IMAGE_PIXELS = round(settings.max_megapixels * 1e6)
    try:
        with Image.open(path, formats=FORMATS) as image:
            yield image
    except Image.DecompressionBombError:
        raise Unreadable("too_large", _too_large(settings)) from None
    except UnidentifiedImageError:
        raise Unreadable("damaged", _damaged("its header makes no sense")) from None
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError) as error:
        if isinstance(error, PermissionError | FileNotFoundError):
            raise
        raise Unreadable("damaged", _damaged(str(error))) from None


def _damaged(reason: str) -> str:
    return f"The image cannot be decoded ({reason}): open it in a viewer and save it anew."


def _too_large(settings: ReadSettings) -> str:
    limit = f"{settings.max_megapixels:g} megapixels"
    return f"The image has more than {limit}: reduce it or raise read.max_megapixels."


def _frames(image: Image.Image) -> list[int]:
    """The frames that are pages, by their places in the file."""
    count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    if count == 1:
        return [0]
    sizes, said = [], []
    for frame in range(count):
        _at(image, frame)
        sizes.append(image.size)
        said.append(_is_said_to_be_a_copy(image))
    pages = [frame for frame in range(count) if not said[frame] and not _is_thumbnail(frame, sizes)]
    return pages or list(range(count))


def _at(image: Image.Image, frame: int) -> Image.Image:
    if frame or getattr(image, "n_frames", 1) > 1:
        image.seek(frame)
    return image


def _is_said_to_be_a_copy(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return bool(int(tags.get(NEW_SUBFILE_TYPE, 0)) & REDUCED_OR_MASK) or tags.get(OLD_SUBFILE_TYPE) == OLD_REDUCED


def _is_thumbnail(frame: int, sizes: Sequence[tuple[int, int]]) -> bool:
    """Whether a frame without a word about it is the frame beside it, much smaller."""
    width, height = sizes[frame]
    if max(width, height) > MAX_THUMBNAIL_PIXELS:
        return False
    beside = [sizes[at] for at in (frame - 1, frame + 1) if 0 <= at < len(sizes)]
    return any(
        width <= MAX_THUMBNAIL_SCALE * large[0]
        and abs(width * large[1] - height * large[0]) <= MAX_SHAPE_DIFFERENCE * height * large[0]
        for large in beside
    )


def _page(number: int, image: Image.Image, settings: ReadSettings) -> Page:
    _check_pixels(image, number, settings)
    dpi = _dpi(image)
    width, height = image.size
    if image.getexif().get(EXIF_ORIENTATION) in SIDEWAYS:
        width, height = height, width
    scale = POINTS_PER_INCH / dpi
    frames = int(getattr(image, "n_frames", 1))
    warnings = (ANIMATED.format(count=frames),) if frames > 1 and image.format != "TIFF" else ()
    return Page(number, width * scale, height * scale, (), needs_ocr="image", warnings=warnings)


def _check_pixels(image: Image.Image, number: int, settings: ReadSettings) -> None:
    if image.width * image.height > settings.max_megapixels * 1e6:
        raise Unreadable("too_large", _too_large(settings), number)


def _dpi(image: Image.Image) -> float:
    """Dots an inch: the file's own where it makes sense, else as if the page were a letter."""
    stated = image.info.get("dpi", (0, 0))
    horizontal = float(stated[0]) if isinstance(stated, tuple) else 0.0
    # 72 and 96 are what software writes without knowing, and photographs carry them.
    if round(horizontal) in SANE_DPI and round(horizontal) not in {72, 96}:
        return horizontal
    low, high = ASSUMED_DPI
    return min(max(max(image.size) / LETTER_HEIGHT_INCHES, low), high)


def _shown(image: Image.Image) -> Image.Image:
    """The image on paper, of mode "L" or "RGB"; pale letters on nothing are put on black paper."""
    if image.mode.startswith(DEEP_MODES):
        return _eight_bits(image)
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "black" if _is_pale_on_nothing(rgba) else "white")
        return Image.alpha_composite(paper, rgba).convert("RGB")
    return image if image.mode in {"L", "RGB"} else image.convert("L" if image.mode == "1" else "RGB")


def _is_pale_on_nothing(rgba: Image.Image) -> bool:
    """Whether what is opaque is pale, on paper that is transparent: on white paper nobody would see it."""
    alpha = rgba.getchannel("A")
    opaque = ImageStat.Stat(alpha).mean[0] / 255
    if not 0 < opaque < MAX_OPAQUE_SHARE:
        return False
    return bool(
        ImageStat.Stat(rgba.convert("L"), alpha.point(lambda value: 255 if value > PALE_ALPHA else 0)).mean[0]
        >= MIN_PALE_LETTERS
    )


def picture_pixels(data: bytes) -> int:
    """How many pixels a picture within a document has, 0 if it is of no kind that is read here."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return image.width * image.height
    except Image.DecompressionBombError:
        return sys.maxsize  # too large is for `read` to say
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError):
        return 0


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey values of 12, 16 or 32 bits from 0 to 255: the brightest becomes white, whatever the range says."""
    values = image.convert("I").convert("F") if image.mode.startswith("I") else image
    _, brightest = values.getextrema()
    scale = 255 / max(float(brightest), 255.0) if isinstance(brightest, int | float) else 1.0
    return values.point(lambda value: value * scale + 0).convert("L")


MIMES = ("image/png", "image/jpeg", "image/tiff", "image/webp", "image/gif", "image/bmp")
READER: Reader = Reader(
    "image",
    MIMES,
    sniff,
    read,
    render,
    packages=("pillow", "numpy"),
    bytes_per_page=dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"), 30_000),
)
