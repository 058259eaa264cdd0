"""spreadsheet: each sheet with its name and header row, values as a person reads them."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from helpers.places import SHARED_DATA
from helpers.read import all_text, failure_of, of_kind, pages_of, texts

from qwen_batch.config import ReadSettings
from qwen_batch.reading.readers.spreadsheet import cell_text

MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
ODS_CONTENT = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Stock">\
<table:table-row table:number-rows-repeated="{rows}">\
<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string"><text:p>desk</text:p>\
</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, rows: int, columns: int) -> Path:
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", mime)
        archive.writestr("content.xml", ODS_CONTENT.format(rows=rows, columns=columns))
        entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{MANIFEST}">{entry}</manifest:manifest>',
        )
    return path


def test_every_sheet_with_its_name_and_header_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.txt") as book:
        sales, secret, _ = book.add_worksheet("Sales"), book.add_worksheet("Secret"), book.add_worksheet("Empty")
        sales.merge_range(1, 1, 1, 3, "Sales in 2024")
        sales.write_row(3, 1, ["Region", "Amount"])
        sales.write_row(5, 1, ["East", 5])
        secret.write_row(0, 0, ["a", "b"])
        secret.hide()
    first, second, third = pages_of(tmp_path / "a.txt")
    assert texts(first) == ["# Sales", "Sales in 2024", "| Region | Amount |", "| --- | --- |", "| East | 5 |"]
    assert of_kind(first, "table") == texts(first)[1:]
    assert texts(second)[0] == "# Secret (hidden sheet)"
    assert texts(third) == ["# Empty"]


def test_values_read_as_excel_shows_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        day, hours = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "[h]:mm:ss"})
        sheet.write_row(0, 0, ["Day", "Hours", "Sum", "Error", "Ok"])
        sheet.write_datetime(1, 0, dt.date(2024, 5, 1), day)
        sheet.write_number(1, 1, 1.5, hours)
        sheet.write_formula(1, 2, "=0.1+0.2", None, 0.1 + 0.2)
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.write_boolean(1, 4, boolean=True)
    assert of_kind(pages_of(tmp_path / "a.xlsx")[0], "table")[2] == "| 2024-05-01 | 36:00:00 | 0.3 | #DIV/0! | TRUE |"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-0.25, "-0.25"),
        (1e300, "1e+300"),
        (False, "FALSE"),
        (dt.datetime.fromisoformat("2024-05-01T13:05"), "2024-05-01 13:05:00"),
        (dt.time(12, 30), "12:30:00"),
        (dt.timedelta(hours=-30, minutes=-5), "-30:05:00"),
        ("x", "x"),
    ],
)
def test_cell_values(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_remarks_text_boxes_and_charts_are_not_lost(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("S")
        sheet.write_column(0, 0, ["Amount", 1, 2])
        sheet.write_comment("A2", "estimated", {"author": "Ann"})
        sheet.insert_textbox("C1", "in the box")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=S!$A$2:$A$3"})
        chart.set_title({"name": "Growth"})
        sheet.insert_chart("C9", chart)
    text = all_text(tmp_path / "a.xlsx")
    assert all(part in text for part in ("[Comment on A2 by Ann: estimated]", "in the box", "Growth"))


def test_cells_in_two_corners_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("Far")
        sheet.write(0, 0, "here")
        sheet.write(1_048_575, 16_383, "there")
    failure = failure_of(tmp_path / "a.xlsx")
    assert failure.code == "too_large"
    assert "'Far' spans 17,179,869,184 cells" in failure.message


def test_formats_without_values_do_not_count_as_cells(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("S")
        sheet.write(0, 0, "here")
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    assert texts(pages_of(tmp_path / "a.xlsx", ReadSettings(max_cells=10))[0])[1] == "| here |"


def test_open_document(tmp_path: Path) -> None:
    assert texts(pages_of(ods(tmp_path / "a", 2, 2))[0])[:2] == ["# Stock", "| desk | desk |"]
    assert failure_of(ods(tmp_path / "b", 1_048_576, 16_384)).code == "too_large"


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real documents at {SHARED_DATA}")
def test_real_workbooks() -> None:
    docling, unstructured = SHARED_DATA / "docling" / "xlsx" / "sources", SHARED_DATA / "unstructured"
    sheets = pages_of(unstructured / "2023-half-year-analyses-by-segment.xlsx")
    assert len(sheets) == 5
    assert texts(sheets[0])[:2] == ["# OS-Rev.and results 30 06 2023", "3. Analyses by segment"]
    assert "| Widget A | 2024-01-01 | 5 | 5000 |" in all_text(docling / "xlsx_02_sample_sales_data.xlsm")
    assert "# Sheet4 (hidden sheet)" in all_text(docling / "xlsx_04_inflated.xlsx")
    assert "| Team | Location | Stanley Cups |" in all_text(unstructured / "stanley-cups.xlsx")
