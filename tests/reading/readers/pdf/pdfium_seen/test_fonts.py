"""Fonts whose map lies and symbol fonts, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.seen_pdfs import page_of, pdf, show, stream, text_of

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


def test_figures_of_a_font_with_a_right_map_cost_no_ocr(tmp_path: Path) -> None:
    same = {str(figure): ord(str(figure)) for figure in range(10)}
    page = page_of(mapped(tmp_path, show(72, 700, FIGURES).replace("/F1", "/F2"), same))
    assert page.needs_ocr is None
    assert text_of(page) == FIGURES


@pytest.mark.parametrize("font", ["Helvetica-Bold", "Times-Roman", "Times-BoldItalic", "Courier"])
def test_other_type_faces_are_not_in_doubt(tmp_path: Path, font: str) -> None:
    same = {str(figure): ord(str(figure)) for figure in range(10)}
    assert page_of(mapped(tmp_path, show(72, 700, FIGURES).replace("/F1", "/F2"), same, font)).needs_ocr is None


def test_boxes_of_a_symbol_font_stayed_private_codes(tmp_path: Path) -> None:
    content = show(72, 700, "n").replace("/F1", "/F2") + show(90, 700, "The tenant pays the heating of the house.")
    path = mapped(tmp_path, content, {"n": 0xF0FE}, "Wingdings")
    assert text_of(page_of(path)) == "☒ The tenant pays the heating of the house."
