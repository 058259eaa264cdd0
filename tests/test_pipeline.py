"""pipeline: what is unforeseen in one document is its failure, and never another's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import documents_at

from qwen_batch import pipeline, reading
from qwen_batch.config import Config
from qwen_batch.errors import ToolMissingError
from qwen_batch.isolate import Crash, Isolator
from qwen_batch.pipeline import Work, document_to_prompts, load_jobs, make_tokenizer, settle_stage
from qwen_batch.prepare import Place, prepare_run
from qwen_batch.reading import make_tools
from qwen_batch.records import Failure


@pytest.fixture
def prepared(null_config: Config, jobs_dir: Path, tmp_path: Path) -> pipeline.RunSpec:
    (tmp_path / "a.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    arguments = ["contract_summary", str(tmp_path / "a.txt")]
    return prepare_run(arguments, null_config, jobs_dir, Place(str(tmp_path / "out"))).request.spec


def work_of(path: Path) -> Work:
    (document,) = documents_at(path)
    return Work(document, ("contract_summary",))


def prompts_of(path: Path, spec: pipeline.RunSpec) -> Work:
    tools = make_tools(spec.config)
    with tools.isolator:
        return document_to_prompts(work_of(path), spec, tools, make_tokenizer(spec), load_jobs(spec))


def test_a_document_becomes_prompts_that_hold_its_text(prepared: pipeline.RunSpec, tmp_path: Path) -> None:
    work = prompts_of(tmp_path / "a.txt", prepared)
    assert work.failure is None
    assert [prompt.job for prompt in work.prompts] == ["contract_summary"]
    assert "Alpha Ltd and Beta Ltd" in work.prompts[0].messages[1][1]


def test_an_unforeseen_error_is_the_documents_failure(
    prepared: pipeline.RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(reading, "pages_to_clean", broken)
    work = prompts_of(tmp_path / "a.txt", prepared)
    assert work.failure is not None
    assert (work.failure.stage, work.failure.code) == ("clean", "internal")
    assert "ZeroDivisionError: oops" in work.failure.message
    outcome = settle_stage(work, prepared, load_jobs(prepared), make_tools(prepared.config).isolator)
    assert [failure.job for failure in outcome.failures] == ["contract_summary"]


def test_a_missing_tool_ends_the_run(
    prepared: pipeline.RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise ToolMissingError("no tesseract", "install it")

    monkeypatch.setattr(reading, "pages_to_clean", missing)
    with pytest.raises(ToolMissingError):
        prompts_of(tmp_path / "a.txt", prepared)


@pytest.mark.parametrize("kind", ["timeout", "crashed", "out_of_memory"])
def test_a_crash_of_the_reading_child_is_a_failure_that_says_what_to_do(
    kind: str, prepared: pipeline.RunSpec, tmp_path: Path
) -> None:
    class FakeIsolator(Isolator):
        def call(self, *_: object, **__: object) -> Crash:
            return Crash(kind, "signal 9")

    work = work_of(tmp_path / "a.txt")
    jobs, tokenizer = load_jobs(prepared), make_tokenizer(prepared)
    tools = replace(make_tools(prepared.config), isolator=FakeIsolator(1, 512))
    failed = document_to_prompts(work, prepared, tools, tokenizer, jobs).failure
    assert isinstance(failed, Failure)
    assert (failed.stage, failed.code, failed.retryable) == ("read", kind, True)
    assert "Reading" in failed.message
