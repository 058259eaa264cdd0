"""odf: OpenDocument texts and slides read as they are shown; what is hidden or deleted is kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.archives import written, zip_bytes
from helpers.odf import SPACES, TEXT, document, look, odp, odt
from helpers.read import all_text, failure_of, of_kind, pages_of, texts

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import sniff_mime


def test_headings_paragraphs_breaks_and_blanks(tmp_path: Path) -> None:
    text = (
        '<text:h text:outline-level="2">Scope</text:h><text:p>a<text:s text:c="3"/>b'
        "<text:tab/>c<text:line-break/>d</text:p>"
        '<text:p text:style-name="P1">next page</text:p>'
    )
    breaks = (
        '<style:style style:name="P1" style:family="paragraph">'
        '<style:paragraph-properties fo:break-before="page"/></style:style>'
    )
    pages = pages_of(odt(tmp_path / "a.odt", text, breaks))
    assert [texts(page) for page in pages] == [["## Scope", "a b c", "d"], ["next page"]]


def test_figures_beside_raised_and_lowered_characters_stay_what_they_are(tmp_path: Path) -> None:
    styles = look("up", 'style:text-position="33% 58%"') + look("down", 'style:text-position="sub 58%"')
    text = (
        '<text:p>1,200<text:span text:style-name="up">3</text:span> H'
        '<text:span text:style-name="down">2</text:span>O</text:p>'
    )
    assert all_text(odt(tmp_path / "a.odt", text, styles)) == "1,200^3 H_2O"


def test_struck_text_is_marked_and_hidden_and_deleted_text_is_kept_apart(tmp_path: Path) -> None:
    styles = look("gone", 'style:text-line-through-style="solid"') + look("off", 'text:display="none"')
    styles += look("child", "").replace('family="text"', 'family="text" style:parent-style-name="off"')
    text = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>old term</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        '<text:p>within <text:span text:style-name="gone">14</text:span> 30 days'
        '<text:span text:style-name="child">secret</text:span></text:p>'
    )
    (page,) = pages_of(odt(tmp_path / "a.odt", text, styles))
    assert texts(page) == ["within ~~14~~ 30 days"]
    assert [(one.kind, one.text) for one in page.hidden] == [("deleted", "old term"), ("run", "secret")]


LEVELS = (
    '<text:list-style style:name="L">'
    '<text:list-level-style-number text:level="1" style:num-format="A" style:num-suffix=")"/>'
    '<text:list-level-style-number text:level="2" style:num-format="i" style:num-suffix="." text:display-levels="2"/>'
    "</text:list-style>"
)


def test_items_have_the_numbers_that_are_shown(tmp_path: Path) -> None:
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    inner = f"<text:list>{item.format('x', '')}{item.format('y', '')}</text:list>"
    items = item.format("one", inner) + item.format("", "") + item.format("three", "")
    text = f'<text:list text:style-name="L">{items}</text:list>'
    text += f'<text:list text:style-name="L" text:continue-numbering="true">{item.format("four", "")}</text:list>'
    assert texts(pages_of(odt(tmp_path / "a.odt", text, LEVELS))[0]) == [
        "A) one",
        "  A.i. x",
        "  A.ii. y",
        "C) three",
        "D) four",
    ]


def test_a_table_keeps_its_columns_where_cells_are_merged_and_hidden_rows_apart(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    rows = (
        f"<table:table-row>{cell.format('Item')}<table:covered-table-cell/>{cell.format('EUR')}</table:table-row>"
        f'<table:table-row table:visibility="collapse">{cell.format("secret")}</table:table-row>'
        f"<table:table-row>{cell.format('Bolt')}{cell.format('M8')}{cell.format('7.80')}</table:table-row>"
    )
    (page,) = pages_of(odt(tmp_path / "a.odt", f"<table:table>{rows}</table:table>"))
    assert texts(page) == ["| Item |  | EUR |", "| --- | --- | --- |", "| Bolt | M8 | 7.80 |"]
    assert [(one.kind, one.text) for one in page.hidden] == [("row", "secret")]


def test_notes_comments_boxes_and_controls(tmp_path: Path) -> None:
    text = (
        "<office:forms><form:form>"
        '<form:checkbox form:id="c1" form:label="paid" form:current-state="checked"/>'
        "</form:form></office:forms>"
        '<text:p>Rent<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>net of tax</text:p></text:note-body></text:note><office:annotation>"
        "<text:p>really?</text:p></office:annotation>"
        "<draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame>"
        '<draw:control draw:control="c1"/></text:p>'
    )
    assert texts(pages_of(odt(tmp_path / "a.odt", text))[0]) == [
        "Rent[^1] ☒ paid",
        "[^1]: net of tax",
        "[Comment: really?]",
        "In a box",
    ]


def test_headers_and_footers_stand_on_every_page(tmp_path: Path) -> None:
    master = (
        "<style:header><text:p>Order KV-2291</text:p></style:header><style:footer><text:p>Seite</text:p></style:footer>"
    )
    styles = (
        f'<office:document-styles {SPACES}><office:master-styles><style:master-page style:name="Standard">{master}'
        "</style:master-page></office:master-styles></office:document-styles>"
    )
    (page,) = pages_of(odt(tmp_path / "a.odt", "<text:p>Text</text:p>", **{"styles.xml": styles.encode()}))
    assert (of_kind(page, "header"), of_kind(page, "footer")) == (["Order KV-2291"], ["Seite"])


def test_slides_are_pages_and_a_hidden_one_is_hidden(tmp_path: Path) -> None:
    shape = (
        '<draw:frame svg:y="{}cm" svg:x="1cm" presentation:class="{}"><draw:text-box><text:p>{}'
        "</text:p></draw:text-box></draw:frame>"
    )
    notes = f"<presentation:notes>{shape.format(1, 'notes', 'Say 12')}</presentation:notes>"
    slides = (
        f"<draw:page>{shape.format(9, 'outline', 'below')}{shape.format(5, 'outline', 'above')}"
        f"{shape.format(12, 'title', 'Sales')}{notes}</draw:page>"
        f'<draw:page draw:style-name="off">{shape.format(1, "outline", "secret")}</draw:page>'
    )
    off = (
        '<style:style style:name="off" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    first, second = pages_of(odp(tmp_path / "a.odp", slides, off))
    assert texts(first) == ["# Sales", "above", "below", "Speaker notes: Say 12"]
    assert (texts(second), [one.kind for one in second.hidden]) == ([], ["slide"])


def test_a_chart_has_its_gaps_and_dates(tmp_path: Path) -> None:
    cells = "<table:table-cell><text:p>t</text:p></table:table-cell>"
    number = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{number.format(day)}{number.format(value)}</table:table-row>"
        for day, value in ((45688, 5), (45716, "NaN"))
    )
    chart = (
        '<chart:chart><chart:plot-area><chart:axis chart:dimension="x" chart:style-name="ax"/></chart:plot-area>'
        f"<table:table><table:table-row>{cells}{cells}</table:table-row>{rows}</table:table></chart:chart>"
    )
    styles = '<style:style style:name="ax" style:data-style-name="N1"/><number:date-style style:name="N1"/>'
    inner = document(f"<office:chart>{chart}</office:chart>", styles)
    frame = '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="./x"/></draw:frame>'
    said = all_text(odp(tmp_path / "a.odp", f"<draw:page>{frame}</draw:page>", **{"Object 1/content.xml": inner}))
    assert "| 2025-01-31 | 5 |" in said
    assert "| 2025-02-28 |  |" in said


def test_a_flat_file_is_read_like_a_package(tmp_path: Path) -> None:
    data = document("<office:text><text:p>Flat words</text:p></office:text>", root="document")
    data = data.replace(b"<office:document ", f'<office:document office:mimetype="{TEXT}" '.encode())
    path = written(tmp_path / "a.fodt", data)
    assert sniff_mime(path) == TEXT
    assert all_text(path) == "Flat words"


def test_a_file_behind_a_password_is_encrypted(tmp_path: Path) -> None:
    path = odt(tmp_path / "a.odt", "", **{"META-INF/manifest.xml": b"<m><manifest:encryption-data/></m>"})
    assert failure_of(path).code == "encrypted"


@pytest.mark.parametrize("content", [b"<office:document", b"<a/>", b""])
def test_a_broken_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path / "a.odt", zip_bytes({"mimetype": TEXT.encode(), "content.xml": content}))
    assert failure_of(path).code == "damaged"


def test_elements_nested_beyond_reason_end(tmp_path: Path) -> None:
    deep = "<text:section>" * 150 + "<text:p>core</text:p>" + "</text:section>" * 150
    assert all_text(odt(tmp_path / "a.odt", deep)) == "core"


def test_a_bomb_is_too_large(tmp_path: Path) -> None:
    path = odt(tmp_path / "a.odt", "", **{"Pictures/a.bmp": bytes(4 << 20)})
    assert failure_of(path, ReadSettings(max_expanded_mb=2)).code == "too_large"


def test_white_and_tiny_text_and_hidden_paragraphs_were_read(tmp_path: Path) -> None:
    styles = (
        look("white", 'fo:color="#FFFFFF"')
        + look("tiny", 'fo:font-size="1pt"')
        + look("box", 'fo:color="#ffffff" fo:background-color="#000000"')
    )
    spans = "".join(f'<text:span text:style-name="{name}">{name} </text:span>' for name in ("white", "tiny", "box"))
    gone = '<text:p><text:hidden-paragraph text:is-hidden="true"/>gone</text:p>'
    (page,) = pages_of(odt(tmp_path / "a.odt", f"<text:p>Seen {spans}</text:p>{gone}", styles))
    assert texts(page) == ["Seen box"]
    assert [(one.kind, one.text) for one in page.hidden] == [("white", "white"), ("tiny", "tiny"), ("run", "gone")]


def test_white_letters_in_a_coloured_cell_or_before_a_picture_stay(tmp_path: Path) -> None:
    white = look("white", 'fo:color="#ffffff"')
    cell = (
        '<style:style style:name="blue" style:family="table-cell">'
        '<style:table-cell-properties fo:background-color="#003366"/></style:style>'
    )
    span = '<text:p><text:span text:style-name="white">Price</text:span></text:p>'
    row = f'<table:table-row><table:table-cell table:style-name="blue">{span}</table:table-cell>'
    row += "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>"
    assert "Price" in all_text(odt(tmp_path / "a.odt", f"<table:table>{row}{row}</table:table>", white + cell))
    behind = (
        '<style:style style:name="g" style:family="graphic"><style:graphic-properties style:run-through="background"/>'
        "</style:style>"
    )
    assert "Price" in all_text(odt(tmp_path / "b.odt", span, white + behind))


def test_the_words_around_a_box_in_a_header_were_lost(tmp_path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>Order 99-1</text:p></draw:text-box></draw:frame>"
    hidden = '<text:hidden-text text:is-hidden="true">no</text:hidden-text>'
    styles = (
        f'<office:document-styles {SPACES}><office:master-styles><style:master-page style:name="Standard">'
        f"<style:header><text:p>Lease{hidden}{box}</text:p></style:header></style:master-page></office:master-styles>"
        "</office:document-styles>"
    )
    (page,) = pages_of(odt(tmp_path / "a.odt", "<text:p>Text</text:p>", **{"styles.xml": styles.encode()}))
    assert of_kind(page, "header") == ["Lease", "Order 99-1"]
    assert [one.text for one in page.hidden] == ["no"]


def test_the_title_and_the_percentages_of_a_chart_were_lost(tmp_path: Path) -> None:
    rows = "".join(
        f"<table:table-row><table:table-cell><text:p>{name}</text:p></table:table-cell>"
        f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p>'
        "</table:table-cell></table:table-row>"
        for name, value in (("Jan", 0.0425), ("Mar", 0.05))
    )
    chart = (
        "<chart:chart><chart:title><text:p>Rates</text:p></chart:title><chart:plot-area>"
        f'<chart:series chart:style-name="s"/></chart:plot-area><table:table>{rows}</table:table></chart:chart>'
    )
    styles = '<style:style style:name="s" style:data-style-name="N1"/><number:percentage-style style:name="N1"/>'
    inner = document(f"<office:chart>{chart}</office:chart>", styles)
    frame = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    said = all_text(odt(tmp_path / "a.odt", f"<text:p>{frame}</text:p>", **{"Object 1/content.xml": inner}))
    assert "Chart: Rates" in said
    assert "| Jan | 4.25% |" in said


def test_what_a_slide_has_from_its_kind_of_page_was_lost_and_what_stands_beside_it_read(tmp_path: Path) -> None:
    def frame(place: str, text: str, keys: str = "") -> str:
        return f"<draw:frame {place} {keys}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"

    master = (
        '<style:master-page style:name="M" style:page-layout-name="L">'
        + frame("", "Click to edit", 'presentation:class="title" presentation:placeholder="true"')
        + frame("", "Contract 9981")
        + frame("", "", 'presentation:class="footer"')
        + "</style:master-page>"
    )
    layers = '<draw:layer-set><draw:layer draw:name="off" draw:display="none"/></draw:layer-set>'
    size = '<style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/>'
    shared = (
        f"<office:document-styles {SPACES}><office:automatic-styles>"
        f'<style:page-layout style:name="L">{size}</style:page-layout></office:automatic-styles>'
        f"<office:master-styles>{layers}{master}</office:master-styles></office:document-styles>"
    )
    beside = frame('svg:x="-30cm" svg:y="1cm" svg:width="3cm" svg:height="1cm"', "parked")
    off = frame('draw:layer="off"', "layer")
    slides = (
        '<presentation:footer-decl presentation:name="f">Bid of Orla</presentation:footer-decl>'
        '<draw:page draw:master-page-name="M" presentation:use-footer-name="f">'
        f"{frame('', 'Offer')}{beside}{off}</draw:page>"
    )
    (page,) = pages_of(odp(tmp_path / "a.odp", slides, **{"styles.xml": shared.encode()}))
    assert (texts(page)[0], of_kind(page, "footer")) == ("Offer", ["Contract 9981", "Bid of Orla"])
    assert [(one.kind, one.text) for one in page.hidden] == [("clipped", "parked"), ("shape", "layer")]
