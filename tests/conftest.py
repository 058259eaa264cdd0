"""What several tests share: where things are, what a test may use, and an engine without a model."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from helpers.places import ROOT, SHARED_DATA
from helpers.resources import STARTS_PROCESSES, forbid_processes, hide_tesseract, mark_resources, marks_of
from helpers.s3 import make_bucket, s3_environment

from qwen_batch import plugins
from qwen_batch.config import Config
from qwen_batch.config_file import load_config


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        mark_resources(item)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for fake programs."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(autouse=True)
def only_what_is_marked(request: pytest.FixtureRequest, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test has the resources that it is marked with, and no others."""
    marks = marks_of(request.node)
    if "ocr" not in marks:
        hide_tesseract(monkeypatch, programs)
    if not marks & STARTS_PROCESSES:
        forbid_processes(monkeypatch)


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caches")


@pytest.fixture(autouse=True)
def own_text_cache(caches: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test reads anew, in a folder that is made when something is kept; programs are told by --set."""
    folder = caches / secrets.token_hex(8)
    monkeypatch.setattr("qwen_batch.reading.text_cache.cache_directory", lambda: folder)
    return folder


@pytest.fixture(autouse=True)
def own_benches(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `bench` measured on this machine, or in another test, is no test's rate."""
    folder = caches / secrets.token_hex(8)
    monkeypatch.setattr("qwen_batch.engine.bench.kept.cache_directory", lambda: folder)


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


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Mapping[str, str]]:
    """The variables that lead a process to an S3 server on loopback."""
    with s3_environment() as variables:
        yield variables


@pytest.fixture
def s3_bucket(s3_server: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A new empty bucket, as s3://name; programs that the test starts find it too."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    return make_bucket(f"bucket-{secrets.token_hex(4)}")


@pytest.fixture
def outside_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Installs a distribution `<name>-plugin` 1.2 whose module of that source is a member of a kind of plugin."""

    def install(package: str, name: str, source: str) -> None:
        (tmp_path / f"{name}_plugin.py").write_text(source)
        info = tmp_path / f"{name}_plugin-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[{package}]\n{name} = {name}_plugin\n")
        plugins._entry_points.cache_clear()

    monkeypatch.syspath_prepend(tmp_path)
    yield install
    plugins._entry_points.cache_clear()
