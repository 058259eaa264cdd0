"""runner: a document is asked only the jobs that it fits; what is skipped is counted, known and exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers.fake_fits import SURE, FakeFits, is_question, job_file
from helpers.runs import no_session, run, sources

from qwen_batch import latest_rows, read_failures, read_rows, read_skipped
from qwen_batch.cli.driving import exit_code, summary_text
from qwen_batch.config_file import load_config
from qwen_batch.errors import EXIT_OK, JobError
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.status import output_status
from qwen_batch.records import Prompt
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_run
from qwen_batch.run.request import Machinery, RunRequest, RunSummary
from qwen_batch.run.retry import Wanted, prepare_retry
from qwen_batch.run.stopping import Stop

pytestmark = pytest.mark.subprocess

DOCUMENTS = {
    "a.txt": "A contract between Alpha Ltd and Beta Ltd.",
    "b.txt": "Receipt no. 7. One coffee, 3.50.",
    "c.txt": "A poem about autumn leaves.",
    "d.txt": "A contract between Gamma Ltd and Delta Ltd.",
}

UNFIT = [("a.txt", "sums"), ("b.txt", "terms"), ("c.txt", "sums"), ("c.txt", "terms"), ("d.txt", "sums")]


class KilledError(Exception):
    """The process goes down."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def jobs(tmp_path: Path) -> list[Path]:
    """Two jobs that say what they are for, and one that takes all."""
    named = {"terms": "a contract between parties", "sums": "a receipt", "titles": None}
    return [job_file(tmp_path / f"{name}.py", fits) for name, fits in named.items()]


def request(folder: Path, jobs: Sequence[Path], *settings: str, out: str = "out") -> RunRequest[RunSpec]:
    config = load_config(None, ("engine.kind=null", "prompt.fits=true", *settings))
    place = Place(str(folder.parent / out))
    return prepare_run([*map(str, jobs), str(folder)], config, folder.parent, place).request


def go(folder: Path, jobs: Sequence[Path], *settings: str, engine: FakeFits | None = None) -> RunSummary:
    return run(request(folder, jobs, *settings), (engine or FakeFits()).machinery())


def skipped(folder: Path, view: Any = "latest") -> list[tuple[str, str]]:
    return [(row["document"], row["job"]) for row in read_skipped(folder.parent / "out", view).to_pylist()]


def latest(folder: Path, job: str = "terms") -> list[str]:
    return latest_rows(folder.parent / "out", job)["document"].to_pylist()


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_mixed_folder_is_asked_only_what_fits(folder: Path, jobs: list[Path], form: str) -> None:
    engine = FakeFits()
    summary = go(folder, jobs, f"sink.format={form}", engine=engine)
    assert summary.rows == {"terms": 2, "sums": 1, "titles": 4, "failures": 0, "skipped": 5}
    assert summary.skips == {"terms": 2, "sums": 3}
    assert exit_code(summary, "any") == EXIT_OK
    assert len(engine.asked) == 8 + 7, "a question for each document and job that asks one, and what fits"
    assert latest(folder) == ["a.txt", "d.txt"]
    assert latest(folder, "sums") == ["b.txt"]
    assert skipped(folder) == UNFIT


def test_a_skip_says_why_and_what_it_cost(folder: Path, jobs: list[Path]) -> None:
    summary = go(folder, jobs[:1])
    rows = read_skipped(folder.parent / "out").to_pylist()
    assert [row["document"] for row in rows] == ["b.txt", "c.txt"]
    (row,) = rows[1:]
    assert row["probability"] == pytest.approx(1 - SURE)
    assert row["reason"] == "it is not a contract between parties: 0.10, and 0.5 is enough"
    assert (row["job"], row["run_id"], row["prompt_tokens"], row["output_tokens"]) == ("terms", summary.run_id, 30, 1)
    assert row["source_uri"] == str(folder / "c.txt")
    (fits,) = (one for one in latest_rows(folder.parent / "out", "terms").to_pylist() if one["document"] == "a.txt")
    assert fits["prompt_tokens"] > 30, "the question is part of what the row cost"


def test_it_is_counted_in_summary_status_and_manifest(folder: Path, jobs: list[Path]) -> None:
    summary = go(folder, jobs)
    text = summary_text(summary, "out", "parquet")
    assert "  skipped: 5 rows in out/skipped/run=" in text
    assert "    2 are not what terms is for" in text
    manifest = json.loads((folder.parent / "out" / "_runs" / f"{summary.run_id}.json").read_text())
    assert manifest["skips_by_job"] == {"terms": 2, "sums": 3}
    assert manifest["counts"]["skips"] == 5
    assert output_status(str(folder.parent / "out")).skipped == {"terms": 2, "sums": 3}


def test_a_rerun_asks_nothing_and_a_new_name_for_the_same_content_is_skipped_too(
    folder: Path, jobs: list[Path]
) -> None:
    go(folder, jobs)
    engine = FakeFits()
    again = go(folder, jobs, engine=engine)
    assert (engine.asked, again.skipped_before, again.done_before) == ([], 5, 7)
    assert not any(again.rows.values())
    assert "nothing new" in summary_text(again, "out", "parquet")
    (folder / "c.txt").rename(folder / "poem.txt")
    assert go(folder, jobs, engine=engine).rows["skipped"] == 2
    assert engine.asked == []
    assert ("poem.txt", "terms") in skipped(folder)
    assert ("c.txt", "terms") not in skipped(folder)


@pytest.mark.parametrize("change", ["words", "threshold"])
def test_other_words_or_another_threshold_ask_again_and_latest_follows(
    folder: Path, jobs: list[Path], change: str
) -> None:
    terms = jobs[:1]
    go(folder, terms)
    assert latest(folder) == ["a.txt", "d.txt"]
    setting = "prompt.fits_threshold=0.05" if change == "threshold" else "prompt.fits_threshold=0.5"
    if change == "words":
        job_file(terms[0], "a poem")
    summary = go(folder, terms, setting)
    new = {"words": ["c.txt"], "threshold": sorted(DOCUMENTS)}[change]
    assert sum(summary.rows.values()) == 4
    assert latest(folder) == new
    assert [document for document, _ in skipped(folder)] == sorted(set(DOCUMENTS) - set(new))
    assert read_rows(folder.parent / "out", "terms", "all").num_rows == 2 + len(new)
    if change == "words":
        job_file(terms[0], "a contract between parties")
    back = go(folder, terms)
    assert not any(back.rows.values())
    assert latest(folder) == ["a.txt", "d.txt"], "the present settings' answers stand again"
    assert [document for document, _ in skipped(folder)] == ["b.txt", "c.txt"]


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_document_that_fits_since_it_changed_and_one_that_does_not_any_more(
    folder: Path, jobs: list[Path], form: str
) -> None:
    setting = f"sink.format={form}"
    go(folder, jobs[:1], setting)
    (folder / "a.txt").write_text("A poem about winter.")
    (folder / "c.txt").write_text("A contract between Poet Ltd and Press Ltd.")
    go(folder, jobs[:1], setting)
    assert latest(folder) == ["c.txt", "d.txt"]
    assert skipped(folder) == [("a.txt", "terms"), ("b.txt", "terms")]
    assert skipped(folder, "all") == [("a.txt", "terms"), ("b.txt", "terms"), ("c.txt", "terms")]
    with duckdb.connect() as database:
        database.execute((folder.parent / "out" / "_views" / "all.sql").read_text())
        rows = database.sql("select document from terms_latest order by 1").fetchall()
        skips = database.sql("select document from skipped_latest order by 1").fetchall()
    assert (rows, skips) == ([("c.txt",), ("d.txt",)], [("a.txt",), ("b.txt",)])
    (folder / "b.txt").unlink()
    go(folder, jobs[:1], setting)
    assert skipped(folder) == [("a.txt", "terms")]


def test_the_views_of_an_output_without_skips_are_there_and_empty(folder: Path, jobs: list[Path]) -> None:
    summary = go(folder, jobs[2:])
    assert "skipped" not in summary.rows
    assert not (folder.parent / "out" / "skipped").exists()
    with duckdb.connect() as database:
        database.execute((folder.parent / "out" / "_views" / "all.sql").read_text())
        assert database.sql("select * from skipped_latest").fetchall() == []
    assert read_skipped(folder.parent / "out").num_rows == 0


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
@pytest.mark.parametrize("dies_at", ["question", "answer"])
def test_a_run_that_is_killed_between_question_and_answer_loses_and_repeats_nothing(
    folder: Path, jobs: list[Path], dies_at: str, form: str
) -> None:
    def die(prompt: Prompt) -> None:
        if "Gamma" in prompt.chunk.text and is_question(prompt) is (dies_at == "question"):
            raise KilledError

    settings = (f"sink.format={form}", "sink.flush_seconds=0.000001")
    with pytest.raises(KilledError):
        go(folder, jobs, *settings, engine=FakeFits(dies_on=die))
    assert output_status(str(folder.parent / "out")).staged["skipped"] == 4
    assert output_status(str(folder.parent / "out")).skipped == {"terms": 2, "sums": 2}
    engine = FakeFits()
    summary = go(folder, jobs, *settings, engine=engine)
    assert {prompt.chunk.text for prompt in engine.asked} == {DOCUMENTS["d.txt"]}
    assert summary.rows == {"terms": 2, "sums": 1, "titles": 4, "failures": 0, "skipped": 5}
    assert summary.skips == {"terms": 2, "sums": 3}
    assert len(set(skipped(folder, "all"))) == len(skipped(folder, "all")) == 5


def test_an_outcome_that_comes_twice_skips_once(folder: Path, jobs: list[Path]) -> None:
    machinery = FakeFits().machinery()

    def stuttering(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        for outcome in machinery.execute(works, spec, stop):
            yield outcome
            yield outcome

    assert run(request(folder, jobs[:1]), Machinery(no_session, stuttering)).rows["skipped"] == 2


def test_without_probabilities_all_is_asked_and_that_is_said_once(folder: Path, jobs: list[Path]) -> None:
    summary = go(folder, jobs, engine=FakeFits(told=False))
    assert summary.rows == {"terms": 4, "sums": 4, "titles": 4, "failures": 0}
    assert summary_text(summary, "out", "parquet").count("told no probability") == 1
    manifest = json.loads((folder.parent / "out" / "_runs" / f"{summary.run_id}.json").read_text())
    assert sum("told no probability" in message for message in manifest["messages"]) == 1


@pytest.mark.parametrize("setting", ["prompt.fits=false", "engine.logprobs=false"])
def test_switched_off_nothing_is_asked_first(folder: Path, jobs: list[Path], setting: str) -> None:
    engine = FakeFits()
    summary = go(folder, jobs, setting, engine=engine)
    assert engine.questions == 0
    assert summary.rows["terms"] == 4


def test_without_logprobs_a_run_says_before_it_begins_that_all_is_asked(folder: Path, jobs: list[Path]) -> None:
    config = load_config(None, ("engine.kind=null", "prompt.fits=true", "engine.logprobs=false"))
    prepared = prepare_run([*map(str, jobs), str(folder)], config, folder.parent, Place(str(folder.parent / "out")))
    assert "every document is asked all jobs" in prepared.messages[-1]


def test_a_failure_that_is_skipped_by_retry_no_longer_stands(folder: Path, jobs: list[Path]) -> None:
    (folder / "long.txt").write_text("A long poem." + " " * 1_100_000)
    assert go(folder, jobs[:1], "read.max_file_mb=1").failure_codes == {"too_large": 1}
    retry = prepare_retry(Wanted(), Place(str(folder.parent / "out")), None, ("read.max_file_mb=3",))
    assert retry.run is not None
    summary = run(retry.run, FakeFits().machinery())
    assert summary.rows == {"terms": 0, "failures": 0, "skipped": 1}
    assert read_failures(folder.parent / "out").num_rows == 0
    assert prepare_retry(Wanted(), Place(str(folder.parent / "out")), None, ()).run is None
    assert ("long.txt", "terms") in skipped(folder)


def test_a_document_that_does_not_fit_is_skipped_though_it_is_too_long_to_be_asked(
    folder: Path, jobs: list[Path]
) -> None:
    (folder / "book.txt").write_text("A poem of many lines. " * 9_000)
    settings = ("long.mode=single", "prompt.select=whole", "engine.max_model_len=4096")
    summary = go(folder, jobs[:1], *settings)
    assert summary.failure_codes == {}
    assert ("book.txt", "terms") in skipped(folder)
    (folder / "deed.txt").write_text("A contract of many lines. " * 9_000)
    assert go(folder, jobs[:1], *settings).failure_codes == {"too_long": 1}


def test_a_job_may_not_be_called_as_the_table_of_what_is_skipped(folder: Path) -> None:
    with pytest.raises(JobError, match="'skipped'"):
        request(folder, [job_file(folder.parent / "skipped.py", None)])


def test_two_jobs_of_one_name_of_file_share_no_skips(folder: Path, jobs: list[Path]) -> None:
    go(folder, jobs[:1])
    go(folder, jobs[1:2])
    assert latest(folder, "sums") == ["b.txt"]
    assert sources(folder.parent / "out", "terms") == ["a.txt", "d.txt"]
