"""odf: what notes, speaker's notes and deletions show, and what stands in a font under another name."""

from __future__ import annotations

import io
from pathlib import Path

from helpers.archives import written
from helpers.odf import SPACES, document, look, odp, odt
from helpers.read import all_text, pages_of, texts
from PIL import Image

UP = look("up", 'style:text-position="33% 58%"')
GONE = look("gone", 'style:text-line-through-style="solid"')


def test_marks_in_a_footnote_joined_the_figures_before_them(tmp_path: Path) -> None:
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>EUR 300"
        '<text:span text:style-name="up">2</text:span>, not <text:span text:style-name="gone">400</text:span></text:p>'
        "</text:note-body></text:note>"
    )
    said = all_text(odt(tmp_path / "a.odt", f"<text:p>Sum{note}</text:p>", UP + GONE))
    assert "[^1]: EUR 300^2, not ~~400~~" in said


def test_marks_in_the_notes_of_a_slide_joined_the_figures_before_them(tmp_path: Path) -> None:
    notes = (
        '<presentation:notes><draw:frame presentation:class="notes"><draw:text-box><text:p>Fee 80'
        '<text:span text:style-name="up">7</text:span></text:p></draw:text-box></draw:frame></presentation:notes>'
    )
    assert "Speaker notes: Fee 80^7" in all_text(odp(tmp_path / "a.odp", f"<draw:page>{notes}</draw:page>", UP))


def test_white_words_in_the_coloured_head_of_a_table_on_a_slide_were_hidden(tmp_path: Path) -> None:
    cell = '<table:table-cell><text:p><text:span text:style-name="w">{}</text:span></text:p></table:table-cell>'.format
    rows = "".join(f"<table:table-row>{cell(one)}{cell(one)}</table:table-row>" for one in ("Region", "North"))
    frame = f"<draw:page><draw:frame><table:table>{rows}</table:table></draw:frame></draw:page>"
    pale = look("w", 'fo:color="#ffffff" fo:background-color="transparent"')
    assert "| Region | Region |" in all_text(odp(tmp_path / "a.odp", frame, pale))


def test_deletions_that_still_stand_in_their_place_were_read(tmp_path: Path) -> None:
    text = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion/></text:changed-region>'
        '<text:changed-region text:id="c2"><text:insertion/></text:changed-region></text:tracked-changes>'
        '<text:p>within <text:change-start text:change-id="c1"/>forty<text:change-end text:change-id="c1"/>'
        '<text:change-start text:change-id="c2"/>twenty<text:change-end text:change-id="c2"/> days</text:p>'
    )
    (page,) = pages_of(odt(tmp_path / "a.odt", text))
    assert texts(page) == ["within twenty days"]
    assert [(one.kind, one.text) for one in page.hidden] == [("deleted", "forty")]


def test_signs_of_a_symbol_font_under_another_name_were_letters(tmp_path: Path) -> None:
    face = '<style:font-face style:name="Symbol2" svg:font-family="Symbol"/>'
    fonts = f"<office:font-face-decls>{face}</office:font-face-decls>"
    text = '<office:text><text:p>Load <text:span text:style-name="s">\uf0a3</text:span> 5</text:p></office:text>'
    content = document(text, look("s", 'style:font-name="Symbol2"'), "document")
    flat = content.replace(b"<office:automatic", f"{fonts}<office:automatic".encode(), 1)
    flat = flat.replace(
        b"<office:document ", b'<office:document office:mimetype="application/vnd.oasis.opendocument.text" '
    )
    assert all_text(written(tmp_path / "a.fodt", flat)) == "Load ≤ 5"


def test_items_numbered_in_other_scripts_had_no_number(tmp_path: Path) -> None:
    style = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="①, ②, ③, ..."/>'
        "</text:list-style>"
    )
    items = "".join(f"<text:list-item><text:p>{one}</text:p></text:list-item>" for one in ("Scope", "Term"))
    text = f'<text:list text:style-name="L">{items}</text:list>'
    assert all_text(odt(tmp_path / "a.odt", text, style)).splitlines() == ["① Scope", "② Term"]


def test_a_large_picture_in_a_header_was_lost_without_a_word(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((600, 500), 50).save(file, "PNG")
    master = (
        f"<office:document-styles {SPACES}><office:master-styles>"
        '<style:master-page style:name="Standard"><style:header><text:p>'
        '<draw:frame><draw:image xlink:href="Pictures/a.png"/></draw:frame></text:p></style:header></style:master-page>'
        "</office:master-styles></office:document-styles>"
    )
    parts = {"styles.xml": master.encode(), "Pictures/a.png": file.getvalue()}
    (page,) = pages_of(odt(tmp_path / "a.odt", "<text:p>Dear Ida</text:p>", "", **parts))
    assert any("header" in warning for warning in page.warnings)


def test_the_head_of_further_pages_was_lost_where_another_kind_of_page_has_it(tmp_path: Path) -> None:
    head = "<style:header><text:p>{}</text:p></style:header>"
    kind = f'<style:master-page style:name="{{}}" {{}}>{head}</style:master-page>'.format
    pages = kind("First", 'style:next-style-name="Next"', "Ref. 77") + kind("Next", "", "Contract KV-2291")
    masters = f"<office:master-styles>{pages}</office:master-styles>"
    styles = f"<office:document-styles {SPACES}>{masters}</office:document-styles>"
    first = '<style:style style:name="P1" style:family="paragraph" style:master-page-name="First"/>'
    begin = '<text:p text:style-name="P1">Dear Ida</text:p>'
    parts = {"styles.xml": styles.encode()}
    (page,) = pages_of(odt(tmp_path / "a.odt", begin, first, **parts))
    assert [line.text for line in page.lines if line.kind == "header"] == ["Ref. 77", "Contract KV-2291"]
    two = pages_of(odt(tmp_path / "b.odt", f"{begin}<text:soft-page-break/><text:p>Yours</text:p>", first, **parts))
    assert [line.text for page in two for line in page.lines if line.kind == "header"] == [
        "Ref. 77",
        "Contract KV-2291",
    ]
