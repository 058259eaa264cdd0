"""spreadsheet: signs of symbol fonts were read as the letters under their codes: a tick as "ü", an empty box as "o"."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from helpers.archives import written, zip_bytes
from helpers.read import pages_of, texts

ODS = "application/vnd.oasis.opendocument.spreadsheet"
NAMES = ("office", "style", "text", "table", "svg", "fo")
SPACES = " ".join(f'xmlns:{name}="urn:{name}"' for name in NAMES)


def test_ticks_and_boxes_of_an_xlsx_were_letters(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("Plan")
        wingdings, symbol = book.add_format({"font_name": "Wingdings"}), book.add_format({"font_name": "Symbol"})
        sheet.write_row(0, 0, ["Step", "Done"])
        sheet.write(1, 0, "Drill")
        sheet.write(1, 1, "\xfc", wingdings)
        sheet.write(2, 0, "Paint")
        sheet.write(2, 1, "o", wingdings)
        sheet.write_rich_string(3, 0, "Load ", symbol, "\xa3", " 5")
    assert texts(pages_of(tmp_path / "a.xlsx")[0])[3:] == ["| Drill | ✓ |", "| Paint | ☐ |", "| Load ≤ 5 |  |"]


def test_ticks_of_an_ods_were_letters_under_a_name_of_its_own_for_the_font(tmp_path: Path) -> None:
    face = '<style:font-face style:name="F1" svg:font-family="Wingdings"/>'
    fonts = f"<office:font-face-decls>{face}</office:font-face-decls>"
    look = '<style:text-properties style:font-name="F1"/>'
    styles = f'<style:style style:name="t" style:family="table-cell">{look}</style:style>'
    cells = "".join(
        f'<table:table-cell office:value-type="string" {look}><text:p>{text}</text:p></table:table-cell>'
        for look, text in (("", "Drill"), ('table:style-name="t"', "\xfc"))
    )
    content = (
        f"<office:document-content {SPACES}>{fonts}<office:automatic-styles>{styles}</office:automatic-styles>"
        "<office:body>"
        f'<office:spreadsheet><table:table table:name="Plan"><table:table-row>{cells}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = written(tmp_path / "a.ods", zip_bytes({"mimetype": ODS.encode(), "content.xml": content.encode()}))
    assert "Drill | ✓" in "\n".join(texts(pages_of(path)[0]))
