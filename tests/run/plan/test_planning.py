"""planning: a plan of small folders whose counts are known, beside the run that it foretells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.pdfs import show, write_pdf
from helpers.runs import request_for, run
from PIL import Image, ImageDraw

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.engine.bench.kept import KeptBench
from qwen_batch.output.layout import open_output
from qwen_batch.output.log.plan import Plan, keep_plan, kept_plan
from qwen_batch.run.plan import sampling
from qwen_batch.run.plan.planning import make_plan

pytestmark = pytest.mark.subprocess

WORDS = "The Supplier delivers the goods to the Buyer within thirty days of the order. "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for pages in (1, 2, 4):
        lines = "".join(show(50, 700 - 20 * line, f"{line} {WORDS}") for line in range(20))
        write_pdf(folder / f"{pages}.pdf", *[lines] * pages)
    (folder / "two.txt").write_text(f"{WORDS * 3}\f{WORDS}")
    (folder / "one.txt").write_text(f"A contract. {WORDS}")
    return folder


def _page_as_picture(words: str) -> Image.Image:
    page = Image.new("L", (620, 800), 255)
    ImageDraw.Draw(page).text((60, 80), words, fill=0, font_size=40)
    return page


def plan_of(folder: Path, output: Path, config: Config, jobs_dir: Path, *jobs: str) -> Plan:
    return make_plan(request_for(folder, output, config, jobs_dir, *jobs))


def manifest(output: Path) -> dict[str, Any]:
    (file,) = (output / "_runs").glob("*.json")
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def test_pages_and_prompts_are_those_of_the_run(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    jobs = ("contract_summary", "report_outline")
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir, *jobs)
    assert not (tmp_path / "out").exists()
    assert {kind.kind: (kind.documents, kind.pages) for kind in made.kinds} == {"pdf": (3, 7), "text": (2, 3)}
    assert (made.pages, made.ocr_pages.likely, made.sampled) == (10, 0, 5)
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir, *jobs))
    counts = manifest(tmp_path / "out")["counts"]
    assert counts["pages"] == made.pages
    assert made.prompt_tokens is not None
    assert counts["prompt_tokens"] == made.prompt_tokens.likely == made.prompt_tokens.low == made.prompt_tokens.high


def test_what_is_done_failed_or_a_copy_is_not_planned_again(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    (folder / "empty.txt").write_text("")
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    (folder / "copy.txt").write_bytes((folder / "one.txt").read_bytes())
    (folder / "new.txt").write_text(f"Another contract. {WORDS}")
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir)
    (job,) = made.jobs
    assert (made.documents.found, made.documents.to_do, made.documents.done) == (8, 1, 7)
    assert (job.documents, job.done, job.failed) == (1, 6, 1)
    assert job.output_from == "rows"
    assert job.output_tokens is not None
    assert job.output_tokens.likely == 0  # what the null engine writes
    assert [kind.kind for kind in made.kinds] == ["text"]


def test_a_second_job_alone_is_planned_and_the_text_cache_has_its_documents(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir, "contract_summary", "report_outline")
    assert [(job.job, job.documents, job.done) for job in made.jobs] == [
        ("contract_summary", 0, 5),
        ("report_outline", 5, 0),
    ]
    assert made.documents.read_before == 5
    assert made.disk.cache_bytes is not None
    assert made.disk.cache_bytes.high == 0


def test_a_damaged_file_is_unreadable_and_one_without_pages_is_no_sample(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "strange.bin").write_bytes(bytes(range(256)))
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir)
    assert made.pages == 10
    assert sum(kind.unreadable for kind in made.kinds) == 2
    assert any("2 documents cannot be read" in note for note in made.notes)


def test_tokens_of_documents_that_were_not_read_are_within_the_range(
    tmp_path: Path, null_config: Config, jobs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLE", 6)
    monkeypatch.setattr(sampling, "FURTHER_S", -1.0)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(24):
        lines = "".join(show(50, 700 - 20 * line, f"{number}.{line} {WORDS}") for line in range(4 + number % 5))
        write_pdf(folder / f"{number}.pdf", *[lines] * (1 + number % 7))
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir)
    assert (made.sampled, made.pages) == (6, sum(1 + number % 7 for number in range(24)))
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    real = manifest(tmp_path / "out")["counts"]["prompt_tokens"]
    assert made.prompt_tokens is not None
    assert made.prompt_tokens.low <= real <= made.prompt_tokens.high
    assert made.prompt_tokens.likely == pytest.approx(real, rel=0.1)
    assert made.prompt_tokens.low < made.prompt_tokens.high
    assert made.ocr_pages.likely == 0
    assert 0 < made.ocr_pages.high <= made.pages / 2  # none of six needs it, some others may


def test_scans_among_many_digital_files_are_found_although_the_sample_has_none(
    tmp_path: Path, null_config: Config, jobs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLE", 2)
    folder = tmp_path / "in"
    folder.mkdir()
    digital = "".join(show(50, 700 - 20 * line, f"{line} {WORDS}") for line in range(20))
    for number in range(8):
        write_pdf(folder / f"{number}.pdf", *[digital] * (1 + number))
    first, *others = [_page_as_picture(f"Invoice number {number}") for number in (311, 312, 313)]
    first.save(folder / "scan.pdf", save_all=True, append_images=others)
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir)
    assert made.sampled == 3  # two, and the scan, which tells how long a page takes
    assert made.ocr_pages.low == made.ocr_pages.likely == made.ocr_pages.high == 3
    ocr = next(stage for stage in made.stages if stage.stage == "ocr")
    assert ocr.seconds is not None


def test_rates_and_gpus_come_from_the_newest_run_of_the_same_model(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    (file,) = (tmp_path / "out" / "_runs").glob("*.json")
    run_of_it = json.loads(file.read_text())
    file.write_text(json.dumps(run_of_it | {"usage": {}}))
    assert plan_of(folder, tmp_path / "out", null_config, jobs_dir, "report_outline").seconds is None
    usage = {"engine_start_s": 20, "engine_work_s": 50, "prompt_tokens_per_s": 100.0, "gpus": 2}
    times = {"started": "2026-01-01T00:00:00+00:00", "finished": "2026-01-01T00:01:15+00:00"}
    file.write_text(json.dumps(run_of_it | times | {"usage": usage}))
    config = load_config(None, ("engine.kind=null", "resources.gpu_hour_price=3"))
    made = plan_of(folder, tmp_path / "out", config, jobs_dir, "report_outline")
    assert made.prompt_tokens is not None
    assert made.seconds is not None
    assert made.gpu_hours is not None
    assert made.price is not None
    engine_s = made.prompt_tokens.likely / 100
    assert made.seconds.likely == pytest.approx(20 + engine_s + 5)
    assert made.gpu_hours.likely == pytest.approx(2 * (20 + engine_s) / 3600)
    assert made.price.likely == pytest.approx(3 * made.gpu_hours.likely)
    assert made.seconds.low < made.seconds.likely < made.seconds.high
    file.write_text(json.dumps(run_of_it | {"usage": usage, "model": "another"}))
    assert plan_of(folder, tmp_path / "out", config, jobs_dir, "report_outline").seconds is None


def test_without_rows_answers_are_between_the_shortest_and_the_longest(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    (job,) = plan_of(folder, tmp_path / "out", null_config, jobs_dir).jobs
    assert job.output_from == "guess"
    assert job.output_tokens is not None
    assert job.prompts is not None
    assert 0 < job.output_tokens.low < job.output_tokens.likely < job.output_tokens.high
    assert job.output_tokens.low >= job.documents


def test_a_plan_is_kept_and_a_broken_one_is_none(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    store = open_output(str(tmp_path / "out"))
    assert kept_plan(store) is None
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir)
    keep_plan(store, made)
    assert kept_plan(store) == made
    (tmp_path / "out" / "_plan.json").write_text("{}")
    assert kept_plan(store) is None


@pytest.mark.parametrize(("documents", "read"), [(0, 0), (7, 7), (3_000, 30), (3_001, 30), (10_000, 100)])
def test_at_most_a_hundredth_of_many_documents_is_read(documents: int, read: int) -> None:
    assert sampling.sample_size(documents) == read


def test_the_bench_of_this_machine_tells_time_where_no_run_does(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = KeptBench("2026-01-01", tokens_in_a_s=200.0, tokens_out_a_s=10.0, start_s=7, gpus=0)
    monkeypatch.setattr("qwen_batch.run.plan.known.kept_bench", {"null": bench}.get)
    made = plan_of(folder, tmp_path / "out", null_config, jobs_dir)
    start, engine = made.stages[-2:]
    assert made.prompt_tokens is not None
    assert engine.seconds is not None
    assert engine.seconds.likely == pytest.approx(made.prompt_tokens.likely / 200)
    assert (start.why, engine.why) == ("as in bench of 2026-01-01",) * 2
    assert made.seconds is not None
    monkeypatch.setattr(
        "qwen_batch.run.plan.known.kept_bench", {"null": replace(bench, gpus=1)}.get
    )  # measured on a GPU, planned without
    assert plan_of(folder, tmp_path / "out", null_config, jobs_dir).seconds is None
