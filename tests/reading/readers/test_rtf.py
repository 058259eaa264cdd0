"""rtf: paragraphs and tables, letters in any of its notations."""

from __future__ import annotations

from pathlib import Path

from helpers.read import pages_of, texts, write

RTF = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}{\*\generator none;}{\info{\author nobody}}
\pard\b Contract\b0\par
Caf\'e9 \u1044?\u1072? \u8364?5\line next line\par
\trowd\cellx100\cellx200 Item\cell Price\cell\row
\trowd\cellx100\cellx200 Desk\cell 10\cell\row
\pard after{\pict\wmetafile8 010203}\par}"""


def test_paragraphs_tables_and_letters(tmp_path: Path) -> None:
    (page,) = pages_of(write(tmp_path / "lying.docx", RTF))
    assert texts(page) == [
        "Contract",
        "Café Да €5",
        "next line",
        "| Item | Price |",
        "| --- | --- |",
        "| Desk | 10 |",
        "after",
    ]


def test_file_that_is_cut_off_keeps_its_text(tmp_path: Path) -> None:
    (page,) = pages_of(write(tmp_path / "a.rtf", RTF[:150]))
    assert texts(page)[0] == "Contract"
