"""groups: one answer over many documents, asked when its members have ended, and again only when they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.runs import request_for, run
from helpers.told import PROSE, FakeTold, facts_of, rules_job, told_machinery, write_jobs

from qwen_batch.config import Config
from qwen_batch.output.views.reading import latest_records, read_failures, rows_to_plain
from qwen_batch.run.document.work import Work
from qwen_batch.run.request import RunSummary

pytestmark = pytest.mark.subprocess

POINT = "what matters most: weight"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Two folders with three and two papers."""
    texts = {
        "ab/one.txt": "Maker: Contoso Ltd.\nWeight: 1.2 kg\nColour: red\nTotal: 10\n",
        "ab/two.txt": "Maker: CONTOSO Limited\nWeight: 1,200 grams\nColour: blue\nTotal: 2.5\n",
        "ab/three.txt": "Maker: Fabrikam\nWeight: 1.2 kg\nColour: red\nTotal: 1\n",
        "cd/four.txt": "Maker: Fabrikam\nWeight: 3 kg\nTotal: 4\n",
        "cd/five.txt": "Maker: Fabrikam\nWeight: 2 kg\nTotal: 5\n",
    }
    for name, text in texts.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "in"


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def go(papers: Path, tmp_path: Path, null_config: Config, asked: list[str]) -> Callable[..., RunSummary]:
    """Runs a job over the papers, and notes the works."""
    jobs = write_jobs(tmp_path / "jobs", rules=rules_job("rules", '"folder"'), prose=PROSE)

    def note(work: Work) -> None:
        asked.append(work.document.uri)

    def point(shown: str) -> dict[str, Any]:
        quote = next(line for line in shown.splitlines() if "Colour" in line and "blue" in line)
        return {"point": {"quote": quote.strip("- "), "text": "colours differ"}}

    def go(*names: str, **more: Any) -> RunSummary:
        asked.clear()
        request = request_for(papers, tmp_path / "out", null_config, more.get("jobs", jobs), *names)
        engine = FakeTold({"facts": facts_of, "prose": point})
        return run(request, told_machinery(engine, note), more.get("stop"))

    return go


def groups(tmp_path: Path, job: str = "rules") -> dict[str, dict[str, Any]]:
    return {row["document"]: row for row in latest_records(tmp_path / "out", job)}


def test_a_folder_is_one_row_made_by_rules_of_all_its_documents(go: Callable[..., RunSummary], tmp_path: Path) -> None:
    summary = go("rules")
    assert summary.rows == {"facts": 5, "rules": 2, "failures": 0}
    row = groups(tmp_path)["ab"]
    assert row["source_uri"] == f"group:rules{tmp_path}/in/ab"
    assert row["result"]["count"] == 3
    assert row["result"]["total"] == 13.5
    assert row["result"]["makers"] == ["Contoso Ltd.", "Fabrikam"]
    assert [one["aspect"] for one in row["result"]["differences"]] == ["Maker", "Colour", "Total"]
    assert {one["source_uri"].rpartition("/")[2] for one in row["members"]} == {"one.txt", "two.txt", "three.txt"}
    assert (row["failed_members"], row["finish_reason"], row["prompt_tokens"]) == ([], "computed", 0)
    colours = row["result"]["differences"][1]["said"]
    assert {(one["document"], one["value"]) for one in colours} == {
        ("one.txt", "red"),
        ("two.txt", "blue"),
        ("three.txt", "red"),
    }
    cited = [one for one in row["evidence"] if one["field"].startswith("differences[1]")]
    assert {(one["source_uri"].rpartition("/")[2], one["quote"], one["page"], one["match"]) for one in cited} == {
        (name, f"Colour: {colour}", 1, "computed")
        for name, colour in (("one.txt", "red"), ("two.txt", "blue"), ("three.txt", "red"))
    }
    members = {one["source_uri"]: one["doc_id"] for one in row["members"]}
    assert all(members[one["source_uri"]] == one["doc_id"] for one in row["evidence"])


def test_the_rerun_has_nothing_new_and_a_changed_document_asks_its_own_group_alone(
    go: Callable[..., RunSummary], papers: Path, tmp_path: Path, asked: list[str]
) -> None:
    go("rules")
    again = go("rules")
    assert (again.rows, again.done_before, asked) == ({"facts": 0, "rules": 0, "failures": 0}, 7, [])
    (papers / "cd" / "four.txt").write_text("Maker: Fabrikam\nWeight: 4 kg\nTotal: 40\n")
    assert go("rules").rows == {"facts": 1, "rules": 1, "failures": 0}
    assert [Path(uri).name for uri in asked] == ["four.txt", "cd"]
    assert groups(tmp_path)["cd"]["result"]["total"] == 45


def test_a_member_that_comes_and_goes_leaves_the_first_answer_as_the_newest(
    go: Callable[..., RunSummary], papers: Path, tmp_path: Path, asked: list[str]
) -> None:
    go("rules")
    (papers / "cd" / "six.txt").write_text("Total: 100\n")
    go("rules")
    assert groups(tmp_path)["cd"]["result"]["count"] == 3
    (papers / "cd" / "six.txt").unlink()
    assert go("rules").rows["rules"] == 0
    assert asked == []
    assert groups(tmp_path)["cd"]["result"]["total"] == 9


def test_a_folder_that_is_gone_has_no_row_among_the_newest(
    go: Callable[..., RunSummary], papers: Path, tmp_path: Path
) -> None:
    go("rules")
    for file in (papers / "cd").iterdir():
        file.unlink()
    go("rules")
    states = {row["document"]: row["source_state"] for row in latest_records(tmp_path / "out", "rules")}
    assert states == {"ab": "present", "cd": "deleted"}


def test_failed_members_are_named_and_the_group_is_answered_from_the_others(
    go: Callable[..., RunSummary], papers: Path, tmp_path: Path
) -> None:
    (papers / "ab" / "empty.txt").write_text("")
    (papers / "ef").mkdir()
    (papers / "ef" / "void.txt").write_text("")
    summary = go("rules")
    assert summary.rows == {"facts": 5, "rules": 2, "failures": 3}
    row = groups(tmp_path)["ab"]
    assert row["result"]["count"] == 3
    (failed,) = row["failed_members"]
    assert (failed["source_uri"], failed["code"]) == (str(papers / "ab" / "empty.txt"), "empty_file")
    assert row["warnings"][0].startswith("1 of 4 members failed")
    lost = {one["source_uri"]: one for one in rows_to_plain(read_failures(tmp_path / "out"))}[f"group:rules{papers}/ef"]
    assert (lost["code"], "void.txt" in lost["message"]) == ("no_members", True)
    (papers / "ab" / "empty.txt").write_text("Total: 1\n")
    assert go("rules").rows == {"facts": 1, "rules": 1, "failures": 0}
    assert groups(tmp_path)["ab"]["failed_members"] == []


def test_what_the_model_quotes_of_a_group_is_cited_in_the_documents_behind_it(
    go: Callable[..., RunSummary], papers: Path, tmp_path: Path
) -> None:
    (papers / "cd" / "five.txt").write_text("Weight: 2 kg\nColour: blue\n")
    go("prose")
    row = groups(tmp_path, "prose")["ab"]
    assert row["result"]["point"]["text"] == "colours differ"
    cited = [one for one in row["evidence"] if one["field"] == "point.text"]
    assert {(one["source_uri"].rpartition("/")[2], one["quote"], one["page"]) for one in cited} == {
        ("one.txt", "Colour: red", 1),
        ("two.txt", "Colour: blue", 1),
        ("three.txt", "Colour: red", 1),
    }
