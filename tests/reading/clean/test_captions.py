"""captions: captions and axis numbers are found by their form, sentences about figures are not."""

from __future__ import annotations

from qwen_batch.reading.clean.captions import captions_of
from qwen_batch.records import Box, Line, Page


def found(*texts: str) -> list[str]:
    page = Page(1, 612, 792, tuple(Line(text, Box(72, 20 * at, 500, 20 * at + 10)) for at, text in enumerate(texts)))
    return [page.lines[at.line].text for at in captions_of([page])]


def test_caption_and_axis_numbers_of_its_chart() -> None:
    axis = ("0", "20", "40", "60", "80", "100%")
    assert found("The sales rose.", *axis, "Figure 3-1: Sales by year") == ["Figure 3-1: Sales by year", *axis]
    assert found("图5：公司营运资金") == ["图5：公司营运资金"]


def test_caption_of_two_lines() -> None:
    lines = (Line("Fig. 2. Sales of the", Box(72, 100, 300, 110)), Line("company by year", Box(72, 112, 200, 122)))
    assert len(captions_of([Page(1, 612, 792, (*lines, Line("Text", Box(72, 160, 300, 170))))])) == 2


def test_sentences_about_figures_and_numbers_of_clauses_stay() -> None:
    assert not found("Figure 3 shows that", "Figure 12 and the table", "1.", "2.", "3.", "4.", "5.", "6.", "7.")
