"""document_headings: the headings of an outline are found by marks, numbers, size and place, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.asking.outlining.document_headings import document_to_headings
from qwen_batch.records import Box, CleanDocument, Document, LineSpan

BODY = "The office compared the figures of this part with those of the year before."
SIZE = 10.0
Drawn = tuple[str, float]
"""A line and its type size in points; a text of its own is a line in the size of the text, between blank lines."""


def clean(lines: Sequence[Drawn | str], mime: str = "application/pdf") -> CleanDocument:
    """Each line a block of its own; its box as high as letters of its size that rise and fall."""
    text, spans = "", []
    for place, one in enumerate(lines):
        words, size = one if isinstance(one, tuple) else (one, SIZE)
        height = size * (0.93 if any(letter in words for letter in "gjpqy(),") else 0.74)
        y = 20.0 * place
        spans.append(LineSpan(len(text), len(text) + len(words), 1, Box(70, y, 400, y + height)))
        text += f"{words}\n\n"
    return CleanDocument(Document("0" * 64, "made", mime, 1), text, tuple(spans), (), "en", 1, 0, None)


def titles(document: CleanDocument) -> list[str]:
    return [one.title for one in document_to_headings(document)]


def levels(document: CleanDocument) -> list[int]:
    return [one.rank for one in document_to_headings(document)]


def sections(*headings: Drawn | str) -> list[Drawn | str]:
    return [part for heading in headings for part in (heading, BODY, BODY)]


def test_sentence_case_headings_are_found_by_their_size() -> None:
    given = sections(("How we measured demand", 13.0), ("What readers told us", 13.0), ("Still open", 13.0))
    assert titles(clean(given)) == ["How we measured demand", "What readers told us", "Still open"]


def test_a_short_line_alone_above_a_paragraph_is_a_heading_where_no_size_is_known() -> None:
    document = clean(sections("What was examined", "Near misses"), "text/plain")
    bare = replace(document, lines=tuple(replace(line, box=Box(0, 0, 0, 0)) for line in document.lines))
    assert titles(bare) == ["What was examined", "Near misses"]


def test_roman_and_lettered_headings_count_on() -> None:
    assert titles(clean(sections("I. Credit", "II. House prices", "III. Measures"))) == [
        "I. Credit",
        "II. House prices",
        "III. Measures",
    ]
    assert titles(clean(sections("A. Sampling", "B. Nitrate", "C. Pesticides"))) == [
        "A. Sampling",
        "B. Nitrate",
        "C. Pesticides",
    ]


def test_decimals_and_sizes_give_levels() -> None:
    assert levels(clean(sections("1. Background", "2. Findings", "2.1 Waiting times", "3. Costs"))) == [0, 0, 1, 0]
    assert levels(clean(sections(("A report", 20.0), ("Who came", 13.0), ("Staff", 11.5), ("Costs", 13.0)))) == [
        0,
        1,
        2,
        1,
    ]


def test_a_title_on_two_lines_is_one_heading() -> None:
    assert titles(clean([("Financial Stability Note,", 16.0), ("Spring 2024", 16.0), *sections("I. Credit")]))[0] == (
        "Financial Stability Note, Spring 2024"
    )


def test_where_a_file_marks_its_headings_nothing_else_is_one() -> None:
    given = ["# Report", "## Prices", BODY, "A Title That Is None", BODY, "### Butter", BODY]
    assert titles(clean(given, "text/markdown")) == ["Report", "Prices", "Butter"]
    assert levels(clean(given, "text/markdown")) == [0, 1, 2]


def test_a_number_sign_on_a_page_is_no_mark() -> None:
    given = ["# enc-layers", "# dec-layers", BODY, *sections(("Results", 13.0))]
    assert titles(clean(given)) == ["Results"]


def test_sentences_tables_captions_contents_and_lists_are_no_headings() -> None:
    given = [
        "Contents",
        "1 Prices ................ 2",
        "2 Stocks ................ 3",
        BODY,
        "The plan had foreseen a slower start.",
        "| District | 2021 |",
        "Figure 3: Prices of butter",
        "• Demand was highest in winter",
        "1. Apples",
        "2. Pears",
        "3. Plums",
        BODY,
    ]
    assert titles(clean(given)) == []


def test_chinese_chapters_stand_above_their_sections() -> None:
    body = "全省产量与上年基本持平，价格略有下降。各地区之间的差异大于各年度之间的差异。"
    document = clean(
        [
            "第一章 行业概况",
            body,
            "第一节 产能",
            body,
            "第二节 价格",
            body,
            "第二章 经营情况",
            body,
            "第一节 成本",
            body,
        ]
    )
    assert titles(document) == ["第一章 行业概况", "第一节 产能", "第二节 价格", "第二章 经营情况", "第一节 成本"]
    assert levels(document) == [0, 1, 1, 0, 1]


def test_what_only_heads_and_feet_say_has_no_headings() -> None:
    document = clean(sections(("Prices", 13.0)))
    foot = len(document.text)
    text = document.text + "## Heads and feet of pages\n\n## Filed 1 May\n"
    assert titles(replace(document, text=text, facts_at=foot)) == ["Prices"]
