"""pptx: what the audience sees of a slide, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.read import of_kind, pages_of, texts
from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches

from qwen_batch.records import HiddenText, Page

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
BLANK = 6


def page_with(tmp_path: Path, *paragraphs: str) -> Page:
    """A slide with a text box of paragraphs in XML."""
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    body = slide.shapes.add_textbox(0, 0, Inches(4), Inches(2)).text_frame._txBody
    for paragraph in list(body.iterchildren(f"{{{A}}}p")):
        body.remove(paragraph)
    for paragraph in paragraphs:
        body.append(etree.fromstring(f'<a:p xmlns:a="{A}" xmlns:m="{M}">{paragraph}</a:p>'))
    presentation.save(str(tmp_path / "a.pptx"))
    return pages_of(tmp_path / "a.pptx")[0]


def run(text: str, attributes: str = "", inner: str = "") -> str:
    return f"<a:r><a:rPr {attributes}>{inner}</a:rPr><a:t>{text}</a:t></a:r>"


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        (run("10") + run("6", 'baseline="30000"'), "10^6"),
        (run("H") + run("2", 'baseline="-25000"') + run("O"), "H_2O"),
        (run("14", 'strike="sngStrike"') + run(" 30"), "~~14~~ 30"),
        (run("\uf0b3 5", "", '<a:latin typeface="Symbol"/>'), "≥ 5"),
        (run("ab \uf0e0", "", '<a:latin typeface="Arial"/><a:sym typeface="Wingdings"/>'), "ab →"),
        (
            "<m:oMath><m:f><m:num><m:r><m:t>3</m:t></m:r></m:num><m:den><m:r><m:t>8</m:t></m:r></m:den></m:f></m:oMath>",
            "3/8",
        ),
    ],
)
def test_characters_are_read_as_they_look(tmp_path: Path, paragraph: str, text: str) -> None:
    assert texts(page_with(tmp_path, paragraph)) == [text]


def test_items_have_the_numbers_that_powerpoint_shows(tmp_path: Path) -> None:
    def numbered(kind: str, text: str, level: int = 0) -> str:
        return f'<a:pPr lvl="{level}"><a:buAutoNum {kind}/></a:pPr>{run(text)}'

    page = page_with(
        tmp_path,
        numbered('type="alphaLcParenR"', "a"),
        numbered('type="romanUcPeriod"', "deep", 1),
        numbered('type="alphaLcParenR"', "b"),
        run("plain"),
        numbered('type="arabicPeriod" startAt="5"', "c"),
        numbered('type="arabicParenBoth" startAt="5"', "d"),
    )
    assert texts(page) == ["a) a", "  I. deep", "b) b", "plain", "5. c", "(5) d"]


def test_hidden_slides_and_shapes_and_what_stands_beside_the_slide(tmp_path: Path) -> None:
    presentation = Presentation()
    for number in (1, 2):
        slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
        slide.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.text = f"slide {number}"
    slide._element.set("show", "0")
    first = presentation.slides[0].shapes
    hidden = first.add_textbox(0, Inches(1), Inches(2), Inches(1))
    hidden.text_frame.text = "hidden"
    hidden._element.nvSpPr.cNvPr.set("hidden", "1")
    first.add_textbox(Inches(-4), 0, Inches(2), Inches(1)).text_frame.text = "parked"
    presentation.save(str(tmp_path / "a.pptx"))
    pages = pages_of(tmp_path / "a.pptx")
    assert [texts(page) for page in pages] == [["slide 1"], []]
    assert set(pages[0].hidden) == {HiddenText("shape", "hidden"), HiddenText("clipped", "parked")}
    assert pages[1].hidden == (HiddenText("slide", "slide 2"),)


def test_text_of_the_layout_is_seen_on_the_slide(tmp_path: Path) -> None:
    presentation = Presentation()
    layout = presentation.slide_layouts[BLANK]
    slide = presentation.slides.add_slide(layout)
    box = slide.shapes.add_textbox(0, 0, Inches(2), Inches(1))
    box.text_frame.text = "Contract KV-1"
    layout.shapes._spTree.append(box._element)
    presentation.save(str(tmp_path / "a.pptx"))
    assert of_kind(pages_of(tmp_path / "a.pptx")[0], "footer") == ["Contract KV-1"]


def ink(value: str, alpha: str = "") -> str:
    return f'<a:solidFill><a:srgbClr val="{value}">{alpha}</a:srgbClr></a:solidFill>'


@pytest.mark.parametrize(
    ("attributes", "inner", "kind"),
    [
        ('sz="100"', "", "tiny"),
        ("", ink("000000", '<a:alpha val="0"/>'), "transparent"),
        ("", ink("FFFFFF"), "white"),
    ],
)
def test_text_without_ink_or_size_was_read(tmp_path: Path, attributes: str, inner: str, kind: str) -> None:
    page = page_with(tmp_path, run("Seen") + run(" secret", attributes, inner))
    assert texts(page) == ["Seen"]
    assert page.hidden == (HiddenText(kind, "secret"),)  # type: ignore[arg-type]


def boxes(tmp_path: Path, *, text_first: bool, animated: bool = False) -> Page:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])

    def text() -> None:
        box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1))
        box.text_frame.text = "Account 12345"
        box.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)

    def cover() -> None:
        shape = slide.shapes.add_shape(1, Inches(0.5), Inches(0.5), Inches(6), Inches(3))
        shape.fill.solid()
        shape.fill.fore_color.rgb = RGBColor(0, 0, 0)

    for draw in (text, cover) if text_first else (cover, text):
        draw()
    if animated:
        slide._element.append(slide._element.makeelement(slide._element.tag.replace("sld", "timing")))
    presentation.save(str(tmp_path / "a.pptx"))
    return pages_of(tmp_path / "a.pptx")[0]


def test_text_under_a_black_box_was_read(tmp_path: Path) -> None:
    page = boxes(tmp_path, text_first=True)
    assert (texts(page), page.hidden) == ([], (HiddenText("covered", ""),))


def test_white_text_over_a_black_box_and_under_one_that_may_go_away_stays(tmp_path: Path) -> None:
    assert texts(boxes(tmp_path, text_first=False)) == ["Account 12345"]
    assert texts(boxes(tmp_path, text_first=True, animated=True)) == ["Account 12345"]
