"""prepare: everything that can be wrong with a request is found before anything is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from helpers.tables import job_table, publish_run, rows_of

from qwen_batch.config import Config, EngineSettings
from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import context_limit
from qwen_batch.errors import (
    EXIT_FATAL,
    EXIT_USAGE,
    ConfigError,
    JobError,
    ModelError,
    OutputError,
    ToolMissingError,
    UsageError,
)
from qwen_batch.job.files import find_job, load_job
from qwen_batch.output.layout import open_output
from qwen_batch.run.arguments import split_arguments
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.fingerprints import job_fingerprints
from qwen_batch.run.prepare import Place, prepare_extract, prepare_run


def test_jobs_come_first_and_the_rest_are_inputs(jobs_dir: Path, samples: Path) -> None:
    asked = split_arguments(["contract_summary", "report_outline", str(samples), "x/*.pdf"], jobs_dir)
    assert [Path(job.path).stem for job in asked.jobs] == ["contract_summary", "report_outline"]
    assert asked.inputs == (str(samples), "x/*.pdf")


def test_a_job_may_be_given_by_its_path(jobs_dir: Path, samples: Path) -> None:
    asked = split_arguments([str(jobs_dir / "report_outline.py"), str(samples)], jobs_dir)
    assert asked.jobs[0].path.endswith("report_outline.py")


@pytest.mark.parametrize("arguments", [["contract_sumary", "data"], ["contract_summary", "report_outlin", "data"]])
def test_a_misspelled_job_is_named_with_what_was_meant(arguments: list[str], jobs_dir: Path) -> None:
    with pytest.raises(JobError) as caught:
        split_arguments(arguments, jobs_dir)
    assert "did you mean" in caught.value.remedy
    assert caught.value.exit_code == EXIT_USAGE


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, with folders of documents in it."""
    for name in ("contracts/2024", "Scans"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "contracts" / "lease.pdf").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("item", "meant"),
    [
        ("contracts2", "contracts"),
        ("./contrcts", "contracts"),
        ("scans", "Scans"),
        ("contracts/2023", "contracts/2024"),
        ("contrcts/2024/a.pdf", "contracts"),
        ("contracts/leese.pdf", "contracts/lease.pdf"),
        ("nothing_like_it", None),
    ],
)
def test_a_mistyped_folder_was_taken_for_a_jobs_name(
    item: str, meant: str | None, contracts: Path, null_config: Config, jobs_dir: Path
) -> None:
    for more in ([], ["contracts"]):
        with pytest.raises(UsageError, match=f"^{item}: no such file or folder") as caught:
            prepare_run(["contract_summary", item, *more], null_config, jobs_dir, Place(str(contracts / "out")))
        assert not isinstance(caught.value, JobError)
        assert (f"did you mean {meant}?" in caught.value.remedy) if meant else ("did you" not in caught.value.remedy)


@pytest.mark.parametrize("first", ["contracts", "./contracts/lease.pdf"])
def test_a_folder_without_a_job_before_it_is_said_to_be_that(first: str, contracts: Path, jobs_dir: Path) -> None:
    with pytest.raises(JobError, match=f"no job was named before the input '{first}'"):
        split_arguments([first, "Scans"], jobs_dir)


def test_a_misspelled_job_is_told_as_that_though_a_folder_is_called_alike(contracts: Path, jobs_dir: Path) -> None:
    (contracts / "summaries").mkdir()
    with pytest.raises(JobError, match="no job 'contract_sumary'"):
        split_arguments(["report_outline", "contract_sumary", "contracts"], jobs_dir)


def test_a_run_without_inputs_is_refused(jobs_dir: Path) -> None:
    with pytest.raises(UsageError, match="only jobs were named"):
        split_arguments(["contract_summary"], jobs_dir)


def test_an_input_that_is_not_there_is_named(jobs_dir: Path, null_config: Config, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.pdf: no such file"):
        prepare_run(
            ["contract_summary", f"{tmp_path}/missing.pdf"], null_config, jobs_dir, Place(str(tmp_path / "out"))
        )
    assert not (tmp_path / "out").exists()


def test_a_job_named_twice_is_refused(jobs_dir: Path, null_config: Config, tmp_path: Path, samples: Path) -> None:
    with pytest.raises(JobError, match="twice"):
        prepare_run(["contract_summary"] * 2 + [str(samples)], null_config, jobs_dir, Place(str(tmp_path)))


def test_a_file_as_output_is_refused(jobs_dir: Path, null_config: Config, tmp_path: Path, samples: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OutputError, match="not a folder"):
        prepare_run(["contract_summary", str(samples)], null_config, jobs_dir, Place(str(file / "out")))


@pytest.mark.parametrize(("setting", "known"), [("sink.format", "jsonl, parquet"), ("sink.catalog", "plain")])
def test_a_format_or_catalog_that_is_not_there_is_refused_with_those_that_are(
    setting: str, known: str, jobs_dir: Path, tmp_path: Path, samples: Path
) -> None:
    config = load_config(None, ("engine.kind=null", f"{setting}=csv"))
    with pytest.raises(ConfigError, match=f"{setting}: there is no 'csv'; known: {known}"):
        prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()


def test_a_run_in_another_format_than_the_tables_there_is_refused_before_anything_is_written(
    jobs_dir: Path, tmp_path: Path, samples: Path
) -> None:
    out = tmp_path / "out"
    table = job_table(("total", pa.int64()))
    publish_run(open_output(str(out)), table, rows_of(table, a={"total": 1}), "r1", "jsonl")
    before = sorted(out.rglob("*"))
    config = load_config(None, ("engine.kind=null", "sink.format=parquet"))
    for prepare in (
        lambda: prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(out))),
        lambda: prepare_extract([str(samples)], config, Place(str(out))),
    ):
        with pytest.raises(UsageError, match="its tables are in jsonl, this run's would be in parquet") as caught:
            prepare()
        assert "--format jsonl" in caught.value.remedy
    assert sorted(out.rglob("*")) == before


def test_metrics_without_rays_agent_are_refused_before_anything_is_written(
    jobs_dir: Path, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qwen_batch.run.doctor.AGENT_PACKAGES", ("no_such_package",))
    config = load_config(None, ("engine.kind=null", "resources.metrics_port=9090"))
    with pytest.raises(ConfigError, match="metrics_port: Ray cannot serve metrics on 9090 without no_such_package"):
        prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()


def test_a_missing_tesseract_language_stops_the_run_with_its_package(
    jobs_dir: Path, tmp_path: Path, samples: Path
) -> None:
    config = load_config(None, ("engine.kind=null", "ocr.languages=[eng, deu_frak_missing]"))
    with pytest.raises(ToolMissingError, match="deu_frak_missing") as caught:
        prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(tmp_path / "out")))
    assert "tesseract-ocr-deu-frak-missing" in caught.value.remedy
    assert caught.value.exit_code == EXIT_FATAL


def test_a_model_directory_without_weights_is_refused(jobs_dir: Path, tmp_path: Path, samples: Path) -> None:
    (tmp_path / "model").mkdir()
    config = load_config(None, (f"engine.model={tmp_path}/model",))
    with pytest.raises(ModelError, match=r"config\.json"):
        prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(tmp_path / "out")))


def test_the_first_line_says_which_model_answers_and_why(
    jobs_dir: Path, null_config: Config, tmp_path: Path, samples: Path
) -> None:
    prepared = prepare_run(["contract_summary", str(samples)], null_config, jobs_dir, Place(str(tmp_path / "out")))
    assert prepared.messages[0] == "model: null (engine.kind is null: no model, the smallest valid answers)"


def test_an_engine_that_would_idle_is_warned_about(jobs_dir: Path, tmp_path: Path, samples: Path) -> None:
    config = load_config(None, ("engine.kind=null", "engine.in_flight=1", "engine.max_num_seqs=64"))
    prepared = prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(tmp_path / "out")))
    assert "will idle" in prepared.messages[1]


def test_fingerprints_change_with_settings_that_shape_answers_only(
    jobs_dir: Path, null_config: Config, tmp_path: Path, samples: Path
) -> None:
    def fingerprint(*overrides: str) -> str:
        config = load_config(None, ("engine.kind=null", *overrides))
        prepared = prepare_run(["contract_summary", str(samples)], config, jobs_dir, Place(str(tmp_path / "out")))
        return prepared.request.spec.fingerprints["contract_summary"]

    assert fingerprint() == fingerprint("engine.batch_size=2", "sink.format=jsonl", "read.timeout_s=9")
    assert len({fingerprint(), fingerprint("ocr.dpi=200"), fingerprint("clean.footers=false")}) == 3
    assert fingerprint() != fingerprint("long.chunk_tokens=3000") != fingerprint("long.mode=single")
    assert fingerprint("long.mode=single") == fingerprint("long.mode=single", "long.chunk_tokens=3000")


@pytest.mark.parametrize("setting", ["engine.precision=fp8", "engine.kv_cache=fp8", "engine.seed=7"])
def test_what_changes_answers_changes_the_fingerprint(setting: str, jobs_dir: Path) -> None:
    jobs = {"contract_summary": load_job(find_job("contract_summary", jobs_dir))}
    usual = job_fingerprints(jobs, load_config(None), "a model")
    assert job_fingerprints(jobs, load_config(None, (setting,)), "a model") != usual
    assert job_fingerprints(jobs, load_config(None, ("engine.batch_size=8",)), "a model") == usual


@pytest.mark.parametrize(
    ("memory_gib", "precision", "context"), [(8, "auto", 4_096), (24, "auto", 99_032), (24, "fp8", 113_595)]
)
def test_a_small_gpu_gets_a_small_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_gib: int, precision: Any, context: int
) -> None:
    config = {"num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "num_hidden_layers": 36}
    (tmp_path / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 262_144}))
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(4 << 30)
    monkeypatch.setattr("qwen_batch.engine.choice.gpu_memory_bytes", lambda: memory_gib << 30)
    assert context_limit(tmp_path, EngineSettings(precision=precision), 1) == context


def test_parameters_reach_the_jobs_their_fingerprints_and_the_record_of_the_run(
    samples: Path, null_config: Config, jobs_dir: Path, tmp_path: Path
) -> None:
    def spec(params: dict[str, str]) -> RunSpec:
        arguments = ["campaign_attribution", "contract_summary", str(samples)]
        return prepare_run(arguments, null_config, jobs_dir, Place(str(tmp_path / "out")), params).request.spec

    north, plain = spec({"region": "North"}), spec({})
    assert north.fingerprints["contract_summary"] == plain.fingerprints["contract_summary"]
    assert north.fingerprints["campaign_attribution"] != plain.fingerprints["campaign_attribution"]
    assert north.about()["job_params"] == {"campaign_attribution": {"region": "North"}}
    assert "job_params" not in plain.about()
    with pytest.raises(JobError, match="no job has the parameter 'market'"):
        spec({"market": "North"})
