from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from qwen_batch import Amount, Job, Rows
from qwen_batch.evidence.by_code.rows import TableColumns, TakenRows, take_rows, with_rows
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.definition import job_rows, job_schema
from qwen_batch.job.rows.tables import Cell, Table, TableRow
from qwen_batch.outcomes import ConfidenceParts
from qwen_batch.records import Box, CleanDocument, Document
from qwen_batch.schema_walk import definitions_of


class Line(BaseModel):
    item: str | None = Field(max_length=9)
    name: str = Field(max_length=9)
    price: Amount | None


class Lines(BaseModel):
    lines: Annotated[list[Line], Rows()] = Field(max_length=4)


JOB = Job("lists", Lines, "List.")
(FIELD,) = job_rows(JOB)
CLEAN = CleanDocument(Document("d", "/d", "text/csv", 1), "", (), (), "en", 1, 0, None)


def table(*rows: tuple[str, ...], head: tuple[str, ...] = ("Item", "Name", "Price (EUR)")) -> Table:
    made = []
    for number, row in enumerate(rows, 2):
        places = [100 * number + 10 * at for at in range(len(row))]
        cells = tuple(Cell(text, at, at + len(text)) for at, text in zip(places, row, strict=True))
        made.append(TableRow(cells, 1, Box(0, 0, 0, 0), tuple(f"S!{letter}{number}" for letter in "ABC")))
    return Table(head, tuple(made))


def valid(item: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return Line.model_validate(item).model_dump(mode="json")
    except ValidationError:
        return None


def taken(*rows: tuple[str, ...]) -> TakenRows:
    found = [TableColumns(table(*rows), {0: 0, 1: 1, 2: 2})]
    return take_rows(found, FIELD, definitions_of(job_schema(JOB)), valid, CLEAN)


def test_rows_come_in_order_and_twice_where_they_stand_twice() -> None:
    done = taken(("A1", "ink", "1.50"), ("B2", "pen", ""), ("A1", "ink", "1.50"))
    assert [(one["item"], one["price"] and one["price"]["value"]) for one in done.items] == [
        ("A1", 1.5),
        ("B2", None),
        ("A1", 1.5),
    ]
    assert (done.is_whole, done.warnings) == (True, ())


def test_each_value_cites_its_cell() -> None:
    (item, name, value, currency) = taken(("A1", "ink", "1.50")).evidence
    assert (item.field, item.quote, item.start, item.end, item.cell) == ("lines[0].item", "A1", 200, 202, "S!A2")
    assert (name.field, name.value, name.cell) == ("lines[0].name", "ink", "S!B2")
    assert (value.field, value.value, value.quote) == ("lines[0].price.value", "1.5", "1.50")
    assert (currency.field, currency.value, currency.match) == ("lines[0].price.currency", "EUR", "exact")


def test_what_is_no_item_is_left_out_and_told() -> None:
    done = taken(("A1", "ink", "1"), ("", "Pens", ""), ("A2", "pen", "2"), ("A3", "", "9"), ("Total", "", "12"))
    assert [one["item"] for one in done.items] == ["A1", "A2"]
    (warning,) = done.warnings
    assert warning == (
        "lines: 2 of 5 rows; left out: 1 with one cell alone (S!A3: 'Pens'); 1 without name (S!A5: 'A3 | 9'); "
        "1 of totals (S!A6: 'Total | 12')"
    )


def test_a_full_row_that_begins_like_a_total_is_an_item() -> None:
    assert taken(("A1", "ink", "1"), ("Total", "Total kit", "3")).is_whole


def test_a_cell_that_says_no_value_is_told_and_its_row_stays() -> None:
    done = taken(("A1", "ink", "on request"), ("A2", "pen", "2"))
    assert [one["price"] is None for one in done.items] == [True, False]
    assert done.warnings == ("lines[].price: 1 cells say no value of it: 'on request' on page 1",)


def test_rows_beyond_the_bound_are_told() -> None:
    done = taken(*((f"A{number}", "ink", "1") for number in range(6)))
    assert len(done.items) == 4
    assert done.warnings[0].startswith("lines: 4 of 6 rows; left out: 2 beyond the 4 that the job allows (S!A6: 'A4")


def merged() -> Merged:
    empty = ConfidenceParts("lines", False, True, None, None, None, None, None, None)
    return Merged({"lines": []}, (), (empty,))


def test_a_list_that_was_taken_is_as_sure_as_its_columns() -> None:
    done = with_rows(merged(), taken(("A1", "ink", "1")), CLEAN)
    (parts,) = done.parts
    assert (parts.absent, parts.token, parts.match, parts.score) == (False, 1.0, "exact", 1.0)
    assert len(done.result["lines"]) == 1
    assert done.cut == ()


def test_a_list_that_lacks_rows_may_not_say_all() -> None:
    assert with_rows(merged(), taken(("A1", "ink", "1"), ("Total", "", "1")), CLEAN).cut == ("lines",)
