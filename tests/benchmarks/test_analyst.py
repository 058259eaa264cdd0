"""benchmarks/faults/analyst: five of its nights, and that a book which is wrong is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.faults.analyst import plot
from benchmarks.faults.analyst.leases import Lease
from benchmarks.faults.analyst.stage import Stage, play
from benchmarks.faults.tables import Result

pytestmark = pytest.mark.subprocess


@pytest.fixture(params=["parquet", "jsonl", "jsonl on S3"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """The rest, Parquet on S3, is what `python -m benchmarks.faults --only analyst` plays too."""
    form, *elsewhere = request.param.split(" on ")
    place = request.getfixturevalue("s3_bucket") if elsewhere else str(tmp_path)
    return Stage(f"{place}/in", f"{place}/out", form, tmp_path, Result(request.param))


def test_readers_and_book_agree_after_each_of_five_nights(stage: Stage) -> None:
    for night in plot.FIVE:
        play(stage, night)
    assert stage.result.trouble == []
    assert (stage.result.lost, stage.result.twice) == (0, 0)
    assert stage.book.standing()
    assert {stage.book.state(row) for row in stage.book.latest("lease", deleted=True).values()} == {
        "present",
        "changed",
        "deleted",
    }


def test_a_book_that_is_wrong_is_noticed_by_every_reader(tmp_path: Path) -> None:
    stage = Stage(f"{tmp_path}/in", f"{tmp_path}/out", "parquet", tmp_path, Result("parquet"))
    play(stage, plot.first)
    assert stage.result.trouble == []
    stage.book.known["a.txt"].content = Lease(1, place="Nowhere")  # its row is that of another content
    stage.book.known["empty.txt"].there = False
    stage.check("complete", stage.book.rows[:1])  # and these were published before
    for who in ("pyarrow", "pandas", "polars", "DuckDB"):
        for view in ("lease_latest", "lease_flat", "failures_latest"):
            assert any(f"{who}, {view}: missing" in said for said in stage.result.trouble), (who, view)
        assert any(f"{who}, failures: " in said for said in stage.result.trouble)
    for what in ("watermark", "status has the failures", "status has the files"):
        assert any(what in said for said in stage.result.trouble), what
