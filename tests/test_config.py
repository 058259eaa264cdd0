"""config: defaults, files and overrides; whatever is wrong is named with its key and what would be right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.places import ROOT
from pydantic import ValidationError

from qwen_batch.config import Config, EngineSettings, Section
from qwen_batch.config_file import load_config, recorded_config
from qwen_batch.errors import EXIT_USAGE, ConfigError


def yaml_file(folder: Path, text: str) -> Path:
    path = folder / "pipeline.yaml"
    path.write_text(text, "utf-8")
    return path


def test_nothing_given_means_all_defaults() -> None:
    assert load_config(None) == Config()


def test_an_empty_file_means_all_defaults(tmp_path: Path) -> None:
    assert load_config(yaml_file(tmp_path, "# nothing yet\n")) == Config()


def test_the_pipeline_yaml_of_the_project_holds_the_defaults() -> None:
    assert load_config(ROOT / "pipeline.yaml") == Config()


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    config = load_config(yaml_file(tmp_path, "engine:\n  batch_size: 8\nocr:\n  languages: [deu]\n"))
    assert config.engine == EngineSettings(batch_size=8)
    assert config.ocr.languages == ("deu",)
    assert config.clean == Config().clean


def test_an_override_wins_over_the_file(tmp_path: Path) -> None:
    path = yaml_file(tmp_path, "engine:\n  batch_size: 8\n  seed: 5\n")
    engine = load_config(path, ("engine.batch_size=2",)).engine
    assert (engine.batch_size, engine.seed) == (2, 5)


def test_the_last_of_two_overrides_wins() -> None:
    assert load_config(None, ("engine.seed=1", "engine.seed=2")).engine.seed == 2


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("engine.in_flight=12", "engine", "in_flight", 12),
        ("engine.in_flight=auto", "engine", "in_flight", "auto"),
        ("engine.model=Qwen/Qwen3-4B-Instruct-2507", "engine", "model", "Qwen/Qwen3-4B-Instruct-2507"),
        ("engine.model=/models/a=b", "engine", "model", "/models/a=b"),
        ("engine.model='[not a list'", "engine", "model", "[not a list"),
        ("ocr.languages=[eng, deu]", "ocr", "languages", ("eng", "deu")),
        ("clean.headers=false", "clean", "headers", False),
        ("read.timeout_s=0.5", "read", "timeout_s", 0.5),
        ("resources.ray_address=ray://head:10001", "resources", "ray_address", "ray://head:10001"),
        ("resources.ray_address=null", "resources", "ray_address", None),
        ("engine.kind=null", "engine", "kind", "null"),
    ],
)
def test_set_reads_values_as_yaml_does(override: str, section: str, key: str, value: object) -> None:
    assert getattr(getattr(load_config(None, (override,)), section), key) == value


def test_kind_null_in_yaml_is_the_engine_named_null(tmp_path: Path) -> None:
    assert load_config(yaml_file(tmp_path, "engine:\n  kind: null\n")).engine.kind == "null"


def test_a_value_that_is_no_yaml_is_taken_as_text() -> None:
    assert load_config(None, ("engine.model=[half",)).engine.model == "[half"


@pytest.mark.parametrize("override", ["engine.batch_size", "=4", "batch_size", ""])
def test_set_without_key_and_value_says_how_it_is_written(override: str) -> None:
    with pytest.raises(ConfigError, match=r"expected section\.key=value") as caught:
        load_config(None, (override,))
    assert "--set engine.batch_size=4" in caught.value.remedy


def test_set_below_a_plain_value_of_the_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="jobs_dir is not a section"):
        load_config(yaml_file(tmp_path, "jobs_dir: jobs\n"), ("jobs_dir.x=1",))


def test_an_unknown_key_names_file_key_and_the_keys_of_its_section(tmp_path: Path) -> None:
    path = yaml_file(tmp_path, "clean:\n  header: true\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    known = "headers, footers, page_numbers, watermarks, line_numbers, captions, reading_order, withhold_orders"
    assert caught.value.message == f"{path}: unknown key 'clean.header'; known here: {known}"
    assert caught.value.exit_code == EXIT_USAGE


def test_an_unknown_section_names_the_sections() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, ("engines.model=x",))
    assert caught.value.message == (
        "--set: unknown key 'engines'; known here: "
        "jobs_dir, execution, read, ocr, clean, cache, engine, prompt, long, confidence, sink, resources"
    )


def test_a_value_that_is_neither_a_number_nor_auto_is_one_line_about_the_key() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, ("engine.replicas=foo",))
    assert caught.value.message == (
        "--set: engine.replicas: Input should be a valid integer, unable to parse string as an integer, "
        "or Input should be 'auto' (got 'foo')"
    )


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    path = yaml_file(tmp_path, "ocr:\n  dpi: 10\nsink:\n  rows_per_file: none\n  colour: red\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    lines = caught.value.message.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert any("ocr.dpi" in line and "72" in line and "got 10" in line for line in lines)
    assert any("sink.rows_per_file" in line and "integer" in line and "got 'none'" in line for line in lines)
    assert any("'sink.colour'" in line for line in lines)


@pytest.mark.parametrize(
    "override",
    [
        "engine.batch_size=0",
        "engine.batch_size=257",
        "engine.in_flight=many",
        "engine.in_flight=0",
        "engine.replicas=-1",
        "engine.max_num_seqs=0",
        "engine.max_model_len=0",
        "engine.max_batched_tokens=0",
        "resources.num_cpus=0",
        "resources.read_tasks=0",
        "ocr.languages=[]",
        "read.timeout_s=0",
    ],
)
def test_values_out_of_bounds_are_refused_with_their_key(override: str) -> None:
    key = override.partition("=")[0].replace(".", r"\.")
    with pytest.raises(ConfigError, match=key):
        load_config(None, (override,))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("engine: [1", "not valid YAML"),
        ("- a\n- b\n", "expected keys and values at the top"),
        ("just text", "expected"),
    ],
)
def test_a_file_that_holds_no_settings_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = yaml_file(tmp_path, text)
    with pytest.raises(ConfigError, match=problem) as caught:
        load_config(path)
    assert caught.value.message.startswith(str(path))


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_bytes("jobs_dir: Verträge\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="not valid YAML") as caught:
        load_config(path)
    assert str(path) in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: No such file"):
        load_config(tmp_path / "nowhere.yaml")


def test_yaml_cannot_run_code(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_config(yaml_file(tmp_path, "jobs_dir: !!python/object/apply:os.getcwd []\n"))


def test_recorded_settings_are_not_written_into() -> None:
    """An override was written into the manifest that had recorded the settings, for all who read it after that."""
    recorded = {"engine": {"kind": "null", "seed": 1}}
    config = recorded_config(recorded, ("engine.seed=2", "read.timeout_s=9"))
    assert (config.engine.seed, config.read.timeout_s) == (2, 9)
    assert recorded == {"engine": {"kind": "null", "seed": 1}}


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Config().engine.seed = 1


def sections() -> list[type[Section]]:
    return [Config, *(type(value) for value in dict(Config()).values() if isinstance(value, Section))]


@pytest.mark.parametrize("section", sections())
def test_every_key_is_described_in_one_sentence(section: type[Section]) -> None:
    for name, field in section.model_fields.items():
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, Section)):
            assert field.description, name
            assert field.description.endswith("."), name


@pytest.mark.subprocess
def test_the_page_of_settings_is_what_the_code_says() -> None:
    root = ROOT
    page = subprocess.run([sys.executable, root / "docs/configuration.py"], capture_output=True, text=True, check=True)
    assert (root / "docs/configuration.md").read_text() == page.stdout, "run docs/configuration.py again"
