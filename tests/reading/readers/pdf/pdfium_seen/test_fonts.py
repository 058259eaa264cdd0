"""Fonts whose map lies and symbol fonts, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from helpers.seen_pdfs import page_of, pdf, show, stream, text_of

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import reader_for

FIGURES = "Invoice 1234567890 of the roof, due 2026, EUR 48,310.57"


def mapped(tmp_path: Path, content: str, said: dict[str, int], name: str = "Helvetica") -> Path:
    """A page in the font /F2, whose map says other characters for some codes."""
    pairs = "\n".join(f"<{ord(code):02x}> <{meant:04x}>" for code, meant in said.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /A def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(said)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end"
    )
    font = f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /ToUnicode 7 0 R >>"
    keys = "/Resources << /Font << /F1 3 0 R /F2 6 0 R >> >>"
    path = pdf(tmp_path, content, page="", more=(font, stream(cmap)))
    text = path.read_text("latin-1")
    at = text.index("/Resources")
    end = text.index("/Contents")
    path.write_text(text[:at] + keys.ljust(end - at) + text[end:], "latin-1")
    return path


def test_figures_that_a_font_shows_otherwise_were_believed(tmp_path: Path) -> None:
    shifted = {str(figure): ord(str((figure + 3) % 10)) for figure in range(10)}
    assert page_of(mapped(tmp_path, show(72, 700, FIGURES).replace("/F1", "/F2"), shifted)).needs_ocr == "doubtful_font"


def test_the_only_figures_of_a_page_with_few_words_were_believed(tmp_path: Path) -> None:
    shifted = {str(figure): ord(str((figure + 3) % 10)) for figure in range(10)}
    page = page_of(mapped(tmp_path, show(72, 700, "EUR 48,310.57").replace("/F1", "/F2"), shifted))
    assert page.needs_ocr == "doubtful_font"


def test_figures_of_a_font_with_a_right_map_cost_no_ocr(tmp_path: Path) -> None:
    same = {str(figure): ord(str(figure)) for figure in range(10)}
    page = page_of(mapped(tmp_path, show(72, 700, FIGURES).replace("/F1", "/F2"), same))
    assert page.needs_ocr is None
    assert text_of(page) == FIGURES


def test_one_glyph_that_looks_otherwise_sent_every_page_of_its_font_to_ocr(tmp_path: Path) -> None:
    eight_is_one = {str(figure): ord(str(figure)) for figure in range(10)} | {"8": ord("1")}
    with pdfium.PdfDocument.new() as whole:
        for text in ("As section 8 of the law says, the tenant pays the heating of the house.", FIGURES, FIGURES):
            with pdfium.PdfDocument(mapped(tmp_path, show(72, 700, text).replace("/F1", "/F2"), eight_is_one)) as one:
                whole.import_pages(one)
        whole.save(tmp_path / "whole.pdf")
    pages = reader_for("application/pdf").read(tmp_path / "whole.pdf", ReadSettings())
    assert [page.needs_ocr for page in pages] == ["doubtful_font", None, None]


@pytest.mark.parametrize("font", ["Helvetica-Bold", "Times-Roman", "Times-BoldItalic", "Courier"])
def test_other_type_faces_are_not_in_doubt(tmp_path: Path, font: str) -> None:
    same = {str(figure): ord(str(figure)) for figure in range(10)}
    assert page_of(mapped(tmp_path, show(72, 700, FIGURES).replace("/F1", "/F2"), same, font)).needs_ocr is None


def test_boxes_of_a_symbol_font_stayed_private_codes(tmp_path: Path) -> None:
    content = show(72, 700, "n").replace("/F1", "/F2") + show(90, 700, "The tenant pays the heating of the house.")
    path = mapped(tmp_path, content, {"n": 0xF0FE}, "Wingdings")
    assert text_of(page_of(path)) == "☒ The tenant pays the heating of the house."
