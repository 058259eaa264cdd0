"""groups: what reads an output takes a group's row as it is: status, report, export, eval, plan, apply and retry."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpers.grouped import Grouped
from helpers.views import both

from qwen_batch.evaluate.evaluation import evaluate_output
from qwen_batch.output.export.write import export_rows
from qwen_batch.output.status import output_status
from qwen_batch.output.views.reading import read_failures
from qwen_batch.report.site import Request, make_report
from qwen_batch.run.apply import apply_corrections
from qwen_batch.run.plan.planning import make_plan
from qwen_batch.run.prepare import Place
from qwen_batch.run.retry import Wanted, prepare_retry

pytestmark = pytest.mark.subprocess


@pytest.fixture
def night(tmp_path: Path) -> Grouped:
    night = Grouped(tmp_path)
    night.run("rules")
    return night


def corrections(night: Grouped, job: str, document: str, old: object, new: object) -> Path:
    """What a person says the total is."""
    row = night.rows(job)[document]
    kept = {name: row[name] for name in ("doc_id", "source_uri", "job", "run_id", "job_fingerprint")}
    decision = {"path": "total", "old_value": old, "new_value": new, "decision": "correct", "who": "Ann"}
    file = night.output.parent / "corrections.json"
    when = datetime.now(UTC).isoformat()
    head = {"version": 1, "output": str(night.output), "saved_at": when}
    file.write_text(json.dumps({**head, "corrections": [{**kept, **decision, "when": when}]}))
    return file


def test_a_group_is_no_file_of_status_and_its_values_are_shown_with_their_documents(night: Grouped) -> None:
    status = output_status(str(night.output))
    assert (status.sources, status.unresolved) == ({"present": 5}, ())
    columns = ("document", "path", "value", "match", "member_uri")
    found = both(night.output, "rules_evidence", *columns)
    assert ("ab", "differences[2].said[2].value", "red", "computed", str(night.papers / "ab/three.txt")) in found
    assert [row[:2] for row in both(night.output, "rules_flat", "document", "total")] == [("ab", 13.5), ("cd", 9.0)]


def test_the_report_and_the_export_have_a_page_and_a_line_a_group(night: Grouped, tmp_path: Path) -> None:
    made = make_report(Request(str(night.output), tmp_path / "report"))
    pages = [page.read_text() for page in (tmp_path / "report" / "d").glob("*.html")]
    assert made.documents == len(pages) == 7
    assert any("13.5" in page and "CONTOSO Limited" in page for page in pages)
    for name in ("rows.csv", "rows.xlsx", "rows.jsonl"):
        assert export_rows(str(night.output), "rules", str(tmp_path / name), None).documents == 2


def test_gold_of_a_group_is_judged_by_its_name(night: Grouped, tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(json.dumps({"source": "ab", "fields": {"total": 13.5, "count": 4}}) + "\n")
    judged = evaluate_output(tmp_path / "gold.jsonl", str(night.output), "rules", night.jobs)
    right = {score.field: score.counts.right for score in judged.scores.fields}
    assert (right["total"], right["count"]) == (1, 0)


def test_a_plan_counts_documents_and_says_that_it_does_not_count_groups(night: Grouped) -> None:
    night.write("cd/new.txt", "Total: 1\n")
    plan = make_plan(night.request("rules"))
    assert [(job.job, job.documents, job.done) for job in plan.jobs] == [("facts", 1, 5)]
    assert any(note.startswith("rules: asked over rows") for note in plan.notes)


def test_a_corrected_member_asks_its_group_again_with_the_persons_value(night: Grouped) -> None:
    apply_corrections(str(night.output), corrections(night, "facts", "four.txt", 4, 40))
    assert night.run("rules").rows == {"facts": 0, "rules": 1, "failures": 0}
    assert night.rows()["cd"]["result"]["total"] == 45
    assert night.run("rules").rows["rules"] == 0


def test_a_corrected_group_keeps_the_persons_value(night: Grouped) -> None:
    done = apply_corrections(str(night.output), corrections(night, "rules", "cd", 9, 10))
    assert dict(done.rows) == {"rules": 1}
    assert night.run("rules").rows["rules"] == 0
    assert night.rows()["cd"]["result"]["total"] == 10


def test_a_group_that_failed_is_tried_again_over_the_inputs_of_its_run(night: Grouped) -> None:
    night.write("ef/void.txt", "")
    night.run("rules")
    assert {one["job"] for one in read_failures(night.output).to_pylist()} == {"facts", "rules"}
    (night.papers / "ef" / "void.txt").write_text("Total: 3\n")
    again = prepare_retry(Wanted(), Place(str(night.output)), None, ())
    assert again.messages[0] == "2 failures are tried again"
    assert again.run is not None
    night.run(request=again.run)
    assert night.rows()["ef"]["result"]["total"] == 3
