"""incident_timeline over data/logs, with an engine that takes each line that it is shown for an event."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT
from helpers.runs import request_for, run
from helpers.told import FakeTold, told_machinery

from benchmarks.common import json_lines
from qwen_batch.config import Config
from qwen_batch.output.views.reading import latest_records

pytestmark = pytest.mark.subprocess

LOGS = ROOT / "data" / "logs"
TIMELINES = {one["source"]: one["fields"] for one in json_lines(LOGS / "gold" / "incident_timeline.jsonl")}
CAUSES = [fields["first_cause.what"] for fields in TIMELINES.values()]


def every_line(shown: str) -> dict[str, Any]:
    """An event for each line, the last one first, quoted from behind its time."""
    lines = [line for line in shown.partition(">\n")[2].splitlines() if line.strip()]
    events = []
    for line in reversed(lines):
        quote = line.partition(" ")[2][:120]
        events.append({"quote": quote, "what": quote[-100:], "severity": "error"})
    return {"events": events}


def first_cause(shown: str) -> dict[str, Any]:
    """The line of the timeline that holds what the gold calls the cause, quoted in part."""
    cause = next(cause for cause in CAUSES if cause in shown)
    said = {"quote": cause, "what": cause}
    return {"worst": said, "first_cause": {**said, "why": "the rest follows"}, "summary": "It broke."}


def timeline(folder: str, tmp_path: Path, config: Config, jobs_dir: Path) -> tuple[dict[str, Any], FakeTold]:
    engine = FakeTold({"log_events": every_line, "incident_timeline": first_cause})
    request = request_for(LOGS / "samples" / folder, tmp_path / "out", config, jobs_dir, "incident_timeline")
    assert run(request, told_machinery(engine)).rows == {"log_events": 2, "incident_timeline": 1, "failures": 0}
    (row,) = latest_records(tmp_path / "out", "incident_timeline")
    return row, engine


@pytest.mark.parametrize("folder", sorted(TIMELINES))
def test_events_of_two_logs_are_one_timeline_and_cite_their_lines(
    folder: str, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    row, engine = timeline(folder, tmp_path, null_config, jobs_dir)
    events = row["result"]["events"]
    assert [event["line"] for event in events] == TIMELINES[folder]["events[].line"]
    texts = {file.name: file.read_text("utf-8") for file in (LOGS / "samples" / folder).iterdir()}
    for place, event in enumerate(events):
        found = [one for one in row["evidence"] if one["field"] == f"events[{place}].what"]
        assert [Path(one["source_uri"]).name for one in found] == [event["document"]]
        (one,) = found
        text = texts[event["document"]]
        assert one["quote"] in text.splitlines()[event["line"] - 1]
        assert text[one["start"] : one["end"]] == one["quote"]
        assert one["page"] == 1
    assert len(engine.asked) == 3


@pytest.mark.parametrize("folder", sorted(TIMELINES))
def test_the_first_cause_cites_the_line_of_its_log(
    folder: str, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    row, _ = timeline(folder, tmp_path, null_config, jobs_dir)
    cause = TIMELINES[folder]["first_cause.what"]
    assert row["result"]["first_cause"]["what"] == cause
    (one,) = [one for one in row["evidence"] if one["field"] == "first_cause.what"]
    assert cause in one["quote"]
    assert one["source_uri"].endswith(".log")


def test_a_line_that_repeats_says_how_often_and_until_when(tmp_path: Path, null_config: Config, jobs_dir: Path) -> None:
    timeline("checkout_en", tmp_path, null_config, jobs_dir)
    rows = {row["source_uri"].rpartition("/")[2]: row for row in latest_records(tmp_path / "out", "log_events")}
    burst = next(event for event in rows["orders.log"]["result"]["events"] if "not saved" in event["what"])
    assert burst["what"].endswith("not saved")
    assert burst["times"] == 40
    assert burst["at"].startswith("2026-03-14T10:09:")
    assert burst["until"] > burst["at"]
    assert not re.search(r"times until", burst["quote"])
    assert any("name no year" in warning for warning in rows["database.log"]["warnings"])
