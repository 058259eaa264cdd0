"""lengths: about how long documents are, from above, and without harm from files that are not what they seem."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from helpers.documents import documents_at

from qwen_batch.config import ReadSettings
from qwen_batch.reading import lengths
from qwen_batch.reading.lengths import TOKENS_PER_PAGE, document_tokens

pytestmark = pytest.mark.subprocess

SETTINGS = ReadSettings()


def pdf(path: Path, pages: int, padding: int = 0) -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    document.save(path)
    with path.open("ab") as file:
        file.write(b"%" * padding)


def test_the_pages_of_a_pdf_bound_it_where_its_size_does_not(tmp_path: Path) -> None:
    pdf(tmp_path / "scan.pdf", 3, padding=2_000_000)
    pdf(tmp_path / "small.pdf", 1)
    assert document_tokens(documents_at(tmp_path), SETTINGS)[0] == 3 * TOKENS_PER_PAGE


def test_a_text_has_at_most_a_token_for_three_bytes(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("word " * 600)
    assert document_tokens(documents_at(tmp_path), SETTINGS) == [1000]


def test_an_image_is_some_pages(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff" + b"0" * 100_000)
    assert document_tokens(documents_at(tmp_path), SETTINGS) == [4 * TOKENS_PER_PAGE]


def test_a_damaged_pdf_reserves_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 1_000_000)
    assert document_tokens(documents_at(tmp_path), SETTINGS) == [0]


def test_scans_that_are_not_opened_are_no_longer_than_those_that_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lengths, "MAX_OPENED", 5)
    for number in range(10):
        pdf(tmp_path / f"{number}.pdf", 2, padding=100_000 + number)
    assert document_tokens(documents_at(tmp_path), SETTINGS) == [2 * TOKENS_PER_PAGE] * 10


def test_nothing_needs_nothing() -> None:
    assert document_tokens([], SETTINGS) == []
