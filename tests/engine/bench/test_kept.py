"""kept: the last bench of a model comes back, that of another does not, and a broken file is none."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from qwen_batch.engine.bench import kept
from qwen_batch.engine.bench.kept import KeptBench, keep_bench, kept_bench

REPORT = {
    "figures": {"full": {"input_tokens_per_s": 900.5, "output_tokens_per_s": 80.0}, "start_s": 12.5},
    "plan": {"gpus": 4, "replicas": 2},
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "cache_directory", lambda: tmp_path)
    monkeypatch.setattr(kept, "report_to_json", lambda _report: json.dumps(REPORT))
    return tmp_path


def keep(model: str) -> None:
    keep_bench(SimpleNamespace(model=model))  # type: ignore[arg-type]


def test_the_last_bench_of_a_model_comes_back_for_one_engine() -> None:
    assert kept_bench("m@1") is None
    keep("m@1")
    found = kept_bench("m@1")
    assert found is not None
    assert found == KeptBench(found.measured, 900.5, 80.0, 12.5, 2)
    assert kept_bench("m@2") is None


def test_a_broken_file_is_none_and_a_folder_that_takes_nothing_hinders_nobody(folder: Path) -> None:
    keep("m")
    (file,) = (folder / "bench").iterdir()
    file.write_text('{"figures": 1}')
    assert kept_bench("m") is None
    file.unlink()
    (folder / "bench").rmdir()
    (folder / "bench").write_text("")
    keep("m")
    assert kept_bench("m") is None
