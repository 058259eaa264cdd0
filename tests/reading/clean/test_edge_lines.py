"""edge_lines: which lines of a page are looked at as headers and footers, and how far from the edge they stand."""

from __future__ import annotations

from qwen_batch.reading.clean.edge_lines import EDGE_LINES_WITHOUT_BOXES, EDGE_ROWS, LineAt, edge_lines, rows_of
from qwen_batch.records import Box, Line, Page

NOWHERE = Box(0, 0, 0, 0)


def line(text: str, y: float, x0: float = 72, height: float = 10) -> Line:
    return Line(text, Box(x0, y, x0 + 100, y + height))


def page(*lines: Line, ocr: bool = False) -> Page:
    return Page(1, 612, 792, lines, ocr_done=ocr)


def test_rows_count_from_their_edge_and_the_middle_is_left_out() -> None:
    lines = [line(f"row {number}", 50 + 20 * number) for number in range(20)]
    edges = list(edge_lines(3, page(*lines)))
    assert [(edge.zone, edge.row) for edge in edges] == [
        *(("header", row) for row in range(EDGE_ROWS)),
        *(("footer", row) for row in range(EDGE_ROWS)),
    ]
    assert [edge.at for edge in edges[:2]] == [LineAt(3, 0), LineAt(3, 1)]
    assert [edge.at for edge in edges[EDGE_ROWS : EDGE_ROWS + 2]] == [LineAt(3, 19), LineAt(3, 18)]


def test_a_short_page_has_its_lines_in_both_zones() -> None:
    edges = list(edge_lines(0, page(line("one", 100), line("two", 120))))
    assert [(edge.zone, edge.row, edge.plain) for edge in edges] == [
        ("header", 0, "one"),
        ("header", 1, "two"),
        ("footer", 0, "two"),
        ("footer", 1, "one"),
    ]


def test_the_order_is_that_of_the_page_and_not_of_the_file() -> None:
    edges = list(edge_lines(0, page(line("below", 700), line("above", 40))))
    assert [edge.at.line for edge in edges if edge.zone == "header"] == [1, 0]


def test_lines_side_by_side_are_one_row() -> None:
    left, right = line("Confidential", 40), line("Page 3", 42, x0=400)
    edges = [edge for edge in edge_lines(0, page(left, right, line("text", 100))) if edge.zone == "header"]
    assert [(edge.row, edge.left) for edge in edges] == [(0, 72), (0, 400), (1, 72)]
    assert [[at for at, _ in row] for row in rows_of([(0, line("c", 90)), (1, left), (2, right)])] == [[1, 2], [0]]


def test_a_line_says_its_place_its_spelling_and_its_text_without_numbers() -> None:
    (edge, _) = edge_lines(0, page(line("Page  12  of 30", 40), ocr=True))
    assert (edge.place, edge.left, edge.ocr) == (45, 72, True)
    assert (edge.plain, edge.key) == ("page 12 of 30", "page#of#")


def test_without_boxes_at_most_half_of_the_lines_are_looked_at() -> None:
    lines = [Line(f"line {number}", NOWHERE) for number in range(4)]
    edges = list(edge_lines(0, page(*lines)))
    assert [(edge.zone, edge.at.line) for edge in edges] == [("header", 0), ("header", 1), ("footer", 3), ("footer", 2)]
    assert {edge.place for edge in edges} == {None}
    many = list(edge_lines(0, page(*[Line(f"line {number}", NOWHERE) for number in range(20)])))
    assert len(many) == 2 * EDGE_LINES_WITHOUT_BOXES


def test_tables_blank_lines_and_what_the_file_calls_a_header_are_left_out() -> None:
    table = Line("| a | b |", Box(72, 40, 172, 50), kind="table")
    header = Line("Draft", Box(72, 20, 172, 30), kind="header")
    edges = list(edge_lines(0, page(header, table, line("  ", 60), line("text", 80))))
    assert {edge.at.line for edge in edges} == {3}
    assert list(edge_lines(0, page())) == []
