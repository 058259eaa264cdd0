from __future__ import annotations

from dataclasses import replace

import pytest

from qwen_batch.records import Box, HiddenText, Page
from qwen_batch.report.content import Answer, Citation, Fact, Field, Shown
from qwen_batch.report.pages import left_out, page_to_view
from qwen_batch.report.turning import Turn

BOX = Box(10, 20, 40, 30)


def citation(number: int, *boxes: Box, status: str = "accepted") -> Citation:
    return Citation(number, f"f{number}", "", "", 1, 0, 4, boxes, "exact", status, 1.0)


def test_words_that_someone_covered_are_counted_and_not_repeated() -> None:
    hidden = (HiddenText("covered", "the secret"), HiddenText("covered", ""), HiddenText("white", "pale words"))
    found = list(left_out([Page(3, 100, 100, (), hidden=hidden)]))
    assert [(one.kind, one.count, one.texts) for one in found] == [("covered", 2, ()), ("white", 1, ("pale words",))]


def test_evidence_of_one_place_is_one_box() -> None:
    view = page_to_view(Page(1, 100, 200, ()), [citation(1, BOX, status="rejected"), citation(2, BOX)], None, ())
    (placed,) = view.boxes
    assert [one.number for one in placed.citations] == [1, 2]
    assert placed.status == "accepted"


def test_a_small_box_lies_over_the_large_one_around_it() -> None:
    view = page_to_view(Page(1, 100, 200, ()), [citation(1, BOX), citation(2, Box(0, 0, 90, 90))], None, ())
    assert [placed.box for placed in view.boxes] == [Box(0, 0, 90, 90), BOX]


@pytest.mark.parametrize(
    ("degrees", "turned"),
    [(0, BOX), (90, Box(170, 10, 180, 40)), (180, Box(60, 170, 90, 180)), (270, Box(20, 60, 30, 90))],
)
def test_boxes_turn_with_the_page(degrees: int, turned: Box) -> None:
    turn = Turn(100, 200, degrees)
    assert turn.box(BOX) == turned
    width, height = turn.size
    assert 0 <= turned.x0 < turned.x1 <= width
    assert 0 <= turned.y0 < turned.y1 <= height


def test_evidence_in_another_document_is_on_no_page_of_this_one() -> None:
    own, other = replace(citation(1, BOX), doc_id="d"), replace(citation(2, BOX), doc_id="other")
    row = Answer(
        "j", "d", "/d", "f", "r", "m", "", None, 0, 1, 0, "en", "", 0, "present", (),
        (Field("f", None, (Fact("f", (), (own, other)),)),),
    )  # fmt: skip
    shown = Shown("k", "d", "/d", "d", (row,))
    assert [one.number for one in shown.citations()] == [1, 2]
    assert [one.number for one in shown.placed()] == [1]
