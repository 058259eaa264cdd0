"""groups: one answer over many documents, night.asked when its members have ended, and again only when they change."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.grouped import Grouped

from qwen_batch.output.views.reading import latest_records, read_failures, rows_to_plain
from qwen_batch.run.groups import rounds
from qwen_batch.run.stopping import Stop

pytestmark = pytest.mark.subprocess


@pytest.fixture
def night(tmp_path: Path) -> Grouped:
    return Grouped(tmp_path)


def test_a_folder_is_one_row_made_by_rules_of_all_its_documents(night: Grouped) -> None:
    summary = night.run("rules")
    assert summary.rows == {"facts": 5, "rules": 2, "failures": 0}
    row = night.rows()["ab"]
    assert row["source_uri"] == f"group:rules{night.papers}/ab"
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


def test_the_rerun_has_nothing_new_and_a_changed_document_asks_its_own_group_alone(night: Grouped) -> None:
    night.run("rules")
    again = night.run("rules")
    assert (again.rows, again.done_before, night.asked) == ({"facts": 0, "rules": 0, "failures": 0}, 7, [])
    (night.papers / "cd" / "four.txt").write_text("Maker: Fabrikam\nWeight: 4 kg\nTotal: 40\n")
    assert night.run("rules").rows == {"facts": 1, "rules": 1, "failures": 0}
    assert [Path(uri).name for uri in night.asked] == ["four.txt", "cd"]
    assert night.rows()["cd"]["result"]["total"] == 45


def test_a_member_that_comes_and_goes_leaves_the_first_answer_as_the_newest(night: Grouped) -> None:
    night.run("rules")
    (night.papers / "cd" / "six.txt").write_text("Total: 100\n")
    night.run("rules")
    assert night.rows()["cd"]["result"]["count"] == 3
    (night.papers / "cd" / "six.txt").unlink()
    assert night.run("rules").rows["rules"] == 0
    assert night.asked == []
    assert night.rows()["cd"]["result"]["total"] == 9


def test_a_folder_that_is_gone_has_no_row_among_the_newest(night: Grouped) -> None:
    night.run("rules")
    for file in (night.papers / "cd").iterdir():
        file.unlink()
    night.run("rules")
    states = {row["document"]: row["source_state"] for row in latest_records(night.output, "rules")}
    assert states == {"ab": "present", "cd": "deleted"}


def test_failed_members_are_named_and_the_group_is_answered_from_the_others(night: Grouped) -> None:
    (night.papers / "ab" / "empty.txt").write_text("")
    (night.papers / "ef").mkdir()
    (night.papers / "ef" / "void.txt").write_text("")
    summary = night.run("rules")
    assert summary.rows == {"facts": 5, "rules": 2, "failures": 3}
    row = night.rows()["ab"]
    assert row["result"]["count"] == 3
    (failed,) = row["failed_members"]
    assert (failed["source_uri"], failed["code"]) == (str(night.papers / "ab" / "empty.txt"), "empty_file")
    assert row["warnings"][0].startswith("1 of 4 members failed")
    lost = {one["source_uri"]: one for one in rows_to_plain(read_failures(night.output))}[
        f"group:rules{night.papers}/ef"
    ]
    assert (lost["code"], "void.txt" in lost["message"]) == ("no_members", True)
    (night.papers / "ab" / "empty.txt").write_text("Total: 1\n")
    assert night.run("rules").rows == {"facts": 1, "rules": 1, "failures": 0}
    assert night.rows()["ab"]["failed_members"] == []


def test_what_the_model_quotes_of_a_group_is_cited_in_the_documents_behind_it(night: Grouped) -> None:
    (night.papers / "cd" / "five.txt").write_text("Weight: 2 kg\nColour: blue\n")
    night.run("prose")
    row = night.rows("prose")["ab"]
    assert row["result"]["point"]["text"] == "colours"
    cited = [one for one in row["evidence"] if one["field"] == "point.text"]
    assert {(one["source_uri"].rpartition("/")[2], one["quote"], one["page"]) for one in cited} == {
        ("one.txt", "Colour: red", 1),
        ("two.txt", "Colour: blue", 1),
        ("three.txt", "Colour: red", 1),
    }


def test_a_run_that_stops_publishes_no_group_of_half_its_members(night: Grouped) -> None:
    stop = Stop()

    def after_two(_work: object) -> None:
        if len(night.asked) == 2:
            stop.ask("SIGTERM")

    first = night.run("rules", begin=after_two, stop=stop)
    assert (first.rows, first.left) == ({"facts": 2, "rules": 0, "failures": 0}, 3)
    assert night.run("rules").rows == {"facts": 3, "rules": 2, "failures": 0}
    assert night.rows()["ab"]["result"]["total"] == 13.5


def test_a_run_that_stops_among_groups_leaves_the_others_to_the_next(night: Grouped) -> None:
    stop = Stop()

    def after_a_group(_work: object) -> None:
        if len(night.asked) == 6:
            stop.ask("SIGTERM")

    first = night.run("rules", begin=after_a_group, stop=stop)
    assert (first.rows, first.left, first.stopped_by) == ({"facts": 5, "rules": 1, "failures": 0}, 1, "SIGTERM")
    assert night.run("rules").rows["rules"] == 1
    assert len(night.asked) == 1


def test_all_documents_of_a_run_are_one_group_and_values_make_theirs(night: Grouped) -> None:
    night.write("cd/odd.txt", "Weight: 7 kg\n")
    summary = night.run("all", "makers")
    assert summary.rows == {"facts": 6, "all": 1, "makers": 2, "failures": 0}
    assert night.rows("all")["all"]["result"]["count"] == 6
    makers = {row["document"]: row["result"]["count"] for row in night.rows("makers").values()}
    assert makers == {"Contoso Ltd.": 2, "Fabrikam": 3}
    assert summary.messages == ("1 documents are in no group of makers: no result.maker",)
    (night.papers / "ab" / "one.txt").write_text("Maker: Fabrikam\n")
    assert night.run("all", "makers").rows == {"facts": 1, "all": 1, "makers": 2, "failures": 0}


def test_a_chain_takes_each_row_as_its_document_and_only_what_changed_again(night: Grouped) -> None:
    assert night.run("chain").rows == {"facts": 5, "chain": 5, "failures": 0}
    row = night.rows("chain")["two.txt"]
    assert row["source_uri"] == f"group:chain{night.papers}/ab/two.txt"
    assert (row["result"]["count"], row["result"]["point"]["text"]) == (4, "colours")
    cited = next(one for one in row["evidence"] if one["field"] == "point.text")
    assert (cited["source_uri"], cited["quote"], cited["page"]) == (str(night.papers / "ab/two.txt"), "Colour: blue", 1)
    assert night.run("chain").rows == {"facts": 0, "chain": 0, "failures": 0}
    night.write("ab/two.txt", "Weight: 9 kg\n")
    assert night.run("chain").rows == {"facts": 1, "chain": 1, "failures": 0}
    assert [Path(uri).name for uri in night.asked] == ["two.txt", "two.txt"]


def test_jobs_of_one_run_go_each_after_the_one_that_it_is_of(night: Grouped) -> None:
    (night.jobs / "last.py").write_text(
        (night.jobs / "chain.py")
        .read_text()
        .replace('"chain"', '"last"')
        .replace('of="facts"', 'of="chain"')
        .replace('"facts[].value"', '"point.text"')
    )
    summary = night.run("last", "facts", "chain")
    assert summary.rows == {"facts": 5, "chain": 5, "last": 5, "failures": 0}
    assert [uri.partition("/")[0] for uri in night.asked] == [""] * 5 + ["group:chain"] * 5 + ["group:last"] * 5
    row = night.rows("last")["two.txt"]
    assert row["source_uri"] == f"group:last{night.papers}/ab/two.txt"
    assert {one["source_uri"] for one in row["evidence"] if one["page"]} == {str(night.papers / "ab/two.txt")}


def test_four_hundred_members_are_one_group(tmp_path: Path) -> None:
    papers = {f"many/{number}.txt": f"Maker: Maker {number % 7}\nTotal: 1\n" for number in range(400)}
    night = Grouped(tmp_path, papers)
    assert night.run("rules").rows == {"facts": 400, "rules": 1, "failures": 0}
    result = night.rows()["many"]["result"]
    assert (result["count"], result["total"], len(result["makers"])) == (400, 400, 7)
    (night.papers / "many" / "7.txt").write_text("Total: 2\n")
    night.run("rules")
    assert night.rows()["many"]["result"]["total"] == 401


def test_rows_of_few_members_are_in_memory_at_a_time(night: Grouped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "WAVE_MEMBERS", 3)
    rows = {"facts": 5, "rules": 2, "all": 1, "failures": 0}
    assert night.run("rules", "all").rows == rows
    sizes = [len(works) for works in night.works if works[0].group]
    assert sizes == [1, 1, 1]
