"""stamps: the run, its moment and the document's name in every row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from qwen_batch.output.tables.stamps import next_moment, stamped, stamped_late

EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_clock_that_goes_back_does_not_take_the_moment_back() -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    first = next_moment([ahead, EARLY])
    assert ahead < first < next_moment([ahead, first])
    assert EARLY < next_moment([EARLY]) <= datetime.now(UTC)
    assert next_moment([]) <= datetime.now(UTC)


def test_only_columns_that_a_table_has_are_written() -> None:
    rows = pa.table({"source_uri": ["/in/a"], "run_id": ["killed"]})
    assert stamped(rows, "r1", EARLY).to_pylist() == [{"source_uri": "/in/a", "run_id": "r1"}]


def test_rows_of_an_earlier_version_get_their_run_s_moment_and_others_keep_theirs() -> None:
    names = pa.array([None, "b"], pa.string())
    moments = pa.array([None, EARLY], pa.timestamp("us", tz="UTC"))
    rows = pa.table(
        {"source_uri": ["/in/a", "/in/b"], "run_id": ["r1", "r2"], "document": names, "published_at": moments}
    )
    later = EARLY + timedelta(days=1)
    found = stamped_late(rows, {"r1": later, "r2": later}).to_pylist()
    assert [(row["document"], row["published_at"]) for row in found] == [("a", later), ("b", EARLY)]
