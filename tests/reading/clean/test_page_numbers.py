"""page_numbers: what a line says as a page number."""

from __future__ import annotations

import pytest

from qwen_batch.reading.clean.page_numbers import PageLabel, outer_number, page_label


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
