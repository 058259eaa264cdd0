"""Reports as pages: text that flows over one or two columns, with contents, running lines, and as noisy scans."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gen_layout
from gen_model import Scan
from gen_scan import pages_to_scan_pdf, pdf_to_images
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Table, TableStyle

if TYPE_CHECKING:
    from gen_outlines import Report, Section
    from reportlab.pdfgen.canvas import Canvas

SIZE_PT = 10.5
LEADING_PT = 15.0
MARGIN = 25 * mm
GUTTER = 8 * mm
RUNNING_PT = 8.5
TITLE_SCALE = 1.6
SUB_SCALE = 0.9
SCAN = Scan(dpi=150, skew_degrees=0.7, noise=7.0, specks=60, jpeg_quality=38, seed=11)


@dataclass(frozen=True, slots=True)
class Written:
    """A PDF, and on which page each heading and each sentence with a figure begins."""

    data: bytes
    pages: dict[str, int]


def register_outline_fonts() -> None:
    """Load every font, from ``FONT_ROOT`` where that is set."""
    root = Path(os.environ.get("FONT_ROOT", gen_layout.FONT_ROOT))
    for name, path in gen_layout.FONTS.items():
        here = root / path
        there = Path(gen_layout.FONT_ROOT) / path
        pdfmetrics.registerFont(TTFont(name, str(here if here.exists() else there)))


def report_to_pdf(report: Report) -> Written:
    """Typeset twice: the contents and "page x of y" need the pages of the first time."""
    first = _Typeset(report, {}, 0)
    return _Typeset(report, first.found, first.count).written()


def report_to_scan(report: Report, pdf: bytes) -> bytes:
    """The pages as grey, skewed, noisy images; how much depends on the report's name."""
    seed = sum(map(ord, report.name))
    skew = (seed % 5 - 2) * 0.4
    scan = Scan(SCAN.dpi, skew, SCAN.noise + seed % 4, SCAN.specks, SCAN.jpeg_quality, seed)
    return pages_to_scan_pdf(pdf_to_images(pdf, SCAN.dpi), scan)


class _Marked(Paragraph):
    """A paragraph that says on which page it begins."""

    def __init__(self, text: str, style: ParagraphStyle, on_page: Any) -> None:
        super().__init__(text, style)
        self._on_page = on_page

    def drawOn(self, canvas: Canvas, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802, N803
        """Draw, and say where."""
        self._on_page(canvas.getPageNumber())
        super().drawOn(canvas, x, y, _sW)

    def split(self, width: float, height: float) -> list[Flowable]:  # noqa: ARG002  reportlab calls it
        """Move to the next column whole, so that it stands on one page."""
        return []


@dataclass
class _Typeset:
    """One typesetting of a report; ``known`` are the pages of the one before."""

    report: Report
    known: dict[str, int]
    of: int
    found: dict[str, int] = field(default_factory=dict)
    count: int = 0
    data: bytes = b""

    def __post_init__(self) -> None:
        buffer = io.BytesIO()
        columns = self.report.look.get("columns", 1)
        width = (A4[0] - 2 * MARGIN - (columns - 1) * GUTTER) / columns
        frames = [
            Frame(MARGIN + at * (width + GUTTER), MARGIN, width, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
            for at in range(columns)
        ]
        document = BaseDocTemplate(buffer, pagesize=A4, invariant=1, title=self.report.title)
        document.addPageTemplates(PageTemplate("page", frames, onPage=self._running))
        document.build(self._story())
        self.data = buffer.getvalue()

    def written(self) -> Written:
        """The bytes, and where things are."""
        return Written(self.data, self.found)

    def _running(self, canvas: Canvas, _: Any) -> None:
        page = self.count = canvas.getPageNumber()
        look = self.report.look
        header = look.get("header_even", look.get("header", "")) if page % 2 == 0 else look.get("header", "")
        footer = look.get("footer", "").format(page=page, pages=self.of)
        font = look["font"]
        style = ParagraphStyle("running", fontName=font, fontSize=RUNNING_PT, alignment=TA_CENTER)
        for text, y in ((header, A4[1] - 14 * mm), (footer, 12 * mm)):
            line = Paragraph(self._markup(text), style)
            line.wrapOn(canvas, A4[0] - 2 * MARGIN, RUNNING_PT * 1.2)
            line.drawOn(canvas, MARGIN, y)

    def _story(self) -> list[Flowable]:
        story: list[Flowable] = [Paragraph(self._markup(self.report.title), self._style(TITLE_SCALE, heading=True))]
        if self.report.look.get("contents"):
            story += [*self._contents(), PageBreak()]
        for section in self.report.sections:
            story += self._section(section)
        return story

    def _contents(self) -> list[Flowable]:
        name = "目录" if self.report.look["language"] == "zh" else "Contents"
        lines = [Paragraph(self._markup(name), self._style(1.2, heading=True))]
        for section in self.report.sections:
            page = str(self.known.get(section.heading.text, 0))
            dots = "." * max(4, 78 - len(section.heading.text.encode()))
            lines.append(Paragraph(self._markup(f"{section.heading.text} {dots} {page}"), self._style(1.0)))
        return lines

    def _section(self, section: Section) -> list[Flowable]:
        scale = self.report.look.get("heading_scale", 1.12)
        heading = section.heading
        scale = max(scale * SUB_SCALE, 1.0) if heading.level > 1 else scale
        parts: list[Flowable] = [self._marked(heading.text, self._style(scale, heading=True), [heading.text])]
        parts[0].keepWithNext = True  # type: ignore[attr-defined]  # reportlab reads it
        for text in section.paragraphs:
            sentences = [one.sentence for one in self.report.figures if one.sentence in text]
            parts.append(self._marked(text, self._style(1.0), sentences))
        parts += [Paragraph(self._markup(f"• {item}"), self._style(1.0)) for item in section.items]
        if section.table:
            style = TableStyle([("FONT", (0, 0), (-1, -1), self.report.look["font"], SIZE_PT - 1)])
            style.add("GRID", (0, 0), (-1, -1), 0.6, colors.black)
            parts.append(Table([list(row) for row in section.table], style=style, hAlign="LEFT", spaceAfter=9))
        return parts

    def _marked(self, text: str, style: ParagraphStyle, what: list[str]) -> Flowable:
        return _Marked(self._markup(text), style, lambda page: self.found.update(dict.fromkeys(what, page)))

    def _style(self, scale: float, *, heading: bool = False) -> ParagraphStyle:
        font = self.report.look["font"]
        bold = f"{font}-bold" if heading and f"{font}-bold" in gen_layout.FONTS else font
        return ParagraphStyle(
            "any",
            fontName=bold,
            fontSize=SIZE_PT * scale,
            leading=LEADING_PT * scale,
            spaceBefore=LEADING_PT * 0.6 if heading else 0,
            spaceAfter=LEADING_PT * 0.5,
            alignment=TA_JUSTIFY if not heading and font in ("serif", "dejavu-serif") else 0,
            wordWrap="CJK" if font == gen_layout.CJK else None,
        )

    def _markup(self, text: str) -> str:
        return gen_layout.font_markup(text, self.report.look["font"])
