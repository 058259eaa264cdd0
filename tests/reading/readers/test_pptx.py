"""pptx: a slide is a page, read as it is looked at."""

from __future__ import annotations

import io
from pathlib import Path

from helpers.read import SETTINGS, of_kind, pages_of, texts
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation as PresentationObject
from pptx.util import Inches

from qwen_batch.reading.parts.reader import reader_for, sniff_mime

TITLE_AND_CONTENT, BLANK = 1, 6


def saved(presentation: PresentationObject, tmp_path: Path) -> Path:
    presentation.save(str(tmp_path / "a.bin"))
    return tmp_path / "a.bin"


def box(shapes, text: str, left: float, top: float) -> None:
    shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5)).text_frame.text = text


def test_slide_with_title_items_and_notes(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_CONTENT])
    slide.shapes.title.text = "Results"
    frame = slide.placeholders[1].text_frame
    frame.text = "Sales grew"
    frame.add_paragraph().text = "in the east"
    frame.paragraphs[1].level = 1
    slide.notes_slide.notes_text_frame.text = "Pause here"
    presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    first, second = pages_of(saved(presentation, tmp_path))
    assert texts(first) == ["# Results", "- Sales grew", "  - in the east", "Speaker notes: Pause here"]
    assert (second.number, texts(second)) == (2, [])


def test_shapes_are_read_by_their_place_not_their_order(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    box(slide.shapes, "bottom", 1, 5)
    box(slide.shapes, "top right", 5, 1)
    box(slide.shapes, "top left", 1, 1.1)
    box(slide.shapes.add_group_shape().shapes, "in a group between", 1, 3)
    assert texts(pages_of(saved(presentation, tmp_path))[0]) == [
        "top left",
        "top right",
        "in a group between",
        "bottom",
    ]


def test_table_and_chart(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    table = slide.shapes.add_table(2, 3, Inches(1), Inches(1), Inches(6), Inches(1)).table
    table.cell(0, 0).merge(table.cell(0, 1))
    for (row, column), text in {(0, 0): "Region", (0, 2): "Sales", (1, 0): "East", (1, 1): "a", (1, 2): "5"}.items():
        table.cell(row, column).text = text
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Sales", (1.5, 2))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE, Inches(1), Inches(4), Inches(4), Inches(2), data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "Growth"
    (page,) = pages_of(saved(presentation, tmp_path))
    assert of_kind(page, "table")[:3] == ["| Region |  | Sales |", "| --- | --- | --- |", "| East | a | 5 |"]
    assert "Growth" in texts(page)
    assert of_kind(page, "table")[3:] == ["|  | Sales |", "| --- | --- |", "| 2023 | 1.5 |", "| 2024 | 2 |"]


def test_slide_that_is_a_picture_needs_ocr(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[BLANK])
    for size, shade in (((850, 1100), 0), ((600, 500), 255)):
        picture = io.BytesIO()
        Image.new("L", size, shade).save(picture, "PNG")
        slide.shapes.add_picture(picture, 0, 0)
    path = saved(presentation, tmp_path)
    (page,) = pages_of(path)
    assert (page.needs_ocr, len(page.warnings)) == ("image", 1)
    assert reader_for(sniff_mime(path)).render(path, 1, 100, SETTINGS).getpixel((5, 5)) == 0


def test_footer_of_a_slide_is_a_footer(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[TITLE_AND_CONTENT])
    slide.shapes.title.text = "Results"
    box(slide.shapes, "page 7", 8, 7)
    mark = slide.shapes[-1]._element.nvSpPr.nvPr
    mark.append(mark.makeelement(mark.tag.replace("nvPr", "ph"), {"type": "sldNum", "idx": "12"}))
    (page,) = pages_of(saved(presentation, tmp_path))
    assert of_kind(page, "footer") == ["page 7"]
