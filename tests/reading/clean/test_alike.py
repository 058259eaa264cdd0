"""alike: which lines of several pages are one line, and which numbers in them are page numbers."""

from __future__ import annotations

import pytest

from qwen_batch.reading.clean.alike import groups_of, has_letters, same_place_pt, similar, titles_with_page_numbers
from qwen_batch.reading.clean.edge_lines import EdgeLine, edge_lines
from qwen_batch.records import Box, Line, Page


def edges(texts: list[str], *, ocr: bool = False, places: list[float] | None = None) -> list[EdgeLine]:
    body = tuple(
        Line(f"the goods {'abcdefghijklmnopqrst'[row]}", Box(72, 100 + 14 * row, 540, 110 + 14 * row))
        for row in range(20)
    )
    pages = []
    for index, text in enumerate(texts):
        y = places[index] if places else 40.0
        pages.append(Page(index + 1, 612, 792, (Line(text, Box(72, y, 540, y + 10)), *body), ocr_done=ocr))
    return [edge for index, page in enumerate(pages) for edge in edge_lines(index, page) if edge.at.line == 0]


@pytest.mark.parametrize(
    "texts",
    [
        ["Order number: WO-5510", "Order number: WO-5511", "Order number: WO-5512"],
        ["Statement of Work No. 1", "Statement of Work No. 2", "Statement of Work No. 3"],
        ["Parcel 301, district of Eastmere", "Parcel 302, district of Eastmere", "Parcel 303, district of Eastmere"],
        ["Carried forward 1811.00", "Carried forward 2622.00", "Carried forward 3433.00"],
        ["Statement 2025-01", "Statement 2025-02", "Statement 2025-03"],
        ["3 March 2025 Bergen", "4 March 2025 Bergen", "5 March 2025 Bergen"],
        ["Meter reading of the depot 1017", "Meter reading of the depot 1023", "Meter reading of the depot 1031"],
    ],
)
def test_data_that_rises_from_page_to_page_is_not_one_line(texts: list[str]) -> None:
    assert all(len(group) == 1 for group in groups_of(edges(texts)))


@pytest.mark.parametrize(
    "texts",
    [
        ["Annual Report 2024 | 11", "Annual Report 2024 | 12", "Annual Report 2024 | 13"],
        ["11 Harbour Tenders", "12 Harbour Tenders", "13 Harbour Tenders"],
        ["Contract KX-2291 - Page 1 of 3", "Contract KX-2291 - Page 2 of 3", "Contract KX-2291 - Page 3 of 3"],
        ["Exhibit A-1", "Exhibit A-2", "Exhibit A-3"],
    ],
)
def test_a_number_that_counts_the_pages_is_a_page_number(texts: list[str]) -> None:
    assert [len(group) for group in groups_of(edges(texts))] in (
        [3],
        [1, 1, 1] if texts[0].startswith("Exhibit") else [3],
    )


def test_running_heads_of_a_scan_stand_at_changing_heights() -> None:
    texts = ["Scope of the works 11", "Payment terms 12", "Insurance and risk 13", "Termination of it 14"]
    places = [40.0, 52.0, 46.0, 61.0]
    assert [len(group) for group in titles_with_page_numbers(edges(texts, ocr=True, places=places))] == [4]
    assert not list(titles_with_page_numbers(edges(texts, places=[40.0, 80.0, 120.0, 160.0])))


def test_titles_whose_number_only_rises_count_on_facing_pages_alone() -> None:
    assert not list(
        titles_with_page_numbers(edges(["Fee of the works 17", "Sum of the goods 23", "Rent of a mill 38"]))
    )
    facing = ["Scope of the works 3", "12 The tender", "Insurance of it 17", "20 The tender"]
    assert [len(group) for group in titles_with_page_numbers(edges(facing))] == [4]


def test_similar_texts_letters_and_places() -> None:
    assert similar("harbour tenders", "harhour tenders")
    assert not similar("harbour", "tenders")
    assert has_letters("ab#")
    assert not has_letters("a#")
    assert same_place_pt(edges(["a b"])) < same_place_pt(edges(["a b"], ocr=True))
