"""The outline benchmark's measures: headings in order, figures with their citations, and gold that its reports hold."""

from __future__ import annotations

import pytest
from helpers.places import ROOT

from benchmarks.answers.outline.ask import OutlineAnswer
from benchmarks.answers.outline.cases import GoldFigure, GoldHeading, OutlineGold, outline_gold
from benchmarks.answers.outline.measures import headings_found, same_figure, same_heading
from benchmarks.answers.outline.score import figure_grade, sections_found
from benchmarks.common import SHARED_DATA

GOLD = OutlineGold(
    ROOT / "report.pdf",
    "report.pdf",
    "en",
    "digital",
    "A report",
    (GoldHeading(1, "1. Prices", 1), GoldHeading(2, "1.1 Butter", 1), GoldHeading(1, "2. Stocks", 2)),
    (GoldFigure("farm price", "43.6 cents", "The farm price was 43.6 cents.", 2),),
)


def answer(headings: list[str], value: str, page: int | None) -> OutlineAnswer:
    result = {"sections": [{"heading": one} for one in headings], "key_figures": [{"value": value}]}
    return OutlineAnswer("report.pdf", "tree", result, (page,), 1, 1, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1. Prices", "Prices"),
        ("第一章 行业概况", "第一章行业概况"),
        ("IV. Capital", "Capital"),
        ("Outlok for 2024", "Outlook for 2024"),
    ],
)
def test_headings_are_the_same_without_their_numbers_and_with_a_letter_misread(one: str, other: str) -> None:
    assert same_heading(one, other)
    assert not same_heading(one, "Something else")


def test_headings_count_in_order() -> None:
    found = headings_found(
        ["Stocks", "Prices", "Butter", "Invented"], ["Prices", "Stocks"], ["Prices", "Butter", "Stocks"]
    )
    assert (found.found, found.gold, found.given, found.right) == (1, 2, 4, 3)


def test_sections_below_the_first_level_are_right_but_not_expected() -> None:
    found = sections_found(answer(["Prices", "Butter", "Stocks"], "", None), GOLD)
    assert (found.found, found.gold, found.right) == (2, 2, 3)


@pytest.mark.parametrize(
    ("value", "page", "right", "cited"),
    [("43.6 cents", 2, 1, 1), ("43.6 cents", 1, 1, 0), ("43.6", None, 1, 0), ("46.3 cents", 2, 0, 0)],
)
def test_a_figure_is_cited_if_its_quote_lies_on_the_page(value: str, page: int | None, right: int, cited: int) -> None:
    grade = figure_grade(answer([], value, page), GOLD)
    assert (grade.given, grade.right, grade.cited) == (1, right, cited)


def test_figures_that_are_not_given_count_as_wrong() -> None:
    nothing = OutlineAnswer("report.pdf", "tree", None, (), 0, 0, 0, "too_long")
    assert figure_grade(nothing, GOLD).given == 1


def test_thousands_are_written_in_two_ways() -> None:
    assert same_figure("1476 homes", "1,476 homes")
    assert not same_figure("homes", "homes")


def test_the_gold_of_the_projects_reports_names_files_that_are_there() -> None:
    gold = [one for one in outline_gold(SHARED_DATA) if one.path.is_relative_to(ROOT / "data")]
    assert len(gold) >= 20
    assert [one.name for one in gold if not one.path.is_file()] == []
    assert {one.half for one in gold} == {"dev", "test"}
    assert all(figure.value in figure.quote for one in gold for figure in one.figures)
