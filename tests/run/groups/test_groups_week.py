"""weekly_report over data/weeks, with an engine that reads notes as their gold does."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT
from helpers.runs import request_for, run
from helpers.told import FakeTold, told_machinery

from benchmarks.common import json_lines
from qwen_batch.config import Config
from qwen_batch.evaluate.evaluation import evaluate_output
from qwen_batch.output.views.reading import latest_records

pytestmark = pytest.mark.subprocess

WEEKS = ROOT / "data" / "weeks"
NOTES = list(json_lines(WEEKS / "gold" / "week_notes.jsonl"))
REPORTS = {one["source"]: one for one in json_lines(WEEKS / "gold" / "weekly_report.jsonl")}
LISTS = ("done", "decisions", "problems")


def as_gold(shown: str) -> dict[str, Any]:
    """The answer that gold holds of the note that is shown."""
    note = next(one for one in NOTES if _quotes(one, "date.date")[0] in shown and _is_of(one, shown))
    fields = note["fields"]
    answer: dict[str, Any] = {"date": {"quote": _quotes(note, "date.date")[0], "date": fields["date.date"]}}
    for name in LISTS:
        path = f"{name}[].text"
        answer[name] = [
            {"quote": quote, "text": text, "who": None}
            for text, quote in zip(fields[path], _quotes(note, path), strict=True)
        ]
    texts, dues = fields["next_steps[].text"], fields["next_steps[].due"]
    answer["next_steps"] = [
        {"quote": quote, "text": text, "who": None, "due": due}
        for text, quote, due in zip(texts, _quotes(note, "next_steps[].text"), dues, strict=True)
    ]
    return answer


def _is_of(note: dict[str, Any], shown: str) -> bool:
    return all(
        one["quote"] in shown for path, places in note["evidence"].items() if path != "date.date" for one in places
    )


def _quotes(note: dict[str, Any], path: str) -> list[str]:
    return [one["quote"] for one in note["evidence"].get(path, [])]


def first_problem(shown: str) -> dict[str, Any]:
    line = next(line for line in shown.partition("## problems\n")[2].splitlines() if line.startswith("- "))
    return {"highlights": [{"quote": line[2:], "text": "It is late."}], "summary": "A week of work."}


def report(tmp_path: Path, config: Config, jobs_dir: Path, folder: str) -> dict[str, Any]:
    engine = FakeTold({"week_notes": as_gold, "weekly_report": first_problem})
    request = request_for(WEEKS / "samples" / folder, tmp_path / "out", config, jobs_dir, "weekly_report")
    count = sum(one["source"].startswith(f"{folder}/") for one in NOTES)
    assert run(request, told_machinery(engine)).rows == {"week_notes": count, "weekly_report": 1, "failures": 0}
    (row,) = latest_records(tmp_path / "out", "weekly_report")
    return row


@pytest.mark.parametrize("folder", sorted(REPORTS))
def test_notes_and_mails_of_a_folder_are_one_report_that_says_all_once(
    folder: str, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    row = report(tmp_path, null_config, jobs_dir, folder)
    for job in ("week_notes", "weekly_report"):
        scores = evaluate_output(_gold_of(folder, job, tmp_path), str(tmp_path / "out"), job, jobs_dir).scores
        wrong = [one for one in scores.judgements if not one.is_right]
        assert wrong == []
    assert row["result"]["documents"] == len(row["members"])


def _gold_of(folder: str, job: str, tmp_path: Path) -> Path:
    lines = (WEEKS / "gold" / f"{job}.jsonl").read_text("utf-8").splitlines()
    path = tmp_path / f"{job}.jsonl"
    path.write_text("\n".join(line for line in lines if f'"source": "{folder}' in line), "utf-8")
    return path


def test_every_line_of_the_report_cites_the_documents_that_say_it(
    tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    row = report(tmp_path, null_config, jobs_dir, "bakery_w23_en")
    cited = defaultdict(set)
    for one in row["evidence"]:
        cited[one["field"].rpartition(".")[0]].add(Path(one["source_uri"]).name)
    for name in (*LISTS, "next_steps"):
        for place, _ in enumerate(row["result"][name]):
            assert cited[f"{name}[{place}]"], (name, place)
    problems = [one["text"] for one in row["result"]["problems"]]
    sign = problems.index("the sign over the door is two weeks late")
    assert cited[f"problems[{sign}]"] == {"monday_notes.md", "sign_delay.eml"}
    assert cited["highlights[0]"] == cited["problems[0]"]


def test_a_note_says_its_week(tmp_path: Path, null_config: Config, jobs_dir: Path) -> None:
    report(tmp_path, null_config, jobs_dir, "bakery_w23_en")
    weeks = {row["result"]["date"]["week"] for row in latest_records(tmp_path / "out", "week_notes")}
    assert weeks == {"2024-W23"}
