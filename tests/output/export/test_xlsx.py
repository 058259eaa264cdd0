"""xlsx: a workbook as Excel would have it, read back as a spreadsheet program does and looked at as the file is."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from qwen_batch.errors import UsageError
from qwen_batch.output.export.spill import EXCEL_COLUMNS
from qwen_batch.output.export.table import Exported, ItemList, Leaf
from qwen_batch.output.export.xlsx import write_xlsx

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "http://x.example", "12")
TYPES = pa.schema(
    [
        ("document", pa.string()),
        ("source_uri", pa.string()),
        ("doc_id", pa.string()),
        ("value", pa.string()),
        ("value__page", pa.int32()),
        ("value__confidence", pa.float64()),
        ("day", pa.date32()),
        ("amount", pa.float64()),
        ("count", pa.int64()),
        ("yes", pa.bool_()),
        ("published_at", pa.timestamp("us", tz="UTC")),
    ]
)


def rows_of(*rows: dict[str, Any], schema: pa.Schema = TYPES) -> pa.Table:
    named = [{"document": "a", "source_uri": "/in/a", "doc_id": "1", **row} for row in rows]
    return pa.Table.from_pylist(named, schema=schema)


def book_of(exported: Exported, page_of: Any = None, **limits: int) -> bytes:
    file = io.BytesIO()
    write_xlsx(exported, page_of, file, **limits)
    return file.getvalue()


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def xml(content: bytes, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name).decode()


def column(content: bytes, name: str, sheet: str = "job") -> list[Any]:
    head, *rows = sheets(content)[sheet]
    return [row[head.index(name)] for row in rows]


def test_text_that_looks_like_a_formula_or_a_link_or_a_number_stays_text() -> None:
    content = book_of(Exported("job", rows_of(*({"value": text} for text in HOSTILE)), ()))
    assert "<f>" not in xml(content)
    assert "hyperlink" not in xml(content)
    assert column(content, "value") == [text.replace("\r", "\n") for text in HOSTILE]


def test_text_that_is_edited_does_not_become_a_formula() -> None:
    assert 'quotePrefix="1"' in xml(book_of(Exported("job", rows_of({"value": "=1"}), ())), "xl/styles.xml")
    assert "quotePrefix" not in xml(book_of(Exported("job", rows_of({"value": "1"}), ())), "xl/styles.xml")


def test_days_times_numbers_and_yes_are_cells_of_their_kind() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    row = {"day": date(2024, 2, 29), "amount": -12.5, "count": 7, "yes": True, "published_at": moment, "value": "x"}
    content = book_of(Exported("job", rows_of(row), ()))
    assert column(content, "day") == [date(2024, 2, 29)]
    assert column(content, "published_at") == [datetime(2026, 1, 2, 3, 4, 5)]  # noqa: DTZ001  Excel has no zones
    assert (column(content, "amount"), column(content, "count"), column(content, "yes")) == ([-12.5], [7], [True])


def test_what_excel_cannot_hold_as_it_is_stands_there_as_text() -> None:
    rows = rows_of({"day": date(1815, 6, 18), "amount": float("nan"), "count": 2**53 + 1})
    content = book_of(Exported("job", rows, ()))
    found = [column(content, name) for name in ("day", "amount", "count")]
    assert found == [["1815-06-18"], ["nan"], [str(2**53 + 1)]]


def test_control_characters_do_not_break_the_file() -> None:
    content = book_of(Exported("job", rows_of({"value": "a\x00b\x1fc\x0bd _x0041_ \r\ne"}), ()))
    assert column(content, "value") == ["a\ufffdb\ufffdc\ufffdd _x0041_ \ne"]


def test_a_long_text_is_cut_to_what_a_cell_takes_by_the_count_of_excel() -> None:
    content = book_of(Exported("job", rows_of({"value": "x" * 40_000}, {"value": "𝒳" * 20_000}), ()))
    plain, wide = column(content, "value")
    assert (len(plain), plain[-1]) == (32_767, "…")
    assert (len(wide.encode("utf-16-le")) // 2, wide[-1]) == (32_767, "…")


def test_the_header_stays_and_has_a_filter() -> None:
    text = xml(book_of(Exported("job", rows_of({}, {}), ())))
    assert '<pane xSplit="1" ySplit="1"' in text
    assert 'state="frozen"' in text
    assert '<autoFilter ref="A1:K3"/>' in text


def test_a_full_sheet_goes_on_in_the_next() -> None:
    rows = rows_of(*({"value": str(number)} for number in range(5)))
    found = sheets(book_of(Exported("job", rows, ()), sheet_rows=3))
    assert list(found) == ["job", "job (2)", "job (3)"]
    assert [len(sheet) for sheet in found.values()] == [3, 3, 2]
    assert all(sheet[0][0] == "document" for sheet in found.values())
    assert [row[3] for sheet in found.values() for row in sheet[1:]] == ["0", "1", "2", "3", "4"]


def test_many_cells_are_written_by_way_of_the_disk_and_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    exported = Exported("job", rows_of({"value": "=1"}, {"value": "_x0041_ é"}), ())
    before = sheets(book_of(exported, lambda *_: "file:///r/d/1.html"))
    monkeypatch.setattr("qwen_batch.output.export.xlsx.MANY_CELLS", 0)
    assert sheets(book_of(exported, lambda *_: "file:///r/d/1.html")) == before


def test_more_columns_than_excel_has_are_refused_with_the_way_out() -> None:
    schema = pa.schema([*TYPES, *((f"c{number}", pa.string()) for number in range(EXCEL_COLUMNS))])
    with pytest.raises(UsageError, match=r"job 'job' has 16,395 columns") as caught:
        book_of(Exported("job", schema.empty_table(), ()))
    assert ".csv" in caught.value.remedy


def test_text_from_right_to_left_reads_so() -> None:
    content = book_of(Exported("job", rows_of({"value": "מאת: ספריית העיר"}, {"value": "Haifa חיפה"}), ()))
    assert len(re.findall('readingOrder="2"', xml(content, "xl/styles.xml"))) == 1
    assert column(content, "value") == ["מאת: ספריית העיר", "Haifa חיפה"]


def test_a_document_leads_to_its_page_with_slashes_that_all_can_follow() -> None:
    pages = {"1": "_report/d/1.html", "2": "file:///my%20out/_report/d/2.html", "3": None}
    rows = rows_of(*({"document": f"=doc {key}", "doc_id": key} for key in pages))
    content = book_of(Exported("job", rows, ()), lambda _, doc_id: pages[doc_id])
    links = xml(content, "xl/worksheets/_rels/sheet1.xml.rels")
    assert re.findall('Target="([^"]+)"', links) == [pages["1"], pages["2"]]
    assert column(content, "document") == ["=doc 1", "=doc 2", "=doc 3"]


def test_a_list_has_a_sheet_with_a_row_an_item_and_a_cell_in_the_first() -> None:
    item = pa.struct([("name", pa.string()), ("page", pa.string())])
    more = [
        ("parties", pa.list_(item)),
        ("parties__quote", pa.list_(pa.string())),
        ("parties__page", pa.list_(pa.int32())),
    ]
    schema = pa.schema([*TYPES, *more, ("parties__confidence", pa.float64())])
    parties = [{"name": "=Ann", "page": "seller"}, {"name": "Bo", "page": None}]
    row = {
        "parties": parties,
        "parties__quote": ["Ann, seller", "Bo"],
        "parties__page": [1, None],
        "parties__confidence": 0.25,
    }
    leaves = (Leaf("name", pa.string(), "name"), Leaf("result_page", pa.string(), "page"))
    one = ItemList("parties", leaves, quoted=True, confidence="parties__confidence")
    content = book_of(Exported("parties", rows_of(row, {}, schema=schema), (one,)))
    found = sheets(content)
    assert list(found) == ["parties", "parties (2)"]
    assert column(content, "parties", "parties") == ["=Ann, seller; Bo", ""]
    assert "parties__quote" not in found["parties"][0]
    assert found["parties (2)"] == [
        ["document", "source_uri", "number", "name", "result_page", "quote", "page", "confidence"],
        ["a", "/in/a", 1.0, "=Ann", "seller", "Ann, seller", 1.0, 0.25],
        ["a", "/in/a", 2.0, "Bo", "", "Bo", "", 0.25],
    ]


def test_no_rows_are_a_sheet_with_its_header() -> None:
    assert sheets(book_of(Exported("job", TYPES.empty_table(), ()))) == {"job": [TYPES.names]}
