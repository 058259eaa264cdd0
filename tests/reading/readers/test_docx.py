"""docx: text in Word's order and under Word's numbers, pages and furniture as Word shows them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from helpers.places import SHARED_DATA
from helpers.read import SETTINGS, all_text, failure_of, of_kind, pages_of, texts
from PIL import Image

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import reader_for, sniff_mime
from qwen_batch.records import HiddenText

W = nsdecls("w")


def saved(document: DocumentObject, tmp_path: Path, name: str = "a.docx") -> Path:
    document.save(str(tmp_path / name))
    return tmp_path / name


def add_xml(document: DocumentObject, xml: str) -> None:
    document.element.body.insert_element_before(parse_xml(xml), "w:sectPr")


def paragraph_xml(inner: str, properties: str = "") -> str:
    return f"<w:p {W}><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def run_xml(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for item, data in parts.items():
            archive.writestr(item, change(data))


def with_part(path: Path, name: str, xml: str, relation: str, relation_id: str = "rId99") -> Path:
    """The file with one more part that the document refers to."""
    with zipfile.ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{relation}"
    line = f'<Relationship Id="{relation_id}" Type="{kind}" Target="{name}"/>'
    rels = "word/_rels/document.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", line.encode() + b"</Relationships>")
    parts[f"word/{name}"] = xml.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for item, data in parts.items():
            archive.writestr(item, data)
    return path


def test_blocks_in_order(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Lease", 0)
    document.add_heading("Parties", 1)
    document.add_paragraph("The landlord and\nthe tenant agree.")
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ["Rent", "Due", "500|1", "5th"], strict=True
    ):
        cell.text = text
    document.add_paragraph("After the table.")
    (page,) = pages_of(saved(document, tmp_path, "lying.pdf"))
    assert [line.text for line in page.lines] == [
        "# Lease",
        "",
        "# Parties",
        "",
        "The landlord and",
        "the tenant agree.",
        "",
        "- first",
        "- second",
        "",
        "| Rent | Due |",
        "| --- | --- |",
        r"| 500\|1 | 5th |",
        "",
        "After the table.",
    ]
    assert of_kind(page, "table") == [line.text for line in page.lines[10:13]]


def test_clauses_have_the_numbers_that_word_shows(tmp_path: Path) -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for index, (form, text) in enumerate([("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")])
    )
    document = Document()
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in [
        (0, "Rent"),
        (1, "Amount"),
        (2, "net"),
        (2, "gross"),
        (1, "Due date"),
        (0, "Term"),
        (1, "Start"),
    ]:
        number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'
        add_xml(document, paragraph_xml(run_xml(text), number))
    (page,) = pages_of(saved(document, tmp_path))
    assert [text.strip() for text in texts(page)] == [
        "1. Rent",
        "1.1 Amount",
        "(a) net",
        "(b) gross",
        "1.2 Due date",
        "2. Term",
        "2.1 Start",
    ]


def test_pages_break_where_word_breaks_them(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("one").add_run().add_break(WD_BREAK.PAGE)
    # Word writes where it broke the page when it last showed it, also behind a break that was asked for.
    add_xml(document, paragraph_xml(f"<w:r><w:lastRenderedPageBreak/></w:r>{run_xml('two runs')}"))
    add_xml(
        document, paragraph_xml(f"{run_xml('over to')}<w:r><w:lastRenderedPageBreak/></w:r>{run_xml('the next page')}")
    )
    add_xml(document, paragraph_xml(run_xml("three"), "<w:pageBreakBefore/>"))
    pages = pages_of(saved(document, tmp_path))
    assert [texts(page) for page in pages] == [["one"], ["two runs", "over to"], ["the next page"], ["three"]]
    assert pages[2].lines[0].text == "the next page"  # no empty line: the sentence goes on


def test_too_many_pages(tmp_path: Path) -> None:
    document = Document()
    for _ in range(5):
        document.add_page_break()
    assert failure_of(saved(document, tmp_path), ReadSettings(max_pages=3)).code == "too_many_pages"


def test_headers_and_footers_stand_on_their_pages(tmp_path: Path) -> None:
    document = Document()
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "Cover"
    section.header.paragraphs[0].text = "Lease 4711"
    section.footer.paragraphs[0].text = "Confidential"
    document.add_paragraph("one").add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph("two")
    first, second = pages_of(saved(document, tmp_path))
    assert (of_kind(first, "header"), of_kind(first, "footer")) == (["Cover"], [])
    assert (of_kind(second, "header"), of_kind(second, "footer")) == (["Lease 4711"], ["Confidential"])
    assert (second.lines[0].text, second.lines[-1].text) == ("Lease 4711", "Confidential")


def test_tracked_changes_are_read_as_accepted(tmp_path: Path) -> None:
    document = Document()
    deleted = '<w:del w:id="1" w:author="A"><w:r><w:delText>500</w:delText></w:r></w:del>'
    inserted = f'<w:ins w:id="2" w:author="A">{run_xml("600")}</w:ins>'
    add_xml(document, paragraph_xml(f"{run_xml('The rent is ')}{deleted}{inserted}{run_xml(' euros.')}"))
    assert texts(pages_of(saved(document, tmp_path))[0]) == ["The rent is 600 euros."]


def test_links_controls_fields_and_symbols_are_text(tmp_path: Path) -> None:
    document = Document()
    link = f"<w:hyperlink>{run_xml('the terms')}</w:hyperlink>"
    control = (
        f"<w:sdt><w:sdtPr><w:alias w:val='no'/></w:sdtPr><w:sdtContent>{run_xml(' chosen')}</w:sdtContent></w:sdt>"
    )
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    code = f"{begin}<w:r><w:instrText> REF x </w:instrText></w:r>{separate}{run_xml(' see 5')}{end}"
    symbol = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r><w:r><w:noBreakHyphen/><w:tab/></w:r>'
    add_xml(document, paragraph_xml(link + control + code + symbol + run_xml("end")))
    assert texts(pages_of(saved(document, tmp_path))[0]) == ["the terms chosen see 5☒- end"]


def test_hidden_text_is_kept_apart(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("shown ").add_run("hidden").font.hidden = True
    (page,) = pages_of(saved(document, tmp_path))
    assert texts(page) == ["shown"]
    assert page.hidden == (HiddenText("run", "hidden"),)


def test_text_box_and_its_copy_for_old_programs_are_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent><w:p>{run_xml('in the box')}</w:p></w:txbxContent>"
    drawing = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    document = Document()
    add_xml(document, paragraph_xml(f"{run_xml('beside it')}<w:r>{drawing}</w:r>"))
    assert texts(pages_of(saved(document, tmp_path))[0]) == ["beside it", "in the box"]


def test_notes_and_comments_follow_their_paragraph(tmp_path: Path) -> None:
    document = Document()
    add_xml(
        document, paragraph_xml(f'{run_xml("Rent")}<w:r><w:footnoteReference w:id="2"/></w:r>{run_xml(" is due.")}')
    )
    document.add_comment(document.add_paragraph("Clause").runs, text="please check", author="Ann")
    note = f'<w:footnotes {W}><w:footnote w:id="2"><w:p>{run_xml("Without heating.")}</w:p></w:footnote></w:footnotes>'
    path = with_part(saved(document, tmp_path), "footnotes.xml", note, "footnotes")
    assert texts(pages_of(path)[0]) == [
        "Rent[^1] is due.",
        "[^1]: Without heating.",
        "Clause",
        "[Comment by Ann: please check]",
    ]


def test_merged_and_nested_cells(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(0, 2).text = "right"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
    table.cell(1, 1).text = "b"
    inner = table.cell(2, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "x", "y"
    table.cell(2, 2).text = "c"
    assert of_kind(pages_of(saved(document, tmp_path))[0], "table") == [
        "| wide |  | right |",
        "| --- | --- | --- |",
        "| tall | b |  |",
        "|  | x, y | c |",
    ]


def test_table_of_one_column_is_a_frame(tmp_path: Path) -> None:
    document = Document()
    document.add_table(1, 1).cell(0, 0).text = "framed text"
    (page,) = pages_of(saved(document, tmp_path))
    assert (texts(page), of_kind(page, "table")) == (["framed text"], [])


def test_a_billion_laughs_are_refused(tmp_path: Path) -> None:
    path = saved(Document(), tmp_path)
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    with zipfile.ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    body = f"<w:document {W}><w:body><w:p><w:r><w:t>before &l11;</w:t></w:r></w:p></w:body></w:document>"
    parts["word/document.xml"] = f'<!DOCTYPE d [<!ENTITY l0 "ha">{entities}]>{body}'.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for item, data in parts.items():
            archive.writestr(item, data)
    failure = failure_of(path)
    assert failure.code == "damaged"
    assert "amplification" in failure.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"openxmlformats-officedocument.wordprocessingml.document.main", b"ms-word.document.macroEnabled.main"),
        (
            b"openxmlformats-officedocument.wordprocessingml.document.main",
            b"ms-word.template.macroEnabledTemplate.main",
        ),
        (
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        (b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"),
    ],
    ids=["docm", "dotm", "strict text", "strict relations"],
)
def test_other_variants_of_the_format(tmp_path: Path, old: bytes, new: bytes) -> None:
    document = Document()
    document.add_heading("Terms", 1)
    document.sections[0].header.paragraphs[0].text = "Lease"
    path = saved(document, tmp_path)
    rewritten(path, lambda data: data.replace(old, new))
    (page,) = pages_of(path)
    assert (texts(page), of_kind(page, "header")) == (["Lease", "# Terms"], ["Lease"])


def test_html_within_the_text_is_read(tmp_path: Path) -> None:
    document = Document()
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    add_xml(document, f'<w:altChunk {W} xmlns:r="{relations}" r:id="rId77"/>')
    path = with_part(saved(document, tmp_path), "chunk.html", "<html><p>from HTML</p></html>", "aFChunk", "rId77")
    assert texts(pages_of(path)[0]) == ["from HTML"]


def test_scans_pasted_into_word_are_pages_that_need_ocr(tmp_path: Path) -> None:
    document = Document()
    for shade in (0, 255):
        picture = io.BytesIO()
        Image.new("L", (850, 1100), shade).save(picture, "PNG")
        document.add_picture(picture)
    path = saved(document, tmp_path)
    assert [(page.number, page.needs_ocr) for page in pages_of(path)] == [(1, "image"), (2, "image")]
    shades = [reader_for(sniff_mime(path)).render(path, page, 100, SETTINGS).getpixel((5, 5)) for page in (1, 2)]
    assert shades == [0, 255]


def test_large_picture_beside_text_is_a_warning(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("See the plan:")
    for size in ((850, 1100), (100, 40)):
        picture = io.BytesIO()
        Image.new("L", size).save(picture, "PNG")
        document.add_picture(picture)
    (page,) = pages_of(saved(document, tmp_path))
    assert (texts(page), page.needs_ocr, len(page.warnings)) == (["See the plan:"], None, 1)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real documents at {SHARED_DATA}")
def test_real_files() -> None:
    unstructured, docling = SHARED_DATA / "unstructured", SHARED_DATA / "docling" / "docx" / "sources"
    first, second = pages_of(docling / "docx_page_header_footer_first_page.docx")
    assert of_kind(first, "header") == ["FIRST PAGE HEADER (page 1 only)"]
    assert of_kind(second, "footer") == ["REGULAR FOOTER (page 2 onward)"]
    assert "### 1.2.1. Section 1.2.3" in all_text(docling / "unit_test_headers_numbered.docx")
    assert "| d | e, f; g&t, h | i |" in all_text(unstructured / "docx-tables.docx")
    assert of_kind(pages_of(unstructured / "docx-hdrftr.docx")[0], "header")[0] == "First header para"
    hebrew = next((SHARED_DATA / "docubench" / "documents").glob("*.docx"))
    assert "| לקוחות | 3420 | 2890 |" in all_text(hebrew)
