"""apply: decisions become rows of a run of their own, once, and stand in every later answer of the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.decided import LETTER, decision, fact, later, latest, letter, said, save
from helpers.published import publish_run
from helpers.stores import Crash, CrashingStore
from helpers.views import both

from qwen_batch.errors import UsageError, WrongOutputError
from qwen_batch.output.layout import open_output, published_files
from qwen_batch.output.views.reading import read_rows
from qwen_batch.run import apply as module
from qwen_batch.run.apply import apply_corrections

WORDS = {"page": 2, "words": "laws of Utah", "boxes": [{"x0": 1, "y0": 2, "x1": 3, "y1": 4}]}
UTAH = decision("law.value", "Ohio", "Utah", pointed=WORDS)


@pytest.fixture(params=["parquet", "jsonl"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def output(tmp_path: Path, form: str) -> Path:
    publish_run(tmp_path / "out", LETTER, [letter("a.txt"), letter("b.txt")], form=form)
    return tmp_path / "out"


def answer_again(output: Path, form: str, law: str = "Texas", **values: Any) -> None:
    """All documents once more, under other settings."""
    again = [letter(name, law, job_fingerprint="9" * 16, **values) for name in ("a.txt", "b.txt")]
    publish_run(output, LETTER, again, run_id="run2", form=form)


def test_a_corrected_row_is_the_answer_with_the_persons_value(tmp_path: Path, output: Path) -> None:
    done = apply_corrections(str(output), save(tmp_path, UTAH))
    assert (done.decisions, dict(done.rows), done.refused, done.orphaned) == (1, {"letter": 1}, (), ())
    row = latest(output)
    assert row["run_id"] == done.run_id
    assert row["result"]["law"] == {"quote": "laws of Utah", "value": "Utah"}
    assert said(row, "law.value") == [("Utah", "corrected", "value"), ("Ohio", "exact", "rejected")]
    (mine,) = [one for one in row["evidence"] if one["match"] == "corrected"]
    assert (mine["page"], mine["boxes"], mine["who"]) == (2, [{"x0": 1, "y0": 2, "x1": 3, "y1": 4}], "Ann")
    assert mine["decided_at"] == "2026-01-02T00:00:00+00:00"
    assert row["confidence"]["law"] == 1
    assert row["confidence"]["total"] == 0.5
    assert latest(output, "b.txt")["run_id"] == "run1"


def test_sql_and_python_show_who_decided(tmp_path: Path, output: Path) -> None:
    apply_corrections(str(output), save(tmp_path, UTAH, decision("total.currency", "USD")))
    found = both(output, "letter_evidence", "document", "path", "value", "match", "standing", "who")
    assert ("a.txt", "law.value", "Utah", "corrected", "value", "Ann") in found
    assert ("a.txt", "law.value", "Ohio", "exact", "rejected", None) in found
    assert [row for row in found if row[1] == "total.currency"] == [
        ("a.txt", "total.currency", "USD", "corrected", "value", "Ann")
    ]
    flat = both(output, "letter_flat", "document", "law", "law__quote", "law__page", "law__confidence")
    assert flat == [("a.txt", "Utah", "laws of Utah", 2, 1.0), ("b.txt", "Ohio", "the Ohio", 3, 0.5)]


def test_applied_twice_there_is_nothing_new(tmp_path: Path, output: Path) -> None:
    apply_corrections(str(output), save(tmp_path, UTAH))
    before = latest(output)
    again = apply_corrections(str(output), save(tmp_path, UTAH, decision("law.value", "Ohio", source="b.txt")))
    assert (again.decisions, again.known, dict(again.rows)) == (1, 1, {"letter": 1})
    last = apply_corrections(str(output), save(tmp_path, UTAH))
    assert (last.decisions, last.known, dict(last.rows)) == (0, 1, {})
    assert latest(output) == before
    assert len(read_rows(output, "letter", "all")) == 4


def test_killed_ten_times_and_applied_again_there_are_exactly_these_rows(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{number:02}.txt" for number in range(25)]
    publish_run(tmp_path / "out", LETTER, [letter(name) for name in names], form=form)
    file = save(
        tmp_path,
        *(decision("law.value", "Ohio", f"Law {name}", name) for name in names),
        *(decision("items[1].value", "pens", f"Pens {name}", name) for name in names),
    )
    killed = 0
    for changes in (number // 2 for number in range(120)):
        store = CrashingStore(open_output(str(tmp_path / "out")), changes)
        with monkeypatch.context() as patch:
            patch.setattr(module, "open_output", lambda _, store=store: store)
            try:
                apply_corrections(str(tmp_path / "out"), file)
            except Crash:
                killed += 1
                continue
        break
    assert killed >= 10
    assert apply_corrections(str(tmp_path / "out"), file).known == 50
    rows = read_rows(tmp_path / "out", "letter", "all").to_pylist()
    keys = [(row["doc_id"], row["source_uri"], row["job_fingerprint"]) for row in rows]
    assert len(rows) == len(set(keys)) == 50
    shown = read_rows(tmp_path / "out", "letter").select(["document", "result"]).to_pylist()
    found = [(row["document"], row["result"]["law"]["value"], row["result"]["items"]) for row in shown]
    assert found == [(name, f"Law {name}", [fact("ink"), {"quote": "", "value": f"Pens {name}"}]) for name in names]
    assert len([file for file in published_files(open_output(str(tmp_path / "out"))) if file.table == "letter"]) == 2


def test_a_value_that_was_answered_again_is_refused_by_name(tmp_path: Path, output: Path, form: str) -> None:
    answer_again(output, form)
    done = apply_corrections(str(output), save(tmp_path, UTAH, decision("total.value", 5, 7)))
    assert [(one.document, one.path) for one in done.refused] == [("a.txt", "law.value")]
    assert "run2" in done.refused[0].why
    assert "'Texas'" in done.refused[0].why
    row = latest(output)
    assert (row["result"]["law"]["value"], row["result"]["total"]["value"]) == ("Texas", 7.0)


def test_the_persons_value_stands_when_all_is_answered_again(tmp_path: Path, output: Path, form: str) -> None:
    apply_corrections(str(output), save(tmp_path, UTAH, decision("total.value", 5, source="b.txt")))
    answer_again(output, form)
    row = latest(output)
    assert (row["run_id"], row["job_fingerprint"]) == ("run2", "9" * 16)
    assert row["result"]["law"]["value"] == "Utah"
    assert said(row, "law.value") == [("Utah", "corrected", "value"), ("Texas", "exact", "rejected")]
    assert row["confidence"]["law"] == 1
    assert latest(output, "b.txt")["result"]["law"]["value"] == "Texas"
    assert latest(output, "b.txt")["confidence"]["total"] == 1
    again = apply_corrections(str(output), save(tmp_path, UTAH))
    assert (again.decisions, again.known, again.refused) == (0, 1, ())


def test_a_copy_of_the_document_has_the_persons_value_too(tmp_path: Path, output: Path, form: str) -> None:
    apply_corrections(str(output), save(tmp_path, UTAH))
    copy = letter("a.txt")
    moved = letter("c.txt", document=copy.document.__class__(copy.document.id, "/in/c.txt", "text/plain", 1))
    publish_run(output, LETTER, [moved], run_id="run2", form=form)
    assert latest(output, "c.txt")["result"]["law"]["value"] == "Utah"


def test_items_of_a_list_are_found_again_wherever_they_stand(tmp_path: Path, output: Path, form: str) -> None:
    file = save(
        tmp_path, decision("items[0].value", "ink", decision="reject"), decision("items[1].value", "pens", "pencils")
    )
    apply_corrections(str(output), file)
    assert [item["value"] for item in latest(output)["result"]["items"]] == ["pencils"]
    assert said(latest(output), "items[1].value") == [("ink", "exact", "rejected")]
    answer_again(output, form, items=("chairs", "pens", "ink"))
    assert [item["value"] for item in latest(output)["result"]["items"]] == ["chairs", "pencils"]
    publish_run(output, LETTER, [letter("a.txt", items=("ink",), job_fingerprint="8" * 16)], run_id="run3", form=form)
    assert [item["value"] for item in latest(output)["result"]["items"]] == ["pencils"]


def test_a_rejected_fact_is_gone_and_stays_so(tmp_path: Path, output: Path, form: str) -> None:
    apply_corrections(str(output), save(tmp_path, decision("law.value", "Ohio", decision="reject")))
    row = latest(output)
    assert row["result"]["law"] is None
    assert said(row, "law.value") == [("Ohio", "exact", "rejected")]
    assert row["confidence"]["law"] == 1
    answer_again(output, form)
    assert latest(output)["result"]["law"] is None
    assert ("Texas", "exact", "rejected") in said(latest(output), "law.value")


def test_what_the_model_missed_is_added(tmp_path: Path, form: str) -> None:
    publish_run(tmp_path / "out", LETTER, [letter("a.txt", None, ())], form=form)
    file = save(tmp_path, decision("law.value", None, "Utah"), decision("items[0].value", None, "ink"))
    apply_corrections(str(tmp_path / "out"), file)
    result = latest(tmp_path / "out")["result"]
    assert (result["law"], result["items"]) == ({"quote": "", "value": "Utah"}, [{"quote": "", "value": "ink"}])


def test_a_person_may_think_again(tmp_path: Path, output: Path, form: str) -> None:
    apply_corrections(str(output), save(tmp_path, UTAH))
    again = decision("law.value", "Ohio", "Iowa", when=later())
    done = apply_corrections(str(output), save(tmp_path, UTAH, again))
    assert (done.decisions, done.known, done.refused) == (1, 1, ())
    answer_again(output, form)
    assert latest(output)["result"]["law"]["value"] == "Iowa"
    early = decision("law.value", "Ohio", "Maine", when=later(-9))
    assert [one.why for one in apply_corrections(str(output), save(tmp_path, early)).refused] == [
        "a later decision stands"
    ]


def test_a_failure_under_newer_settings_is_not_cured_by_a_correction(tmp_path: Path, output: Path, form: str) -> None:
    from qwen_batch import read_failures
    from qwen_batch.outcomes import Failure

    one = letter("a.txt")
    failure = Failure(one.document, "engine", "timeout", "too slow", job="letter")
    publish_run(output, LETTER, [letter("b.txt", job_fingerprint="9" * 16)], (failure,), run_id="run2", form=form)
    apply_corrections(str(output), save(tmp_path, UTAH))
    assert len(read_failures(output)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"job": "bill"}, "corrections.0.job: no published table of 'bill'"),
        ({"path": "laws.value"}, "corrections.0.path: 'laws.value'"),
        ({"path": "law"}, "corrections.0.path: 'law'"),
        ({"new_value": 7}, "corrections.0.new_value: law.value: 7"),
        ({"when": "soon"}, "corrections.0.when"),
    ],
)
def test_what_no_row_can_take_is_named_by_file_and_key(
    tmp_path: Path, output: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        apply_corrections(str(output), save(tmp_path, UTAH | changes))
    assert f"corrections.json: {words}" in caught.value.message
    assert caught.value.remedy


def test_a_file_or_an_output_that_is_not_there_is_named(tmp_path: Path, output: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json: No such file"):
        apply_corrections(str(output), tmp_path / "none.json")
    with pytest.raises(WrongOutputError):
        apply_corrections(str(tmp_path / "else"), save(tmp_path, UTAH))
    assert not (tmp_path / "else").exists()


def test_a_decision_reads_as_it_was_kept(tmp_path: Path, output: Path) -> None:
    done = apply_corrections(str(output), save(tmp_path, UTAH))
    (kept,) = json.loads((output / "_corrections" / f"{done.run_id}.json").read_text())["decisions"]
    assert (kept["old_value"], kept["value"], kept["who"], kept["place"]["page"]) == ("Ohio", "Utah", "Ann", 2)
