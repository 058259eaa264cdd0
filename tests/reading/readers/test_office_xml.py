"""office_xml: Office's single XML files were read as tags; they are documents and tables like the packages of today."""

from __future__ import annotations

import base64
from pathlib import Path

from helpers.archives import written
from helpers.read import all_text, failure_of, pages_of, texts

from qwen_batch.reading.parts.reader import sniff_mime

EXCEL = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{}</Workbook>'
)
WORD = (
    '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
    '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"'
    ' xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint"'
    ' xmlns:aml="http://schemas.microsoft.com/aml/2001/core"'
    ' xmlns:v="urn:schemas-microsoft-com:vml">{}</w:wordDocument>'
)
PKG = (
    '<?xml version="1.0" standalone="yes"?><?mso-application progid="Word.Document"?>'
    '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">{}'
    "</pkg:package>"
)


def cell(kind: str, value: str, more: str = "") -> str:
    return f'<Cell {more}><Data ss:Type="{kind}">{value}</Data></Cell>'


def test_a_workbook_of_2003_is_rows_of_cells(tmp_path: Path) -> None:
    rows = (
        f"<Row>{cell('String', 'Item')}{cell('String', 'EUR', 'ss:Index=' + chr(34) + '3' + chr(34))}</Row>"
        f'<Row ss:Index="3">{cell("String", "Turbine &amp; oil")}{cell("Number", "4")}{cell("Number", "7.5")}</Row>'
        f"<Row>{cell('DateTime', '2024-05-02T00:00:00.000')}{cell('Boolean', '1')}{cell('Error', '#N/A')}</Row>"
    )
    path = written(
        tmp_path / "a.xls", EXCEL.format(f'<Worksheet ss:Name="Stock"><Table>{rows}</Table></Worksheet>').encode()
    )
    said = texts(pages_of(path)[0])
    assert said[0] == "# Stock"
    assert "| Turbine & oil | 4 | 7.5 |" in said
    assert any("2024-05-02" in line and "#N/A" in line for line in said)


def test_a_document_of_2003_with_its_numbers_notes_and_changes(tmp_path: Path) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    item = f'<w:p><w:pPr><w:listPr><w:ilvl w:val="0"/><wx:t wx:val="2."/></w:listPr></w:pPr>{run.format("Rent")}</w:p>'
    note = f"<w:r><w:footnote><w:p>{run.format('net of tax')}</w:p></w:footnote></w:r>"
    gone = (
        '<aml:annotation aml:id="1" w:type="Word.Deletion"><aml:content><w:r><w:delText>GONE'
        "</w:delText></w:r></aml:content></aml:annotation>"
    )
    new = (
        f'<aml:annotation aml:id="2" w:type="Word.Insertion"><aml:content>{run.format(" NEW")}'
        f"</aml:content></aml:annotation>"
    )
    table = (
        f"<w:tbl><w:tr><w:tc><w:p>{run.format('a')}</w:p></w:tc><w:tc><w:p>{run.format('b')}"
        f"</w:p></w:tc></w:tr></w:tbl>"
    )
    body = (
        f"<w:body><wx:sect><wx:sub-section>{item}<w:p>{run.format('EUR 900')}{note}{gone}{new}"
        f"</w:p></wx:sub-section>{table}</wx:sect></w:body>"
    )
    path = written(tmp_path / "a.doc", WORD.format(body).encode())
    assert sniff_mime(path) == "application/msword+xml"
    said = all_text(path)
    assert "2. Rent" in said
    assert "EUR 900[^1] NEW" in said
    assert "net of tax" in said
    assert "| a | b |" in said
    assert "GONE" not in said


def part(name: str, inner: str, kind: str = "") -> str:
    stated = f' pkg:contentType="{kind}"' if kind else ""
    return f'<pkg:part pkg:name="{name}"{stated}>{inner}</pkg:part>'


def test_a_flat_package_is_read_like_a_zip_also_without_its_types(tmp_path: Path) -> None:
    document = (
        "<pkg:xmlData><w:document"
        ' xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r>"
        "<w:t>Loan of 40 chairs.</w:t></w:r></w:p></w:body></w:document></pkg:xmlData>"
    )
    picture = f"<pkg:binaryData>{base64.b64encode(b'no picture').decode()}</pkg:binaryData>"
    path = written(
        tmp_path / "a.xml",
        PKG.format(part("/word/document.xml", document) + part("/word/media/a.png", picture)).encode(),
    )
    assert all_text(path) == "Loan of 40 chairs."


def test_other_xml_stays_text_and_broken_files_are_damaged(tmp_path: Path) -> None:
    assert sniff_mime(written(tmp_path / "a.xml", b"<notes><package>x</package></notes>")) == "text/plain"
    assert failure_of(written(tmp_path / "b.xml", WORD.format("<w:body>").encode())).code == "damaged"
    assert failure_of(written(tmp_path / "c.xml", WORD.format("").encode())).code == "damaged"


STYLED = (
    '<Styles><Style ss:ID="Default"/><Style ss:ID="old"><Font ss:StrikeThrough="1"/></Style>'
    '<Style ss:ID="pale"><Font ss:Color="#FFFFFF"/></Style>'
    '<Style ss:ID="share"><NumberFormat ss:Format="0.0%"/></Style>'
    "</Styles>"
)


def test_looks_remarks_and_formulas_of_a_workbook_of_2003_were_lost(tmp_path: Path) -> None:
    rich = (
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">'
        "EUR 640<Sup>1</Sup> <S>12</S> 13</ss:Data>"
        '<Comment ss:Author="Ida"><ss:Data>agreed</ss:Data></Comment></Cell>'
    )
    style = 'ss:StyleID="{}"'.format
    rows = (
        f"<Row>{cell('String', 'Item')}{cell('String', 'EUR')}</Row>"
        f"<Row>{cell('String', 'Tax')}{cell('Number', '0.125')}</Row>"
        f"<Row>{cell('Number', '88', style('old'))}{cell('String', 'unseen', style('pale'))}</Row>"
        f'<Row>{rich}<Cell ss:Formula="=R[-1]C*2"/></Row>'
    )
    table = f'<Table><Column/><Column ss:StyleID="share"/>{rows}</Table>'
    book = EXCEL.format(f'{STYLED}<Worksheet ss:Name="Stock">{table}</Worksheet>')
    (page,) = pages_of(written(tmp_path / "a.xls", book.encode()))
    assert texts(page)[3:] == [
        "| Tax | 12.5% |",
        "| ~~88~~ |  |",
        "| EUR 640^1 ~~12~~ 13 | =R[-1]C*2 |",
        "[Comment on A4: Ida: agreed]",
    ]
    assert [(one.kind, one.text) for one in page.hidden] == [("white", "unseen")]
    assert any("formula" in warning for warning in page.warnings)


def test_remarks_and_heads_of_a_document_of_2003_were_lost(tmp_path: Path) -> None:
    words = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>".format
    content = f"<aml:content>{words('agreed')}</aml:content>"
    remark = f'<aml:annotation w:type="Word.Comment" aml:author="Ida">{content}</aml:annotation>'
    head = f'<w:sectPr><w:hdr w:type="odd">{words("Contract KV-2291")}</w:hdr></w:sectPr>'
    body = f"<w:body><w:p>{remark}<w:r><w:t>Rent 900</w:t></w:r></w:p>{head}</w:body>"
    (page,) = pages_of(written(tmp_path / "a.xml", WORD.format(body).encode()))
    assert texts(page) == ["Contract KV-2291", "Rent 900", "[Comment by Ida: agreed]"]
