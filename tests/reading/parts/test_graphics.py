"""graphics: text that is drawn, with what is raised or struck out set off."""

from __future__ import annotations

from qwen_batch.reading.parts.graphics import drawn_text
from qwen_batch.reading.parts.xml import xml_to_tree

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def paragraph(*runs: tuple[str, str]) -> str:
    inner = "".join(f"<a:r><a:rPr {look}/><a:t>{text}</a:t></a:r>" for look, text in runs)
    return drawn_text(xml_to_tree(f'<a:p xmlns:a="{DRAWING}">{inner}</a:p>'.encode()))


def test_a_note_mark_joins_no_figure() -> None:
    assert paragraph(("", "EUR 1,200"), ('baseline="30000"', "3"), ("", " net")) == "EUR 1,200^3 net"
    assert paragraph(("", "10"), ('baseline="30000"', "1"), ('baseline="30000"', "2"), ("", "5 m")) == "10^12 5 m"
    assert paragraph(("", "CO"), ('baseline="-25000"', "2")) == "CO_2"
    assert paragraph(("", "the 1"), ('baseline="30000"', "st"), ("", " of May")) == "the 1st of May"


def test_struck_text_stays_in_its_place_with_marks() -> None:
    assert paragraph(("", "in "), ('strike="sngStrike"', "14 "), ('strike="noStrike"', "30")) == "in ~~14~~ 30"
