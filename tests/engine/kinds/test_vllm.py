"""vllm: the real vLLM with the real embedded model, through the command line and Ray."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from helpers.places import ROOT

from qwen_batch.cli import exit_code_of
from qwen_batch.engine.devices import gpu_count
from qwen_batch.engine.model.resolve import embedded_is_present

pytestmark = [pytest.mark.vllm, pytest.mark.ray]

SMALL_JOB = """
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Job, Quoted


class Law(Quoted):
    jurisdiction: str = Field(max_length=60, description="state or country")


class Small(BaseModel):
    governing_law: Law | None = Field(description="which law governs")
    summary: str = Field(max_length=80, description="one sentence")


JOB = Job(name="small", schema=Small, instruction="Extract the facts of this contract.", sampling=EXTRACTION,
          max_output_tokens=200)
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run for all tests here: an English and a Chinese contract, and one that is far too long for one prompt."""
    if not embedded_is_present() and not gpu_count():
        pytest.fail("the embedded model is missing: run `make test`, or `qwen-batch model pull`")
    folder = tmp_path_factory.mktemp("vllm")
    (folder / "small.py").write_text(SMALL_JOB)
    (folder / "in").mkdir()
    contracts = ROOT / "data" / "samples" / "contracts"
    for name in ("distribution_agreement_en.txt", "purchase_contract_zh.pdf"):
        (folder / "in" / name).write_bytes((contracts / name).read_bytes())
    text = (contracts / "distribution_agreement_en.txt").read_text()
    (folder / "in" / "long.txt").write_text(text * 3)
    settings = ["--set", "engine.max_model_len=1400", "--set", "confidence.self_check=true", "--no-progress"]
    inputs = [str(folder / "small.py"), str(folder / "in"), "--output", str(folder / "out"), *settings]
    assert exit_code_of(["run", *inputs]) == 0
    return folder / "out"


def rows(output: Path, columns: str) -> dict[str, tuple[object, ...]]:
    query = f"select parse_filename(source_uri), {columns} from '{output}/small/run=*/*.parquet'"
    return {row[0]: row[1:] for row in duckdb.sql(query).fetchall()}


def test_the_embedded_model_finds_the_governing_law_and_quotes_it(output: Path) -> None:
    found = rows(output, "result.governing_law.jurisdiction, evidence[1].match, evidence[1].page, evidence[1].quote")
    law, match, page, quote = found["distribution_agreement_en.txt"]
    assert "Singapore" in str(law)
    assert match in {"exact", "normalised"}
    assert page == 1
    assert quote


def test_a_chinese_contract_is_answered_in_chinese(output: Path) -> None:
    (summary, language) = rows(output, "result.summary, language")["purchase_contract_zh.pdf"]
    assert language == "zh"
    assert sum("一" <= character <= "鿿" for character in str(summary)) > len(str(summary)) / 2


def test_a_document_over_the_context_is_asked_in_parts(output: Path) -> None:
    (prompt_tokens, attempts) = rows(output, "prompt_tokens, attempts")["long.txt"]
    assert int(str(prompt_tokens)) > 1400
    assert int(str(attempts)) >= 1


def test_every_answer_has_token_probabilities_and_the_model_that_gave_it(output: Path) -> None:
    for model, confidence, tokens in rows(output, "model, confidence.record, output_tokens").values():
        assert str(model).startswith("Qwen2.5-Coder-0.5B-Instruct@") or gpu_count()
        assert 0 < float(str(confidence)) <= 1
        assert int(str(tokens)) > 0


def test_the_model_is_asked_again_of_each_value_that_it_gave(output: Path) -> None:
    query = f"""select parse_filename(source_uri) source, unnest(confidence_parts, recursive := true)
        from '{output}/small/run=*/*.parquet'"""
    checks = duckdb.sql(f"select field, absent, self_check from ({query})").fetchall()
    assert len(checks) == 6
    assert all(check is None for _, absent, check in checks if absent)
    asked = [check for field, absent, check in checks if field == "governing_law" and not absent]
    assert asked
    assert all(0 < check < 1 for check in asked)


def test_the_manifest_says_what_answered(output: Path) -> None:
    (manifest,) = (json.loads(file.read_text()) for file in output.glob("_runs/*.json"))
    assert manifest["engine"]["kind"] == "vllm"
    assert manifest["rows"] == {"small": 3, "failures": 0}
    assert manifest["counts"]["records"] == 3


def test_an_engine_that_cannot_start_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "small.py").write_text(SMALL_JOB)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.txt").write_text("The lease begins in May.")
    inputs = [str(tmp_path / "small.py"), str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--no-progress"]
    too_few = json.dumps({"num_gpu_blocks_override": 4})
    assert exit_code_of(["run", *inputs, "--set", "engine.max_model_len=4096", "--set", f"engine.vllm={too_few}"]) == 1
    said = capsys.readouterr().err
    assert "the vLLM engine did not start: ValueError: To serve at least one request" in said
    assert "lower engine.max_model_len" in said
