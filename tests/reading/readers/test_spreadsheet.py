"""spreadsheet: each sheet with its name and header row, values as a person reads them."""

from __future__ import annotations

import datetime as dt
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from helpers.places import SHARED_DATA
from helpers.read import all_text, failure_of, of_kind, pages_of, texts
from PIL import Image

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import reader_for, sniff_mime
from qwen_batch.reading.readers.spreadsheet.xls import cell_text

MAX_SECONDS = 10
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
ODS_CONTENT = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Stock">\
<table:table-row table:number-rows-repeated="{rows}">\
<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string"><text:p>desk</text:p>\
</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, rows: int, columns: int, content: str = ODS_CONTENT) -> Path:
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", mime)
        archive.writestr("content.xml", content.replace("{rows}", str(rows)).replace("{columns}", str(columns)))
        entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{MANIFEST}">{entry}</manifest:manifest>',
        )
    return path


def made(path: Path, rows: str, *, styles: str = "", book: str = "", head: str = "", tail: str = "") -> Path:  # noqa: PLR0913 - parts of a file
    """A small xlsx file, by hand: what no program that writes tests would write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

    def relations(*targets: tuple[str, str]) -> str:
        items = "".join(
            f'<Relationship Id="r{number}" Type="{office}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, start=1)
        )
        return f'<Relationships xmlns="{packages}/relationships">{items}</Relationships>'

    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        f'<Override PartName="/w.xml" ContentType="{sheet_type}"/></Types>',
        "_rels/.rels": relations(("officeDocument", "w.xml")),
        "_rels/w.xml.rels": relations(("worksheet", "s.xml"), ("styles", "t.xml")),
        "w.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{book}'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "t.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
        "s.xml": f'<worksheet xmlns="{main}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
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
        (1e300, "1E+300"),
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


def test_a_stray_cell_far_out_does_not_refuse_the_workbook(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("Far")
        sheet.write(0, 0, "here")
        sheet.write(1_048_575, 16_383, "there")
    assert of_kind(pages_of(tmp_path / "a.xlsx")[0], "table")[-1] == "|  | there |"


def test_cells_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("Diagonal")
        for place in range(20):
            sheet.write(place, place, "x")
    failure = failure_of(tmp_path / "a.xlsx", ReadSettings(max_cells=399))
    assert failure.code == "too_large"
    assert "'Diagonal' spans 400 cells" in failure.message


def test_formats_without_values_do_not_count_as_cells(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("S")
        sheet.write(0, 0, "here")
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    assert texts(pages_of(tmp_path / "a.xlsx", ReadSettings(max_cells=10))[0])[1] == "| here |"


def test_open_document(tmp_path: Path) -> None:
    assert texts(pages_of(ods(tmp_path / "a", 2, 2))[0])[:2] == ["# Stock", "| desk | desk |"]
    assert failure_of(ods(tmp_path / "b", 1_048_576, 16_384)).code == "too_large"


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0.00%", 0.0425, "4.25%"),
        ("0%", 0.0425, "4% (0.0425)"),
        ("00000", 4109, "04109"),
        ("[$-407]#,##0.00 [$€-407]", 48500, "48,500.00 €"),
        ("mmm-yy", 45429, "May-24 (2024-05-17)"),
        (";;;", 7, ""),
    ],
)
def test_a_cell_shows_its_number_format(tmp_path: Path, code: str, value: float, text: str) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["x", value], book.add_format({"num_format": code}))
    (page,) = pages_of(tmp_path / "a.xlsx")
    assert text in of_kind(page, "table")[2] if text else of_kind(page, "table")[-1].count("7") == 0
    assert bool(page.hidden) == (not text)


def test_raised_lowered_and_struck_characters_are_set_off(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet, up, down = book.add_worksheet(), book.add_format({"font_script": 1}), book.add_format({"font_script": 2})
        struck = book.add_format({"font_strikeout": True})
        sheet.write_rich_string(0, 0, "1,200", up, "3", " EUR")
        sheet.write_rich_string(0, 1, "H", down, "2", "O and 1", up, "st")
        sheet.write_rich_string(0, 2, struck, "14", " 30 days")
        sheet.write(1, 0, 640, struck)
    assert of_kind(pages_of(tmp_path / "a.xlsx")[0], "table") == [
        "| 1,200^3 EUR | H_2O and 1st | ~~14~~ 30 days |",
        "| --- | --- | --- |",
        "| ~~640~~ |  |  |",
    ]


def test_hidden_rows_and_columns_are_kept_apart(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(3):
            sheet.write_row(row, 0, [f"a{row}", f"b{row}", f"c{row}"])
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_row(1, None, None, {"hidden": True})
    (page,) = pages_of(tmp_path / "a.xlsx")
    assert of_kind(page, "table") == ["| a0 | c0 |", "| --- | --- |", "| a2 | c2 |"]
    assert [(piece.kind, piece.text) for piece in page.hidden] == [("row", "a1 | b1 | c1"), ("column", "b0\nb2")]


def test_a_hidden_sheet_is_a_heading_and_its_cells_are_kept_apart(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Shown").write(0, 0, "offer")
        secret = book.add_worksheet("Secret")
        secret.write_row(0, 0, ["margin", 40])
        secret.write_comment("A1", "careful")
        secret.very_hidden()
    page = pages_of(tmp_path / "a.xlsx")[1]
    assert texts(page) == ["# Secret (hidden sheet)"]
    assert [piece.text for piece in page.hidden] == ["margin | 40", "[Comment on A1: careful]"]


def test_a_merged_cell_in_a_hidden_column_shows_its_text(tmp_path: Path) -> None:
    first = '<row r="1"><c r="A1" t="str"><v>Title</v></c><c r="B1"><v>5</v></c></row>'
    rows = f'{first}<row r="2"><c r="C2"><v>9</v></c></row>'
    head = '<cols><col min="1" max="1" hidden="1"/></cols>'
    path = made(tmp_path / "a", rows, head=head, tail='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>')
    (page,) = pages_of(path)
    assert "Title" in all_text(path)
    assert [(piece.kind, piece.text) for piece in page.hidden] == [("covered", "5")]


def test_white_letters_on_white_are_kept_apart(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet, white = book.add_worksheet(), book.add_format({"font_color": "#FFFFFF"})
        sheet.write_row(0, 0, ["margin", 40], white)
        sheet.write_row(1, 0, ["offer", 50], book.add_format({"font_color": "#FFFFFF", "bg_color": "#003366"}))
        table = book.add_worksheet()
        table.write(0, 0, "head", white)
        table.add_table(0, 0, 1, 0)
    first, second = pages_of(tmp_path / "a.xlsx")
    assert of_kind(first, "table")[0] == "| offer | 50 |"
    assert [(piece.kind, piece.text) for piece in first.hidden] == [("white", "margin"), ("white", "40")]
    assert not second.hidden


def test_formulas_without_a_value_are_shown_with_a_warning(tmp_path: Path) -> None:
    empty = '<c t="str"><f>X()</f><v></v></c>'
    rows = f'<row><c t="str"><v>Sum</v></c><c><f>B2*C2</f></c><c><f>A1&amp;"x"</f><v></v></c>{empty}</row>'
    (page,) = pages_of(made(tmp_path / "a", rows))
    assert of_kind(page, "table")[0] == '| Sum | =B2*C2 | =A1&"x" |'
    assert page.warnings[0].startswith("2 formulas without a stored value on this sheet")


def test_zeros_that_a_program_wrote_for_all_formulas_are_no_values(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [2, 3])
        sheet.write_formula(0, 2, "=A1*B1")
    (page,) = pages_of(tmp_path / "a.xlsx")
    assert of_kind(page, "table")[0] == "| 2 | 3 | =A1*B1 |"
    assert page.warnings


def test_a_thread_of_remarks_reads_without_its_advice(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        link = "https://go.microsoft.com/fwlink/?linkid=870924"
        advice = f"[Threaded comment]\n\nYour version of Excel allows. Learn more: {link}\n\n"
        sheet.write_comment("A1", f"{advice}Comment:\n    Rate agreed", {"author": "tc={1}"})
    assert "[Comment on A1: Rate agreed]" in texts(pages_of(tmp_path / "a.xlsx")[0])


def test_check_boxes_stand_beside_their_labels(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write_comment("A1", "y")
    label = "<v:textbox><div>I <b>agree</b></div></v:textbox>"
    box = f'<v:shape>{label}<x:ClientData ObjectType="{{}}">{{}}</x:ClientData></v:shape>'
    drawing = box.format("Checkbox", "<x:Checked>1</x:Checked>") + box.format("Radio", "")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, f"<xml>{drawing}</xml>" if name.endswith(".vml") else old.read(name))
    assert texts(pages_of(tmp_path / "b.xlsx")[0])[-2:] == ["[x] I agree", "( ) I agree"]


def test_prefixes_single_quotes_and_cells_without_a_place(tmp_path: Path) -> None:
    first = "<row r='2'><c r='B2' t='inlineStr'><is><t>a &amp; b</t></is></c><c><v>7</v></c></row>"
    rows = f"{first}<row><c t='b'><v>1</v></c></row>"
    assert of_kind(pages_of(made(tmp_path / "a", rows))[0], "table") == [
        "|  | a & b | 7 |",
        "| --- | --- | --- |",
        "| TRUE |  |  |",
    ]


def test_a_sheet_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    path = made(tmp_path / "a", "<row><c><v>1</v></c></row>")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["s.xml"] = parts["s.xml"][:-40]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert failure_of(path).code == "damaged"


def test_cells_that_are_never_closed_take_no_long_time(tmp_path: Path) -> None:
    start = time.process_time()
    (page,) = pages_of(made(tmp_path / "a", "<c r='A1'><v>1" * 100_000 + "<c r='B1'><v>7</v></c>"))
    assert of_kind(page, "table")[0] == "| 7 |"
    assert time.process_time() - start < MAX_SECONDS


def test_days_of_1904_and_before_1900(tmp_path: Path) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    rows = '<row><c s="1"><v>0</v></c><c s="1"><v>43893</v></c><c s="1"><v>-3</v></c></row>'
    early = of_kind(pages_of(made(tmp_path / "a", rows, styles=styles))[0], "table")[0]
    assert early == "| 1900-01-00 | 2020-03-03 | #### (-3) |"
    late = of_kind(pages_of(made(tmp_path / "b", rows, styles=styles, book='<workbookPr date1904="1"/>'))[0], "table")[
        0
    ]
    assert late == "| 1904-01-01 | 2024-03-04 | #### (-3) |"


def test_a_sheet_that_is_a_picture_is_recognised(tmp_path: Path) -> None:
    Image.new("RGB", (900, 700), "white").save(tmp_path / "scan.png")
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Words").write(0, 0, "x")
        book.add_worksheet("Scan").insert_image(0, 0, tmp_path / "scan.png")
        both = book.add_worksheet("Both")
        both.write(0, 0, "x")
        both.insert_image(3, 3, tmp_path / "scan.png")
    pages = pages_of(tmp_path / "a.xlsx")
    assert [page.needs_ocr for page in pages] == [None, "image", None]
    assert "picture" in pages[2].warnings[0]
    path = tmp_path / "a.xlsx"
    image = reader_for(sniff_mime(path)).render(path, 2, 300, ReadSettings())
    assert image.width * 7 == image.height * 9


def test_heads_and_feet_of_printed_pages_keep_their_words(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.set_header('&L&"Arial,Bold"&12Order KV-2291&RPage &P of &N')
        sheet.set_footer("&CPage &P")
    (page,) = pages_of(tmp_path / "a.xlsx")
    assert of_kind(page, "header") == ["Order KV-2291"]
    assert not of_kind(page, "footer")


def test_a_value_that_is_missing_in_a_chart_shifts_no_other(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("S")
        sheet.write_column(0, 0, ["May", "June", "July"])
        sheet.write_column(0, 1, [5, None, 7])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"name": "kWh", "categories": "=S!$A$1:$A$3", "values": "=S!$B$1:$B$3"})
        sheet.insert_chart("E1", chart)
    assert texts(pages_of(tmp_path / "a.xlsx")[0])[-4:] == [
        "| --- | --- |",
        "| May | 5 |",
        "| June |  |",
        "| July | 7 |",
    ]


ODS_SHOWN = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:fo:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:automatic-styles>
<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="gone" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/>
</style:style><style:style style:name="hide" style:family="table"><style:table-properties table:display="false"/>
</style:style></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="S">
<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/><table:table-row>
<table:table-cell office:value-type="string"><text:p>10<text:span text:style-name="up">4</text:span> Pa</text:p>
</table:table-cell><table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>
<table:table-cell table:style-name="gone" office:value-type="float" office:value="640"><text:p>640</text:p>
</table:table-cell><table:table-cell office:value-type="percentage" office:value="0.0425"><text:p>4 %</text:p>
</table:table-cell><table:table-cell office:value-type="percentage" office:value="0.0425"><text:p>4,25 %</text:p>
</table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-05-17"><text:p>Mai 24</text:p>
</table:table-cell><table:table-cell office:value-type="currency" office:currency="EUR" office:value="1234.5">
<text:p>1.234,50 EUR</text:p></table:table-cell></table:table-row><table:table-row table:visibility="filter">
<table:table-cell office:value-type="string"><text:p>old</text:p></table:table-cell></table:table-row></table:table>
<table:table table:name="T" table:style-name="hide"><table:table-row><table:table-cell office:value-type="string">
<text:p>margin</text:p></table:table-cell></table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>"""


def test_open_document_reads_as_it_is_shown(tmp_path: Path) -> None:
    shown, hidden = pages_of(ods(tmp_path / "a", 1, 1, ODS_SHOWN))
    assert of_kind(shown, "table")[0] == (
        "| 10^4 Pa | ~~640~~ | 4 % (0.0425) | 4,25 % | Mai 24 (2024-05-17) | 1.234,50 EUR |"
    )
    assert [(piece.kind, piece.text) for piece in shown.hidden] == [("row", "old"), ("column", "1")]
    assert texts(hidden) == ["# T (hidden sheet)"]
    assert [piece.text for piece in hidden.hidden] == ["margin"]


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real documents at {SHARED_DATA}")
def test_real_workbooks() -> None:
    docling, unstructured = SHARED_DATA / "docling" / "xlsx" / "sources", SHARED_DATA / "unstructured"
    sheets = pages_of(unstructured / "2023-half-year-analyses-by-segment.xlsx")
    assert len(sheets) == 5
    assert texts(sheets[0])[:2] == ["# OS-Rev.and results 30 06 2023", "3. Analyses by segment"]
    assert "| Widget A | 2024-01-01 | 5 | 5000 |" in all_text(docling / "xlsx_02_sample_sales_data.xlsm")
    assert "# Sheet4 (hidden sheet)" in all_text(docling / "xlsx_04_inflated.xlsx")
    assert "| Team | Location | Stanley Cups |" in all_text(unstructured / "stanley-cups.xlsx")


ODS_MORE = """<?xml version="1.0"?><office:document-content xmlns:office="urn:office" xmlns:table="urn:table"
 xmlns:text="urn:text" xmlns:style="urn:style" xmlns:fo="urn:fo" xmlns:draw="urn:draw" xmlns:xlink="urn:xlink">
<office:automatic-styles><style:style style:name="w" style:family="table-cell"><style:text-properties
 fo:color="#ffffff"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:table
 table:name="Stock">{more}<table:table-row><table:table-cell office:value-type="string"><text:p>desk</text:p>
</table:table-cell><table:table-cell table:style-name="w" office:value-type="string"><text:p>margin</text:p>
</table:table-cell><table:table-cell office:value-type="float" office:value="77"><text:p/></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def test_white_cells_and_formats_that_show_nothing_were_read_in_open_document(tmp_path: Path) -> None:
    (page,) = pages_of(ods(tmp_path / "a", 1, 1, ODS_MORE.replace("{more}", "")))
    assert texts(page) == ["# Stock", "| desk |", "| --- |"]
    assert [(piece.kind, piece.text) for piece in page.hidden] == [("white", "margin"), ("transparent", "77")]


def test_charts_and_printed_heads_of_open_document_were_not_read(tmp_path: Path) -> None:
    shapes = '<table:shapes><draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></table:shapes>'
    path = ods(tmp_path / "a", 1, 1, ODS_MORE.replace("{more}", shapes))
    chart = """<d xmlns:chart="urn:chart" xmlns:table="urn:table" xmlns:text="urn:text"><chart:chart><chart:title>
<text:p>Rates</text:p></chart:title><chart:plot-area/><table:table><table:table-row><table:table-cell><text:p>Jan
</text:p></table:table-cell><table:table-cell><text:p>5</text:p></table:table-cell></table:table-row></table:table>
</chart:chart></d>"""
    master = """<d xmlns:o="urn:o" xmlns:style="urn:style" xmlns:text="urn:text"><o:master-styles><style:master-page
 style:name="Default"><style:header><text:p>Lot 5 of Orla</text:p></style:header><style:footer><text:p>Page
 <text:page-number>1</text:page-number></text:p></style:footer></style:master-page></o:master-styles></d>"""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("Object 1/content.xml", chart)
        archive.writestr("styles.xml", master)
    (page,) = pages_of(path)
    assert "Chart: Rates" in texts(page)
    assert (of_kind(page, "header"), of_kind(page, "footer")) == (["Lot 5 of Orla"], [])


def test_letters_in_the_colour_of_their_cell_and_tiny_ones_were_read(tmp_path: Path) -> None:
    blue = '<color rgb="FF000080"/>'
    styles = (
        f'<fonts><font/><font>{blue}</font><font><sz val="1"/></font></fonts><fills><fill><patternFill/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FF000080"/></patternFill></fill></fills>'
        '<cellXfs><xf/><xf fontId="1" fillId="1"/><xf fontId="2"/><xf fontId="1"/></cellXfs>'
    )
    cells = "".join(
        f'<c r="{column}1" s="{style}" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, style, text in (("A", 0, "desk"), ("B", 1, "margin"), ("C", 2, "tiny"), ("D", 3, "blue"))
    )
    page = pages_of(made(tmp_path / "a", f'<row r="1">{cells}</row>', styles=styles))[0]
    assert of_kind(page, "table")[0] == "| desk | blue |"
    assert [(piece.kind, piece.text) for piece in page.hidden] == [("white", "margin"), ("tiny", "tiny")]


def test_pictures_behind_sheets_in_cells_and_in_heads_were_lost_without_a_word(tmp_path: Path) -> None:
    Image.effect_noise((600, 500), 50).save(tmp_path / "a.png")
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("behind", "cell", "head"):
            book.add_worksheet(name).write(0, 0, "Receipt")
        behind, cell, head = book.worksheets()
        behind.set_background(str(tmp_path / "a.png"))
        cell.embed_image(1, 1, str(tmp_path / "a.png"))
        head.set_header("&L&G", {"image_left": str(tmp_path / "a.png")})
    pages = pages_of(tmp_path / "a.xlsx")
    assert [any("picture" in warning for warning in page.warnings) for page in pages] == [True] * 3
    assert "[picture]" in "".join(texts(pages[1]))
    assert "#VALUE!" not in all_text(tmp_path / "a.xlsx")


def test_formulas_of_an_ods_with_a_kind_and_no_value_were_blank(tmp_path: Path) -> None:
    formula = '<table:table-cell table:formula="of:=1+1" office:value-type="float"/></table:table-row>'
    path = ods(tmp_path / "a.ods", 1, 1, ODS_CONTENT.replace("</table:table-row>", formula))
    (page,) = pages_of(path)
    assert "=1+1" in "".join(texts(page))
    assert any("formula" in warning for warning in page.warnings)


def test_formulas_and_hidden_rows_stand_behind_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "sums.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sums")
        sheet.write_row(0, 0, ["Item", "Amount"])
        sheet.write_row(1, 0, ["a", 2])
        sheet.write_row(2, 0, ["b", 3])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.write(3, 0, "Total")
        sheet.write_formula(3, 1, "=SUM(B2:B3)", None, 5)
    (page,) = pages_of(path)
    assert [(one.cell, one.formula, one.hidden) for one in page.behind] == [
        ("Sums!B4", "SUM(B2:B3)", ""),
        ("Sums!A3", "", "b"),
        ("Sums!B3", "", "3"),
    ]
    assert "| b |" not in all_text(path)


def test_the_formula_of_an_ods_cell_is_written_as_excel_does(tmp_path: Path) -> None:
    cell = 'office:value-type="float" office:value="5" table:formula="of:=SUM([.B2:.B3])*[.C1]"'
    content = ODS_CONTENT.replace('office:value-type="string"><text:p>desk', f"{cell}><text:p>5").replace(
        'table:number-columns-repeated="{columns}" ', ""
    )
    (page,) = pages_of(ods(tmp_path / "sums.ods", 1, 1, content))
    assert [(one.cell, one.formula) for one in page.behind] == [("Stock!A1", "SUM(B2:B3)*C1")]
