"""Accents drawn apart from their letters, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

from helpers.seen_pdfs import page_of, pdf, show, text_of


def test_accent_drawn_over_its_letter_stood_beside_it(tmp_path: Path) -> None:
    accent = show(78.2, 700, r"\302")  # the acute of Adobe's standard encoding, over the "a"
    assert text_of(page_of(pdf(tmp_path, show(72, 700, "Jan thanks all.") + accent))) == "Ján thanks all."


def test_accent_that_stands_alone_stays(tmp_path: Path) -> None:
    assert text_of(page_of(pdf(tmp_path, show(72, 700, r"Press \302 once.")))) == "Press \u00b4 once."
