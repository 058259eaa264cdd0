"""docx: what Word shows, and what it does not: styles, changes, fields, notes, numbers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from helpers.read import all_text, of_kind, pages_of, texts

from qwen_batch.records import HiddenText, Page

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
STYLES = (
    '<w:style w:type="character" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Deeper"><w:basedOn w:val="Secret"/></w:style>'
    '<w:style w:type="character" w:styleId="Mark"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Out"><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Clause"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
)


def docx(tmp_path: Path, body: str, parts: dict[str, str] | None = None, name: str = "a.docx") -> Path:
    """A Word file of a body and other parts, by the names of their relations."""
    parts = {"styles": f"<w:styles {W}>{STYLES}</w:styles>"} | (parts or {})
    relations = "".join(
        f'<Relationship Id="r{kind}" Type="{OFFICE}/{kind.split("-")[0]}" Target="{kind}.xml"/>' for kind in parts
    )
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(tmp_path / name, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{TYPE}"/></Types>',
        )
        main = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
        file.writestr("_rels/.rels", f'<Relationships xmlns="{rels}">{main}</Relationships>')
        file.writestr("word/document.xml", f"<w:document {W} {R}><w:body>{body}</w:body></w:document>")
        file.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{rels}">{relations}</Relationships>')
        for kind, xml in parts.items():
            file.writestr(f"word/{kind}.xml", xml)
    return tmp_path / name


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def page_of(tmp_path: Path, body: str, parts: dict[str, str] | None = None) -> Page:
    (page,) = pages_of(docx(tmp_path, body, parts))
    return page


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ('<w:vertAlign w:val="superscript"/>', "1,200^3 EUR"),
        ('<w:rStyle w:val="Mark"/>', "1,200^3 EUR"),
        ('<w:position w:val="6"/>', "1,200^3 EUR"),
        ('<w:rStyle w:val="Mark"/><w:vertAlign w:val="baseline"/>', "1,2003 EUR"),
        ('<w:vertAlign w:val="subscript"/>', "1,200_3 EUR"),
        ("<w:strike/>", "1,200~~3~~ EUR"),
        ("<w:dstrike/>", "1,200~~3~~ EUR"),
        ('<w:rStyle w:val="Out"/>', "1,200~~3~~ EUR"),
        ('<w:rStyle w:val="Secret"/>', "1,200 EUR"),
        ('<w:rStyle w:val="Deeper"/>', "1,200 EUR"),
        ('<w:rStyle w:val="Secret"/><w:vanish w:val="0"/>', "1,2003 EUR"),
    ],
)
def test_looks_come_from_styles_too(tmp_path: Path, properties: str, text: str) -> None:
    assert texts(page_of(tmp_path, p(r("1,200"), r("3", properties), r(" EUR")))) == [text]


def test_paragraph_that_its_style_hides(tmp_path: Path) -> None:
    page = page_of(tmp_path, p(r("shown")) + p(r("draft"), properties='<w:pStyle w:val="Gone"/>'))
    assert texts(page) == ["shown"]
    assert page.hidden == (HiddenText("run", "draft"),)


def test_deleted_and_hidden_rows_of_inner_tables_too(tmp_path: Path) -> None:
    inner = "<w:tbl>" + tr(p(r("in"))) + tr(p(r("GONE")), properties="<w:del/>") + "</w:tbl>"
    rows = tr(p(r("a")), p(r("b"))) + tr(inner, p(r("c"))) + tr(p(r("x")), p(r("y")), properties="<w:hidden/>")
    page = page_of(tmp_path, f"<w:tbl>{rows}</w:tbl>")
    assert texts(page) == ["| a | b |", "| --- | --- |", "| in | c |"]
    assert set(page.hidden) == {HiddenText("deleted", "GONE"), HiddenText("row", "x y")}


def test_deleted_paragraph_mark_joins(tmp_path: Path) -> None:
    mark = "<w:rPr><w:del/></w:rPr>"
    page = page_of(tmp_path, p(r("The buyer"), properties=mark) + p(r("pays.")) + p(r("Next")))
    assert texts(page) == ["The buyer pays.", "Next"]


def test_code_of_a_field_with_a_field_in_it_is_not_shown(tmp_path: Path) -> None:
    inner = field("begin") + r(" MERGEFIELD tier ") + field("separate") + r("Gold") + field("end")
    body = p(
        r("Discount: "), field("begin"), r(" IF "), inner, r(' ="Gold" '), field("separate"), r("12"), field("end")
    )
    assert texts(page_of(tmp_path, body + p(r("after")))) == ["Discount: 12", "after"]


def test_field_that_never_ends_swallows_nothing_more(tmp_path: Path) -> None:
    assert texts(page_of(tmp_path, p(r("a"), field("begin"), r(" code ")) + p(r("after")))) == ["a", "after"]


def test_notes_are_numbered_as_shown(tmp_path: Path) -> None:
    def note(kind: str, number: int, text: str) -> str:
        return f'<w:{kind} w:id="{number}">{p(r(text))}</w:{kind}>'

    def refer(kind: str, number: int, more: str = "") -> str:
        return f'<w:r><w:{kind}Reference w:id="{number}" {more}/></w:r>'

    body = p(r("A"), refer("footnote", 7), r(" B"), refer("endnote", 4), r(" C"), refer("footnote", 9))
    own = p(r("D"), refer("footnote", 8, 'w:customMarkFollows="1"'), r("*"))
    deleted = p(f"<w:del>{refer('footnote', 7)}</w:del>", r("E"))
    table = "<w:tbl>" + tr(p(r("F"), refer("footnote", 7)), p(r("x"))) + "</w:tbl>"
    parts = {
        "footnotes": f"<w:footnotes {W}>{note('footnote', 7, 'seven')}{note('footnote', 9, 'nine')}"
        f"{note('footnote', 8, '* eight')}</w:footnotes>",
        "endnotes": f"<w:endnotes {W}>{note('endnote', 4, 'four')}</w:endnotes>",
    }
    assert texts(page_of(tmp_path, body + own + deleted + table, parts)) == [
        "A[^1] B[^i] C[^2]",
        "[^1]: seven",
        "[^i]: four",
        "[^2]: nine",
        "D*",
        "* eight",
        "E",
        "| F[^3] | x |",
        "| --- | --- |",
        "[^3]: seven",
    ]


def numbering(levels: str, more: str = "") -> str:
    return (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}</w:numbering>'
    )


def level(index: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{index}"><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'


def item(index: int, text: str, number: int = 1) -> str:
    runs = (r(text),) if text else ()
    return p(*runs, properties=f'<w:numPr><w:ilvl w:val="{index}"/><w:numId w:val="{number}"/></w:numPr>')


def test_clause_numbers_run_on_count_empty_ones_and_are_words(tmp_path: Path) -> None:
    levels = level(0, "cardinalText", "Article %1") + level(1, "decimal", "%2.", '<w:lvlRestart w:val="0"/>')
    body = item(0, "Scope") + item(1, "a") + item(1, "") + item(0, "Price") + item(1, "b")
    page = page_of(tmp_path, body, {"numbering": numbering(levels)})
    assert [text.strip() for text in texts(page)] == ["Article One Scope", "1. a", "Article Two Price", "3. b"]


def test_list_may_change_a_level_and_a_style_may_choose_it(tmp_path: Path) -> None:
    levels = level(0, "decimal", "%1.") + level(1, "lowerLetter", "(%2)", '<w:pStyle w:val="Clause"/>')
    override = f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "%1)")}</w:lvlOverride>'
    more = f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{override}</w:num>'
    body = item(0, "one") + p(r("two"), properties='<w:pStyle w:val="Clause"/>') + item(0, "three", 2)
    page = page_of(tmp_path, body, {"numbering": numbering(levels, more)})
    assert texts(page) == ["1. one", "  (a) two", "II) three"]


def test_symbols_ruby_and_drop_downs(tmp_path: Path) -> None:
    font = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'
    ruby = "".join(
        f"<w:r><w:ruby><w:rt>{r(reading)}</w:rt><w:rubyBase>{r(base)}</w:rubyBase></w:ruby></w:r>"
        for base, reading in (("佐", "さ"), ("藤", "とう"))
    )
    entries = '<w:result w:val="1"/><w:listEntry w:val="May"/><w:listEntry w:val="June"/>'
    data = f"<w:ffData><w:ddList>{entries}</w:ddList></w:ffData>"
    choice = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>{field("end")}'
    sign = '<w:r><w:sym w:font="Symbol" w:char="F0A3"/></w:r>'
    body = p(r("\uf0b3 5 ", font), sign, r(" "), ruby, r("氏 "), choice)
    assert texts(page_of(tmp_path, body)) == ["≥ 5 ≤ 佐藤(さとう)氏 June"]


def test_one_long_cell_leaves_rows_together_and_a_frame_stays_one(tmp_path: Path) -> None:
    long = "word " * 400
    rows = tr(p(r("No")), p(r("What"))) + tr(p(r("1")), p(r(long))) + tr(p(r("2")), p(r("short")))
    assert "| 2 | short |" in texts(page_of(tmp_path, f"<w:tbl>{rows}</w:tbl>"))
    frame = f"<w:tbl>{tr(p(r(long)), p(r(long)))}</w:tbl>"
    assert of_kind(page_of(tmp_path, frame), "table") == []


def test_files_within_the_text_are_read(tmp_path: Path) -> None:
    inner = docx(tmp_path, p(r("from Word")), name="inner.docx").read_bytes()
    path = docx(
        tmp_path,
        p(r("first")) + '<w:altChunk r:id="raFChunk-1"/><w:altChunk r:id="raFChunk-2"/>',
        {
            "aFChunk-1": "{\\rtf1\\ansi\\pard from RTF\\par}",
            "aFChunk-2": "",
        },
    )
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()} | {"word/aFChunk-2.xml": inner}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in kept.items():
            new.writestr(name, data)
    assert all_text(path).split() == ["first", "from", "RTF", "from", "Word"]


def test_header_is_a_header_with_what_it_hides_kept_apart(tmp_path: Path) -> None:
    header = f"<w:hdr {W}>{p(r('Contract KV-1'), r(' draft', '<w:vanish/>'))}</w:hdr>"
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rheader"/></w:sectPr>'
    page = page_of(tmp_path, p(r("text")) + section, {"header": header})
    assert of_kind(page, "header") == ["Contract KV-1"]
    assert page.hidden == (HiddenText("run", "draft"),)


def test_embedded_file_is_a_warning(tmp_path: Path) -> None:
    ole = '<w:r><w:object><o:OLEObject xmlns:o="urn:o" ProgID="Excel.Sheet.12"/></w:object></w:r>'
    assert "Excel.Sheet.12" in page_of(tmp_path, p(r("See "), ole)).warnings[0]


def test_white_and_tiny_text_was_read(tmp_path: Path) -> None:
    white, tiny = '<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>'
    (page,) = pages_of(docx(tmp_path, p(r("Seen "), r("white", white), r("tiny", tiny))))
    assert texts(page) == ["Seen"]
    assert page.hidden == (HiddenText("white", "white"), HiddenText("tiny", "tiny"))


def test_white_letters_on_a_colour_stay(tmp_path: Path) -> None:
    white = '<w:color w:val="FFFFFF"/>'
    marked = r("a", f'{white}<w:highlight w:val="black"/>') + r("b", f'{white}<w:shd w:val="clear" w:fill="000000"/>')
    shaded = p(r("c", white), properties='<w:shd w:val="clear" w:fill="1F3864"/>')
    styled = '<w:tbl><w:tblPr><w:tblStyle w:val="Blue"/></w:tblPr>' + 2 * tr(p(r("d", white)), p(r("e"))) + "</w:tbl>"
    assert all_text(docx(tmp_path, p(marked) + shaded + styled)).split()[:2] == ["ab", "c"]
    assert "| d | e |" in all_text(docx(tmp_path, styled))
    behind = '<w:r><w:drawing><anchor behindDoc="1"/></w:drawing></w:r>'
    assert all_text(docx(tmp_path, p(behind, r("f", white)))) == "f"


def test_a_hidden_drawing_was_read(tmp_path: Path) -> None:
    box = f"<txbxContent>{p(r('secret'))}</txbxContent>"
    drawing = f'<w:r><w:drawing><anchor><docPr hidden="1"/>{box}</anchor></w:drawing></w:r>'
    (page,) = pages_of(docx(tmp_path, p(r("Seen"), drawing)))
    assert texts(page) == ["Seen"]
    assert page.hidden == (HiddenText("shape", "secret"),)


def test_the_head_of_further_pages_was_lost_where_no_page_ends_are_noted(tmp_path: Path) -> None:
    kinds = {"first": "header-1", "default": "header-2"}
    refs = "".join(f'<w:headerReference w:type="{kind}" r:id="r{part}"/>' for kind, part in kinds.items())
    parts = {part: f"<w:hdr {W}>{p(r(kind))}</w:hdr>" for kind, part in kinds.items()}
    (page,) = pages_of(docx(tmp_path, p(r("Text")) + f"<w:sectPr>{refs}<w:titlePg/></w:sectPr>", parts))
    assert of_kind(page, "header") == ["first", "default"]


def test_a_field_without_a_result_was_blank(tmp_path: Path) -> None:
    def whole(code: str, result: str = "") -> str:
        mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
        shown = f"{mark('separate')}<w:r><w:t>{result}</w:t></w:r>" if result else ""
        return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{shown}{mark('end')}"

    simple = '<w:fldSimple w:instr=" =SUM(ABOVE) "/>'
    said = [
        whole("EQ \\f(3,8)"),
        whole("MACROBUTTON None Click here"),
        whole("EQ \\f(1,2)", "kept"),
        whole("PAGE"),
        simple,
    ]
    text = '<w:r><w:t xml:space="preserve"> | </w:t></w:r>'.join(said)
    assert "3/8 | Click here | kept | | =SUM(ABOVE)" in all_text(docx(tmp_path, f"<w:p>{text}</w:p>"))
