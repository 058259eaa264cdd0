"""reading_order: columns that were read across are put right; everything else stays as the file gives it."""

from __future__ import annotations

from itertools import chain

from qwen_batch.reading.clean.reading_order import page_in_reading_order
from qwen_batch.records import Box, Line, Page

WORDS = "some running text that fills its column"


def column(name: str, x: float, width: float, rows: int = 10, top: float = 120) -> list[Line]:
    return [Line(f"{name}{row} {WORDS}", Box(x, top + 14 * row, x + width, top + 14 * row + 10)) for row in range(rows)]


def across(*columns: list[Line]) -> list[Line]:
    return list(chain.from_iterable(zip(*columns, strict=True)))


def order(lines: list[Line]) -> list[str]:
    return [line.text.split()[0] for line in page_in_reading_order(Page(1, 612, 792, tuple(lines))).lines]


def names(*columns: list[Line]) -> list[str]:
    return [line.text.split()[0] for line in chain(*columns)]


def test_two_columns_read_across_are_put_one_after_the_other() -> None:
    left, right = column("a", 72, 220), column("b", 310, 220)
    assert order(across(left, right)) == names(left, right)


def test_three_columns() -> None:
    columns = column("a", 50, 160), column("b", 225, 160), column("c", 400, 160)
    assert order(across(*columns)) == names(*columns)


def test_a_title_above_and_a_table_below_stay_where_they_are() -> None:
    left, right = column("a", 72, 220), column("b", 310, 220)
    title = Line("Title of the paper across both columns", Box(72, 80, 530, 94))
    table = [Line(f"|{row} | cell |", Box(72, 300 + 12 * row, 530, 312 + 12 * row), kind="table") for row in range(3)]
    assert order([title, *across(left, right), *table]) == names([title], left, right, table)


def test_columns_in_the_right_order_are_left_alone_with_the_labels_of_a_figure_at_the_end() -> None:
    left, right = column("a", 72, 220), column("b", 310, 220)
    label = Line("label of a figure in the left column", Box(80, 400, 280, 410))
    page = Page(1, 612, 792, (*left, *right, label))
    assert page_in_reading_order(page) is page


def test_form_with_names_and_values_is_no_pair_of_columns() -> None:
    names_column = [Line(f"Field {row}:", Box(72, 100 + 14 * row, 130, 110 + 14 * row)) for row in range(12)]
    values = [Line(f"a value of row {row}", Box(310, 100 + 14 * row, 420, 110 + 14 * row)) for row in range(12)]
    page = Page(1, 612, 792, tuple(across(names_column, values)))
    assert page_in_reading_order(page) is page


def test_side_notes_stay_beside_the_text() -> None:
    notes = [Line(f"note {row}", Box(40, 100 + 14 * row, 90, 110 + 14 * row)) for row in range(10)]
    body = column("b", 110, 440, top=100)
    page = Page(1, 612, 792, tuple(across(notes, body)))
    assert page_in_reading_order(page) is page


def test_raised_letters_at_the_end_of_the_page_go_back_to_their_line() -> None:
    """The "th" of "5th" stood behind the page number, so that a sentence over the page break was cut."""
    body = column("a", 72, 400)
    raised = Line("th", Box(200, body[3].box.y0 - 1, 206, body[3].box.y0 + 4))
    assert order([*body, raised])[:5] == ["a0", "a1", "a2", "a3", "th"]


def test_lines_without_boxes_stay_as_they_are() -> None:
    page = Page(1, 0, 0, tuple(Line(text, Box(0, 0, 0, 0)) for text in "cab"))
    assert page_in_reading_order(page) is page


def test_boxes_of_a_grid_are_read_in_rows_unless_their_numbers_go_down_the_columns() -> None:
    def grid(numbers: str) -> list[Line]:
        places = ((72, 120), (310, 120), (72, 220), (310, 220))
        boxes = [column("t", x, 220, rows=5, top=top) for x, top in places]
        heads = [
            Line(f"{n}. head", Box(x, top - 14, x + 60, top - 4)) for n, (x, top) in zip(numbers, places, strict=True)
        ]
        return list(chain.from_iterable([head, *box] for head, box in zip(heads, boxes, strict=True)))

    assert [name for name in order(grid("1234")) if name[0] != "t"] == ["1.", "2.", "3.", "4."]
    assert [name for name in order(grid("1324")) if name[0] != "t"] == ["1.", "2.", "3.", "4."]


def test_title_that_is_drawn_last_comes_first() -> None:
    body = column("a", 72, 400)
    title = Line("Deed of Assignment", Box(200, 80, 330, 98))
    assert order([*body, title]) == names([title], body)


def test_right_column_that_is_drawn_first_comes_second() -> None:
    left, right = column("a", 72, 220), column("b", 310, 220)
    assert order([*right, *left]) == names(left, right)


def test_lines_drawn_in_any_order_are_read_from_top_to_bottom() -> None:
    body = column("a", 72, 400)
    assert order([body[at] for at in (3, 0, 9, 7, 1, 2, 8, 4, 6, 5)]) == names(body)


def test_side_heads_that_are_drawn_first_come_before_their_paragraphs() -> None:
    body = column("a", 200, 330)
    heads = [
        Line(text, Box(72, line.box.y0, 130, line.box.y1)) for text, line in zip(("X", "Y"), body[::5], strict=True)
    ]
    assert order([*heads, *body]) == ["X", *names(body[:5]), "Y", *names(body[5:])]


def test_foot_that_is_drawn_first_comes_last() -> None:
    body = column("a", 72, 400)
    foot = Line("Foot of the page", Box(400, 740, 480, 750))
    assert order([foot, *body]) == names(body, [foot])
