from __future__ import annotations

from pathlib import Path

import pytest
from helpers.seen_pdfs import LINE, page_of, pdf, show

NO_MAP = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /NoMap /Encoding /Identity-H /DescendantFonts [7 0 R] >>",
    (
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /NoMap /DW 500 /FontDescriptor 8 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    ),
    (
        "<< /Type /FontDescriptor /FontName /NoMap /Flags 4 /FontBBox [0 0 500 500] /ItalicAngle 0 /Ascent 500"
        " /Descent 0 /CapHeight 500 /StemV 80 >>"
    ),
)
FONTS = "/Resources << /Font << /F1 3 0 R /F2 6 0 R >> >>"


def line(y: int, before: str, text: str) -> str:
    """A line with a glyph that has no map between two pieces of text."""
    return f"BT /F1 11 Tf 72 {y} Td ({before}) Tj /F2 11 Tf <0002> Tj /F1 11 Tf ({text}) Tj ET\n"


@pytest.mark.parametrize(
    ("before", "text", "reason"),
    [
        ("", " Security fundamentals", None),
        ("", " 500 due at signing", "unmapped_signs"),
        ("Rent: ", "500 due at signing", "unmapped_signs"),
        ("con", "rm the order", "unmapped_signs"),
    ],
    ids=["bullets", "currency before a figure", "currency in a line", "letter of a word"],
)
def test_bullets_without_a_map_sent_the_whole_page_to_ocr(
    tmp_path: Path, before: str, text: str, reason: str | None
) -> None:
    content = show(72, 700, LINE) + "".join(line(y, before, text) for y in (650, 630, 610, 590))
    assert page_of(pdf(tmp_path, content, page=FONTS, more=NO_MAP)).needs_ocr == reason
