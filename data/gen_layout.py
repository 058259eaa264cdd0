"""Typesetting: pages of blocks to the bytes of a digital PDF.

Owns fonts, styles and running headers and footers. Knows nothing of scans and
of gold labels. ``rl_config.invariant`` is set before reportlab's other modules
load, because ``pdfencrypt`` reads it at import: it fixes dates, document ids
and the random bytes of the encryption.
"""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape

from reportlab import rl_config

rl_config.invariant = 1

from gen_model import SampleError  # noqa: E402
from reportlab.lib import colors, pagesizes  # noqa: E402 - after invariant, see above
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT  # noqa: E402
from reportlab.lib.pdfencrypt import StandardEncryption  # noqa: E402
from reportlab.lib.styles import ParagraphStyle  # noqa: E402
from reportlab.lib.units import mm  # noqa: E402
from reportlab.pdfbase import pdfmetrics  # noqa: E402
from reportlab.pdfbase.ttfonts import TTFont  # noqa: E402
from reportlab.pdfgen.canvas import Canvas  # noqa: E402
from reportlab.platypus import Flowable, Frame, Paragraph, Spacer, Table, TableStyle  # noqa: E402

if TYPE_CHECKING:
    from gen_model import Block, BlockKind, Layout, Sample

FONT_ROOT = "/usr/share/fonts/truetype"
FONTS = {
    "serif": "liberation2/LiberationSerif-Regular.ttf",
    "serif-bold": "liberation2/LiberationSerif-Bold.ttf",
    "sans": "liberation2/LiberationSans-Regular.ttf",
    "sans-bold": "liberation2/LiberationSans-Bold.ttf",
    "dejavu": "dejavu/DejaVuSans.ttf",
    "dejavu-bold": "dejavu/DejaVuSans-Bold.ttf",
    "dejavu-serif": "dejavu/DejaVuSerif.ttf",
    "dejavu-serif-bold": "dejavu/DejaVuSerif-Bold.ttf",
    "cjk": "droid/DroidSansFallbackFull.ttf",
}
CJK = "cjk"
CJK_LATIN = "sans"
FIRST_CJK_CODE_POINT = 0x2E80
HEADER_OFFSET_MM = 14
RUNNING_SIZE_PT = 8.5
Side = Literal[0, 1, 2, 4]  # reportlab's TA_ constants
PAPERS = {"a4": pagesizes.A4, "letter": pagesizes.LETTER}


def register_fonts() -> None:
    """Load every font; an OSError names the Debian package's file that is absent."""
    for name, path in FONTS.items():
        pdfmetrics.registerFont(TTFont(name, f"{FONT_ROOT}/{path}"))


def sample_to_pdf(sample: Sample, password: str | None = None) -> bytes:
    """Typeset a document, one PDF page per page of its text.

    Raises:
        SampleError: a page holds more text than fits on the paper.
    """
    if sample.layout is None:
        message = f"{sample.source}: no layout"
        raise SampleError(message)
    layout = sample.layout
    buffer = io.BytesIO()
    lock = StandardEncryption(password, strength=256) if password else None
    canvas = Canvas(buffer, pagesize=PAPERS[layout.paper], encrypt=lock, invariant=1)
    canvas.setTitle(sample.pages[0][0].text)
    for number, blocks in enumerate(sample.pages, start=1):
        _draw_running_lines(canvas, layout, number, len(sample.pages))
        if _draw_body(canvas, layout, blocks):
            message = f"{sample.source}: page {number} overflows"
            raise SampleError(message)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def blank_pdf() -> bytes:
    """Return a valid PDF with one page and nothing on it."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=pagesizes.A4, invariant=1)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_body(canvas: Canvas, layout: Layout, blocks: tuple[Block, ...]) -> bool:
    """Draw the blocks and tell whether some did not fit."""
    width, height = PAPERS[layout.paper]
    margin = layout.margin_mm * mm
    story: list[Flowable] = []
    for block in blocks:
        story += _block_to_flowables(block, layout)
    frame = Frame(
        margin,
        margin,
        width - 2 * margin,
        height - 2 * margin,
        leftPadding=0,
        rightPadding=0,
    )
    frame.addFromList(story, canvas)
    return bool(story)


def _block_to_flowables(block: Block, layout: Layout) -> list[Flowable]:
    if block.kind == "table":
        return [_table(block, layout), Spacer(1, layout.leading * 0.7)]
    style = _style(layout, block.kind)
    return [Paragraph(_markup(text, layout), style) for (text,) in block.rows]


def _table(block: Block, layout: Layout) -> Table:
    style = TableStyle()
    style.add("GRID", (0, 0), (-1, -1), 0.7, colors.black)
    style.add("FONT", (0, 0), (-1, -1), layout.font, layout.size - 0.5)
    style.add("FONT", (0, 0), (-1, 0), _bold(layout.font), layout.size - 0.5)
    style.add("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)
    for column, cell in enumerate(block.rows[1]):
        if cell[0].isdigit():
            style.add("ALIGN", (column, 0), (column, -1), "RIGHT")
    return Table([list(row) for row in block.rows], style=style, hAlign="LEFT")


def _style(layout: Layout, kind: BlockKind) -> ParagraphStyle:
    justify = layout.align == "justify" and kind == "paragraph"
    scale = {"title": 1.35, "heading": 1.08}.get(kind, 1.0)
    return ParagraphStyle(
        kind,
        fontName=layout.font if kind == "paragraph" else _bold(layout.font),
        fontSize=layout.size * scale,
        leading=layout.leading * max(scale, 1.0),
        spaceBefore=layout.leading * 0.45 if kind == "heading" else 0,
        spaceAfter=layout.leading * (0.7 if kind == "title" else 0.45),
        alignment=TA_JUSTIFY if justify else TA_CENTER if kind == "title" else TA_LEFT,
        wordWrap="CJK" if layout.font == CJK else None,
    )


def _draw_running_lines(canvas: Canvas, layout: Layout, page: int, pages: int) -> None:
    """Draw header and footer; the page number stands right of a footer legend."""
    _, height = PAPERS[layout.paper]
    header_y = height - HEADER_OFFSET_MM * mm
    footer_y = HEADER_OFFSET_MM * mm
    for line in layout.header_lines(page):
        side: Side = TA_RIGHT if layout.header_even and page % 2 else TA_LEFT
        _draw_line(canvas, layout, line, header_y, side)
    lines = layout.footer_lines(page, pages)
    sides: tuple[Side, ...] = (TA_LEFT, TA_RIGHT) if layout.footer else (TA_CENTER,)
    for line, side in zip(lines, sides, strict=False):
        _draw_line(canvas, layout, line, footer_y, side)


def _draw_line(canvas: Canvas, layout: Layout, text: str, y: float, side: Side) -> None:
    width, _ = PAPERS[layout.paper]
    margin = layout.margin_mm * mm
    style = ParagraphStyle("running", fontName=layout.font, fontSize=RUNNING_SIZE_PT, alignment=side)
    line = Paragraph(_markup(text, layout), style)
    line.wrapOn(canvas, width - 2 * margin, style.leading)
    line.drawOn(canvas, margin, y)


def _bold(font: str) -> str:
    return f"{font}-bold" if f"{font}-bold" in FONTS else font


def _markup(text: str, layout: Layout) -> str:
    return font_markup(text, layout.font)


def font_markup(text: str, font: str) -> str:
    """Escape text; in Chinese pages set what the CJK font lacks in a Latin font."""
    if font != CJK:
        return escape(text)
    parts: list[str] = []
    for is_cjk, run in groupby(text, lambda char: ord(char) >= FIRST_CJK_CODE_POINT):
        part = escape("".join(run))
        parts.append(part if is_cjk else f'<font name="{CJK_LATIN}">{part}</font>')
    return "".join(parts)
