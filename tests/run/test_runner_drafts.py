"""runner over the jobs that draft: a row or a failure a document, chains over another job's rows, and nothing twice."""

from __future__ import annotations

import runpy
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT
from helpers.runs import request_for, run
from helpers.told import FakeTold, told_machinery

from qwen_batch.config import Config
from qwen_batch.errors import JobError
from qwen_batch.job.files import JobSource, find_job, load_job
from qwen_batch.output.views.reading import latest_records, read_failures

DRAFTED = ("polish_copy", "localise_copy", "translate_document", "script_from_brief", "code_from_spec")
CHAINED = ("slide_outline", "social_post")
REPORT = {
    "title": "Quarterly report",
    "sections": [{"heading": "Summary", "points": ["revenue of 48.6 million euros"]}],
    "key_figures": [{"quote": "revenue of 48.6 million euros", "label": "revenue", "value": "48.6 million euros"}],
    "open_questions": [],
}
SLIDES = {
    "title": "A good quarter",
    "slides": [{"title": "Revenue rose", "points": ["48.6 million euros"]}],
    "message": "Revenue rose to 48.6 million.",
}
GOOD_POST = {"text": "Revenue: 48.6 million euros 🎉", "hashtags": ["logistics"]}
WRONG_POST = {"text": "Revenue: 99.9 million euros 🎉🎉🎉", "hashtags": ["logistics"]}


CODE = '''"""Hours."""


def is_open(weekday: int) -> bool:
    """Whether the shop is open."""
    return weekday < 5
'''


def posts(shown: str) -> dict[str, Any]:
    return GOOD_POST if "refused" in shown else WRONG_POST


@pytest.mark.subprocess
@pytest.mark.parametrize("name", DRAFTED)
def test_a_job_that_drafts_answers_its_samples_in_both_languages_with_the_null_engine(
    name: str, null_config: Config, jobs_dir: Path, samples: Path, tmp_path: Path
) -> None:
    summary = run(request_for(samples / "drafts", tmp_path / "out", null_config, jobs_dir, name))
    assert summary.rows == {name: 6, "failures": 0}
    rows = latest_records(tmp_path / "out", name)
    assert {row["language"] for row in rows} == {"en", "zh"}
    assert all("limits of texts were not checked: no model wrote them" in row["warnings"] for row in rows)


def _of_reports(source: JobSource, folder: Path) -> Path:
    """The job's file over the rows of another job."""
    path = folder / f"{Path(source.path).stem}.py"
    path.write_text(source.text.replace('OF = "campaign_attribution"', 'OF = "report_outline"'))
    return path


@pytest.mark.subprocess
def test_findings_of_a_workbook_become_slides_and_a_post_in_one_run_and_nothing_is_done_twice(
    null_config: Config, jobs_dir: Path, tmp_path: Path
) -> None:
    workbook = ROOT / "data" / "campaigns" / "samples" / "shoes_en.xlsx"
    jobs = ("campaign_attribution", *CHAINED)
    summary = run(request_for(workbook, tmp_path / "out", null_config, jobs_dir, *jobs))
    assert summary.rows == {**dict.fromkeys(jobs, 1), "failures": 0}
    (slides,) = latest_records(tmp_path / "out", "slide_outline")
    assert slides["source_uri"].endswith("/shoes_en.xlsx")
    again = run(request_for(workbook, tmp_path / "out", null_config, jobs_dir, *jobs))
    assert sum(again.rows.values()) == 0


@pytest.mark.subprocess
def test_a_chain_makes_slides_and_posts_of_a_report_and_asks_a_wrong_number_again(
    null_config: Config, jobs_dir: Path, samples: Path, tmp_path: Path
) -> None:
    report = samples / "reports" / "quarterly_report_en.pdf"
    engine = FakeTold({"report_outline": lambda _: REPORT, "slide_outline": lambda _: SLIDES, "social_post": posts})
    chained = [str(_of_reports(find_job(name, jobs_dir), tmp_path)) for name in CHAINED]
    shutil.copy(jobs_dir / "report_outline.py", tmp_path)
    request = request_for(report, tmp_path / "out", null_config, jobs_dir, "report_outline", *chained)
    summary = run(request, told_machinery(engine))
    assert summary.rows == {"report_outline": 1, "slide_outline": 1, "social_post": 1, "failures": 0}
    (post,) = latest_records(tmp_path / "out", "social_post")
    assert (post["result"]["text"], post["attempts"]) == (GOOD_POST["text"], 2)
    (why,) = [one for one in post["warnings"] if one.startswith("asked again: ")]
    assert "text: it has 3 emoji, at most 2 are allowed" in why
    assert "the document does not have the number 99.9" in why
    asked = len(engine.asked)
    again = run(request_for(report, tmp_path / "out", null_config, jobs_dir, *chained), told_machinery(engine))
    assert again.rows == {"failures": 0} | dict.fromkeys(again.rows.keys() - {"failures"}, 0)
    assert len(engine.asked) == asked


@pytest.mark.subprocess
def test_a_draft_that_never_keeps_its_limits_is_a_failure_with_its_last_text(
    null_config: Config, jobs_dir: Path, samples: Path, tmp_path: Path
) -> None:
    engine = FakeTold({"polish_copy": lambda _: {"text": "much too long " * 20}})
    request = request_for(samples / "drafts" / "post_en.txt", tmp_path / "out", null_config, jobs_dir, "polish_copy")
    assert run(request, told_machinery(engine)).rows == {"polish_copy": 0, "failures": 1}
    (failure,) = read_failures(tmp_path / "out").to_pylist()
    assert (failure["code"], failure["attempts"], failure["retryable"]) == ("broken_limit", 3, True)
    assert "it has 280 characters, at most 120 are allowed" in failure["message"]


@pytest.mark.subprocess
def test_code_is_asked_again_with_the_errors_that_mypy_has(
    null_config: Config, jobs_dir: Path, samples: Path, tmp_path: Path
) -> None:
    def written(shown: str) -> dict[str, Any]:
        return {"code": CODE if "refused" in shown else CODE.replace("weekday: int", "weekday"), "assumptions": []}

    engine = FakeTold({"code_from_spec": written})
    request = request_for(samples / "drafts" / "spec_en.md", tmp_path / "out", null_config, jobs_dir, "code_from_spec")
    assert run(request, told_machinery(engine)).rows == {"code_from_spec": 1, "failures": 0}
    (row,) = latest_records(tmp_path / "out", "code_from_spec")
    assert (row["result"]["code"], row["attempts"]) == (CODE, 2)
    assert "missing a type annotation" in engine.asked[1].messages[-1][1]


@pytest.mark.parametrize("name", CHAINED)
def test_the_job_whose_rows_are_drafted_from_is_one_line(name: str, jobs_dir: Path) -> None:
    source = find_job(name, jobs_dir)
    assert source.text.count("campaign_attribution") == 1
    other = replace(source, text=source.text.replace('OF = "campaign_attribution"', 'OF = "product_facts"'))
    assert load_job(other).of == "product_facts"


@pytest.mark.parametrize(
    ("name", "own"), [("script_from_brief", ""), ("localise_copy", "zh"), ("translate_document", "zh")]
)
def test_the_language_of_a_draft_is_a_parameter(name: str, own: str, jobs_dir: Path) -> None:
    source = find_job(name, jobs_dir)
    assert load_job(source).language == own
    assert load_job(replace(source, params=(("language", "yue"),))).language == "yue"
    with pytest.raises(JobError, match="one of en, zh"):
        load_job(replace(source, params=(("language", "klingon"),)))


def test_the_samples_are_those_that_their_generator_writes(samples: Path) -> None:
    made = runpy.run_path(str(ROOT / "data" / "gen_drafts.py"))["TEXTS"]
    files = {path.name: path.read_text("utf-8") for path in (samples / "drafts").iterdir()}
    assert files == {name: text.lstrip("\n") for name, text in made.items()}
