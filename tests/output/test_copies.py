"""copies: the rows of a content that was asked before under another name, from wherever they lie."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from qwen_batch.output.copies import copied_rows, copyable
from qwen_batch.output.format import FORMATS
from qwen_batch.output.keys import KEY_SCHEMA, Key
from qwen_batch.output.layout import Table, open_output
from qwen_batch.output.ledger import Ledger
from qwen_batch.output.manifest import RunManifest
from qwen_batch.output.publishing import PublishAs, publish

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RESULT = pa.struct([("day", pa.date32()), ("parties", pa.list_(pa.struct([("name", pa.string())])))])
SCHEMA = pa.schema(
    [*KEY_SCHEMA, ("run_id", pa.string()), ("processed_at", pa.timestamp("us", tz="UTC")), ("result", RESULT)]
)
TABLE = Table("invoice", "f00d", SCHEMA)


class Open:
    """A fence that nobody has taken down."""

    def check(self) -> None:
        return


def key(doc_id: str, source_uri: str, job: str = "invoice") -> Key:
    return Key(doc_id, source_uri, job, "f00d")


def row(of: Key) -> pa.Table:
    result = {"day": date(2024, 2, 29), "parties": [{"name": f"甲 {of.doc_id}"}, None]}
    return pa.Table.from_pylist([of._asdict() | {"run_id": "r1", "processed_at": NOW, "result": result}], schema=SCHEMA)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(open_output(str(tmp_path)), Open())


def test_what_is_owed_is_found_under_any_name_of_its_content() -> None:
    done = [key("d1", "old.txt"), key("d2", "other.txt")]
    owed = [key("d1", "new.txt"), key("d1", "copy.txt"), key("d3", "unseen.txt"), key("d1", "new.txt", "another job")]
    assert copyable(owed, done) == {key("d1", "old.txt"): ["copy.txt", "new.txt"]}


@pytest.mark.parametrize("form", ["staged", "parquet", "jsonl"])
def test_a_row_is_copied_under_each_new_name_and_is_else_the_same(ledger: Ledger, form: str) -> None:
    asked = [key("d1", "a.txt"), key("d2", "b.txt")]
    for one in asked:
        ledger.stage(TABLE, row(one), "r1")
    if form != "staged":
        publish(
            ledger, [TABLE], RunManifest(run_id="r1", started=NOW, finished=NOW), PublishAs(FORMATS.load(form), 1000)
        )
    found = copied_rows(ledger, TABLE, {asked[0]: ["c.txt", "d.txt"]})
    expected = pa.concat_tables([row(key("d1", name)) for name in ("c.txt", "d.txt")])
    assert found.equals(expected)


def test_a_content_that_no_row_has_gives_an_empty_table_with_the_schema(ledger: Ledger) -> None:
    ledger.stage(TABLE, row(key("d1", "a.txt")), "r1")
    found = copied_rows(ledger, TABLE, {key("d9", "a.txt"): ["b.txt"]})
    assert len(found) == 0
    assert found.schema.equals(SCHEMA)
