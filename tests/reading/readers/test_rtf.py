"""rtf: what Word shows of it: paragraphs, tables, notes and headers, letters in any of its notations."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from helpers.read import SETTINGS, all_text, failure_of, of_kind, pages_of, texts, write
from PIL import Image

from qwen_batch.reading.parts.reader import reader_for
from qwen_batch.records import HiddenText, Page

RTF = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}{\*\generator none;}{\info{\author nobody}}
\pard\b Contract\b0\par
Caf\'e9 \u1044?\u1072? \u8364?5\line next line\par
\trowd\cellx100\cellx200 Item\cell Price\cell\row
\trowd\cellx100\cellx200 Desk\cell 10\cell\row
\pard after{\pict\wmetafile8 010203}\par}"""
FONTS = (
    rb"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset2 Symbol;}{\f2\fcharset2{\*\panose 05}Wingdings;}"
    rb"{\f3\fcharset204 Arial Cyr;}{\f4\fcharset128 MS Mincho;}}"
)


def page_of(tmp_path: Path, body: bytes) -> Page:
    (page,) = pages_of(write(tmp_path / "a.rtf", rb"{\rtf1\ansi\ansicpg1252\deff0" + FONTS + body + b"}"))
    return page


def test_paragraphs_tables_and_letters(tmp_path: Path) -> None:
    (page,) = pages_of(write(tmp_path / "lying.docx", RTF))
    assert texts(page) == [
        "Contract",
        "Café Да €5",
        "next line",
        "| Item | Price |",
        "| --- | --- |",
        "| Desk | 10 |",
        "after",
    ]
    assert page.warnings == ("a drawing (WMF) on this page was not read: save the document as PDF if its text matters",)


def test_file_that_is_cut_off_keeps_its_text(tmp_path: Path) -> None:
    (page,) = pages_of(write(tmp_path / "a.rtf", RTF[:150]))
    assert texts(page)[0] == "Contract"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"10{\super 6} m{\super 2}, CO{\sub 2}", "10^6 m^2, CO_2"),
        (rb"1,200{\up6\fs16 3}", "1,200^3"),
        (rb"within {\strike 14} 30 days", "within ~~14~~ 30 days"),
        (rb"{\striked1 70} 80", "~~70~~ 80"),
        (rb"{\f1\'b3} 5, {\f1 \u-3919?}2 {\f2\'fe}", "≥ 5, ±2 ☒"),
        (rb"{\f3\'c4\'ee\'ec}", "Дом"),
        (rb"{\f4\'93\'fa\'96\'7b}", "日本"),
        (rb"\uc2\u26085 xx\uc0\u26412", "日本"),
        (rb"\u-10179?\u-8704?", "😀"),
        (rb"{\upr{plain}{\*\ud{\u8364?uro}}}", "€uro"),
        (rb"co\-op\_ed 1\~000", "coop-ed 1 000"),
    ],
)
def test_characters_are_read_as_they_look(tmp_path: Path, body: bytes, text: str) -> None:
    assert texts(page_of(tmp_path, rb"\pard " + body + rb"\par"))[0] == text


def test_styles_may_hide_and_raise(tmp_path: Path) -> None:
    styles = rb"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\*\cs9\v Note;}{\*\cs8\super Mark;}}"
    page = page_of(tmp_path, styles + rb"\pard\s1 Scope\par\pard 5{\cs8 3} kept{\cs9  SECRET}\par")
    assert texts(page) == ["# Scope", "5^3 kept"]
    assert page.hidden == (HiddenText("run", "SECRET"),)


def test_deleted_words_rows_and_marks_are_kept_apart(tmp_path: Path) -> None:
    body = (
        rb"\pard The buyer{\deleted\par} pays {\deleted 750}{\revised 900}.\par"
        rb"\trowd\cellx1\cellx2\intbl a\cell b\cell\row"
        rb"\trowd\cldel\cellx1\cldel\cellx2\intbl GONE\cell x\cell\row"
        rb"\trowd\cellx1\cellx2\intbl{\deleted OUT}\cell{\deleted OUT}\cell\row\pard end\par"
    )
    page = page_of(tmp_path, body)
    assert texts(page) == ["The buyer pays 900.", "| a | b |", "| --- | --- |", "end"]
    assert {piece.kind for piece in page.hidden} == {"deleted"}
    assert page.hidden[0].text == "750"


def test_notes_comments_and_boxes_follow_their_paragraph(tmp_path: Path) -> None:
    body = (
        rb"\pard Rent{\super\chftn}{\footnote\pard{\super\chftn} Net.\par Cold.} is due"
        rb"{\*\atnid A}{\*\atnauthor Ann}\chatn{\*\annotation\pard check}"
        rb"{\super\chftn}{\footnote\ftnalt\pard{\super\chftn} At the end.}.\par"
        rb"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt\pard Box 7\par}}{\shprslt\pard Box 7 again\par}}\pard Next\par"
    )
    assert texts(page_of(tmp_path, body)) == [
        "Rent[^1] is due[^e1].",
        "[^1]: Net. Cold.",
        "[Comment by Ann: check]",
        "[^e1]: At the end.",
        "Next",
        "Box 7",
    ]


def test_headers_stand_on_the_pages_of_their_section(tmp_path: Path) -> None:
    body = (
        rb"{\header\pard Contract KV-1\par}{\footer\pard Page\par}\pard one\page two\par\sect\sectd"
        rb"{\header\pard Annex\par}\pard three\par"
    )
    pages = pages_of(write(tmp_path / "a.rtf", rb"{\rtf1\ansi" + body + b"}"))
    assert [of_kind(page, "header") for page in pages] == [["Contract KV-1"], ["Contract KV-1"], ["Annex"]]
    assert [of_kind(page, "text")[-1] for page in pages] == ["one", "two", "three"]


def test_clauses_keep_their_numbers_and_levels(tmp_path: Path) -> None:
    body = (
        rb"{\listtext\pard\plain 14.\tab}\pard\ls1\ilvl0 Warranty\par"
        rb"{\listtext\pard\plain (a)\tab}\pard\ls1\ilvl1 Term\par"
        rb"{\pntext\f1\'b7\tab}\pard item\par"
    )
    lines = texts(page_of(tmp_path, body))
    assert lines == ["14. Warranty", "  (a) Term", "- item"]


def test_fields_show_their_results_alone(tmp_path: Path) -> None:
    check = rb"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1{\*\ffname a}}}}{\fldrslt}}"
    choice = (
        rb"{\field{\*\fldinst FORMDROPDOWN {\*\formfield{\fftype2\ffres1{\*\ffname b}{\*\ffl May}{\*\ffl June}}}}"
        rb"{\fldrslt June}}"
    )
    nested = rb"{\field{\*\fldinst IF {\field{\*\fldinst X}{\fldrslt Gold}}}{\fldrslt 12 percent}}"
    page = page_of(tmp_path, rb"\pard " + check + choice + b"; " + nested + rb"\par")
    assert texts(page) == ["☒ June; 12 percent"]


def test_formula_keeps_its_bar_and_its_power(tmp_path: Path) -> None:
    fraction = rb"{\mf{\mfPr{\mctrlPr\f0 }}{\mnum{\mr 3}}{\mden{\mr 8}}}"
    power = rb"{\msSup{\me{\mr x}}{\msup{\mr 2}}}"
    body = rb"\pard A {\mmath{\*\moMath" + fraction + power + rb"}} B\par"
    assert texts(page_of(tmp_path, body)) == ["A 3/8x^2 B"]


def test_table_within_a_table_stays_in_its_cell(tmp_path: Path) -> None:
    body = (
        rb"\trowd\cellx1\cellx2\intbl Kiln\cell\pard\intbl\itap2 zone\nestcell\pard\intbl\itap2 1\nestcell"
        rb"{\*\nesttableprops\trowd\cellx1\cellx2\nestrow}\pard\intbl\itap1\cell\row"
        rb"\trowd\clvmgf\cellx1\clmrg\cellx2\intbl a\cell GONE\cell\row\pard end\par"
    )
    assert texts(page_of(tmp_path, body)) == ["| Kiln | zone, 1 |", "| --- | --- |", "| a |  |", "end"]


def test_page_that_is_a_picture_needs_ocr_and_one_beside_text_is_named(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.new("L", (600, 500), 255).save(data, "PNG")
    picture = rb"{\*\shppict{\pict{\*\picprop{\sp{\sn a}{\sv 1}}}\pngblip " + data.getvalue().hex().encode() + b"}}"
    path = write(tmp_path / "a.rtf", rb"{\rtf1\ansi\pard text " + picture + rb"\par\page " + picture + rb"\par}")
    first, second = pages_of(path)
    assert "picture1.png" in first.warnings[0]
    assert second.needs_ocr == "image"
    assert reader_for("application/rtf").render(path, 2, 300, SETTINGS).size[0] > 500


def test_endless_groups_are_refused(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a.rtf", rb"{\rtf1" + b"{" * 100_000)).code == "damaged"


def test_binary_data_is_no_text(tmp_path: Path) -> None:
    assert texts(page_of(tmp_path, rb"\pard a{\*\objdata\bin5 }}}}}}b\par")) == ["ab"]


def test_bytes_that_are_utf8_although_rtf_knows_none(tmp_path: Path) -> None:
    assert texts(page_of(tmp_path, "\\pard Straße\\par".encode())) == ["Straße"]


def test_braces_that_close_nothing_end_no_story_twice(tmp_path: Path) -> None:
    page = page_of(tmp_path, rb"{\header\pard H\par}\pard a\par}}}\shptxt {b}}\pard c\par")
    assert texts(page)[:2] == ["H", "a"]


def test_white_and_tiny_text_was_read(tmp_path: Path) -> None:
    colours = rb"{\colortbl;\red255\green255\blue255;\red0\green0\blue128;}"
    page = page_of(tmp_path, colours + rb"Seen {\cf1 white} {\fs2 tiny} {\cf1\highlight2 marked} {\cf2 blue}\par")
    assert texts(page) == ["Seen marked blue"]
    assert page.hidden == (HiddenText("white", "white"), HiddenText("tiny", "tiny"))


def test_the_head_of_further_pages_was_lost_where_no_page_ends_are_noted(tmp_path: Path) -> None:
    page = page_of(tmp_path, rb"\titlepg{\headerf first\par}{\header default\par}Text\par")
    assert of_kind(page, "header") == ["first", "default"]


def test_a_picture_in_binary_form_was_lost_without_a_word(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((600, 500), 50).save(file, "PNG")
    data = file.getvalue()
    rtf = b"{\\rtf1 Offer {\\pict\\pngblip\\bin%d " % len(data) + data + b"} end\\par}"
    (page,) = pages_of(write(tmp_path / "a.rtf", rtf))
    assert texts(page) == ["Offer end"]
    assert any("picture" in warning for warning in page.warnings)


def test_a_field_without_a_result_was_blank(tmp_path: Path) -> None:
    reading = r"{\field{\*\fldinst {EQ \\* jc2 \\o\\ad(\\s\\up 9(\u12377?),\u37428?)}}{\fldrslt }}"
    share = r"{\field{\*\fldinst EQ \\f(3,8)}}"
    shown = r'{\field{\*\fldinst SYMBOL 179 \\f "Symbol"}{\fldrslt 5}}'
    rtf = rf"{{\rtf1 {reading} and {share} of {shown}\par}}"
    assert all_text(write(tmp_path / "a.rtf", rtf.encode())) == "鈴(す) and 3/8 of 5"
