"""timeline: whatever the seed, all that is planted is shown, and the score counts what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from benchmarks.timeline.made import MadeLog, write_log
from benchmarks.timeline.score import timeline_score
from qwen_batch.asking.logs.condense import document_to_log
from qwen_batch.job.logs.lines import CondensedLog
from qwen_batch.records import Box, CleanDocument, Document, LineSpan


def condensed(log: MadeLog) -> CondensedLog:
    text = log.path.read_text("utf-8")
    lines = text.splitlines()
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    spans = tuple(
        LineSpan(start, start + len(line), 1, Box(0, 0, 0, 0), number=number)
        for number, (start, line) in enumerate(zip(starts, lines, strict=False), 1)
    )
    document = Document("d", str(log.path), "text/plain", len(text))
    found = document_to_log(CleanDocument(document, text, spans, (), "en", 1, 0, None))
    assert found is not None
    return found


def row_of(log: MadeLog) -> dict[str, Any]:
    """A timeline that a fake writes: each planted event by its first line."""
    lines = log.path.read_text("utf-8").splitlines()
    events = [{"line": one.lines[0], "what": one.message} for one in log.planted]
    evidence = list(_evidence(log, lines))
    return {"result": {"events": events}, "evidence": evidence}


def _evidence(log: MadeLog, lines: list[str]) -> Iterator[dict[str, Any]]:
    for place, one in enumerate(log.planted):
        yield {"field": f"events[{place}].what", "quote": lines[one.lines[0] - 1][-40:]}
        if one.is_cause:
            yield {"field": "first_cause.what", "quote": lines[one.lines[0] - 1]}


@pytest.mark.parametrize("seed", range(9))
def test_of_each_incident_and_style_every_planted_event_is_shown(seed: int, tmp_path: Path) -> None:
    log = write_log(tmp_path / "app.log", seed, 0.7)
    assert len(log.planted) == 30
    assert sum(one.is_cause for one in log.planted) == 1
    shown = {one.number for one in condensed(log).shown}
    missing = [one.message for one in log.planted if not shown & set(one.lines)]
    assert missing == []
    assert len(shown) <= 240


def test_a_seed_makes_the_same_log_again(tmp_path: Path) -> None:
    one, other = (write_log(tmp_path / name, 5, 0.2) for name in ("a.log", "b.log"))
    assert one.path.read_bytes() == other.path.read_bytes()
    assert one.planted == other.planted


def test_a_right_timeline_is_scored_so_and_each_fault_is_counted(tmp_path: Path) -> None:
    log = write_log(tmp_path / "app.log", 1, 0.2)
    score = timeline_score(log, row_of(log))
    assert (score.found, score.extra, score.uncited, score.in_order, score.cause) == (30, 0, 0, True, True)
    row = row_of(log)
    row["result"]["events"][3:5] = reversed(row["result"]["events"][3:5])
    assert not timeline_score(log, row).in_order
    assert timeline_score(log, row).uncited == 2
    row = row_of(log)
    planted = {number for one in log.planted for number in one.lines}
    row["result"]["events"][0]["line"] = next(number for number in range(1, 100) if number not in planted)
    score = timeline_score(log, row)
    assert (score.found, score.extra, score.uncited) == (29, 1, 1)
    row = row_of(log)
    row["evidence"] = [one for one in row["evidence"] if one["field"] != "first_cause.what"]
    assert not timeline_score(log, row).cause
