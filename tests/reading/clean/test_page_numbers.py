"""page_numbers: what a line says as a page number."""

from __future__ import annotations

import pytest

from qwen_batch.reading.clean.page_numbers import (
    PageLabel,
    counting_places,
    outer_number,
    page_label,
    without_named_number,
    without_page_number,
)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("- 3 -", PageLabel(3)),
        ("iv", PageLabel(4)),
        ("Page 3 of 12", PageLabel(3, 12, named=True)),
        ("3 / 12", PageLabel(3, 12, named=True)),
        ("第3页 共12页", PageLabel(3, 12, named=True)),
        ("A-3", PageLabel(3)),
        ("~ 3 ~", PageLabel(3)),
        ("[3]", PageLabel(3)),
        ("Page: 3", PageLabel(3, named=True)),
        ("Page | 3", PageLabel(3, named=True)),
        ("3 | Page", PageLabel(3, named=True)),
        ("Page No. 3", PageLabel(3, named=True)),
        ("P. iv", PageLabel(4, named=True)),
        ("3 of 12 pages", PageLabel(3, 12, named=True)),
        ("Seite 3 von 12", PageLabel(3, 12, named=True)),
        ("Página 3 de 12", PageLabel(3, 12, named=True)),
        ("第 3 頁", PageLabel(3, named=True)),
        ("3页", PageLabel(3, named=True)),
        ("1 ____ ____", PageLabel(1)),
        ("Initials: ____ ____ Page 3 of 7", PageLabel(3, 7, named=True)),
        ("Pages missing", None),
        ("12 of the goods", None),
        ("$ 3", None),
        ("pi", None),
        ("Section 3", None),
        ("3.1 Scope", None),
        ("iiii", None),
        ("7-45", PageLabel(45)),
        ("(c)", None),
        ("(ii)", None),
        ("l", None),
    ],
)
def test_page_labels(text: str, label: PageLabel | None) -> None:
    assert page_label(text) == label


@pytest.mark.parametrize(
    ("text", "number"),
    [("row and column access 15", 15), ("20 row and column access", 20), ("row and column", None), ("15", None)],
)
def test_number_at_the_outer_end_of_a_title(text: str, number: int | None) -> None:
    assert outer_number(text) == number


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("annual report 12", (True,)),
        ("12 annual report", (True,)),
        ("annual report 2024 | 12", (False, True)),
        ("contract kx-2291 - page 3 of 12", (False, True, True)),
        ("harbour tenders a-12", (True,)),
        ("order number: wo-5510", (False,)),
        ("statement of work no. 3", (False,)),
        ("parcel 301, district of eastmere", (False,)),
        ("parcel 301", (False,)),
        ("carried forward 1811.00", (False, False)),
        ("3 march", (False,)),
        ("rent of the mill € 240", (False,)),
        ("fee for week 12", (False,)),
    ],
)
def test_where_a_page_number_may_stand(text: str, places: tuple[bool, ...]) -> None:
    assert counting_places(text) == places


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("Contract KX-2291 - Page 3 of 12", None, "Contract KX-2291"),
        ("Page 3 | Contract KX-2291", None, "Contract KX-2291"),
        ("Annual Report 12", 12, "Annual Report"),
        ("12 | Annual Report", 12, "Annual Report"),
        ("Annual Report 12", 13, "Annual Report 12"),
        ("Frame Agreement 4512", None, "Frame Agreement 4512"),
    ],
)
def test_a_line_without_its_page_number(text: str, number: int | None, rest: str) -> None:
    assert without_page_number(text, number) == rest


def test_a_page_number_in_the_middle_of_a_line() -> None:
    assert without_named_number("Confidential Page 3 of 7 Initials").split() == ["Confidential", "Initials"]


def test_places_for_initials_with_a_stroke_kept_the_page_number_in_the_text() -> None:
    label = page_label("Page 3 of 5   Initials: ____ / ____")
    assert label is not None
    assert (label.number, label.total) == (3, 5)
