"""What several tests share: where things are, and an engine without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.config import Config, load_config

ROOT = Path(__file__).parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def own_text_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test reads anew; programs that a test starts are told by --set."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("qwen_batch.text_cache.cache_directory", lambda: folder)
    return folder


@pytest.fixture
def samples() -> Path:
    return ROOT / "data" / "samples"


@pytest.fixture
def jobs_dir() -> Path:
    return ROOT / "jobs"


@pytest.fixture
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real documents at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def null_config() -> Config:
    return load_config(None, ("engine.kind=null",))
