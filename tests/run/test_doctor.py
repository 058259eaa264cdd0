import sys
from types import SimpleNamespace

import pytest

from qwen_batch.config import Config, EngineSettings, OcrSettings
from qwen_batch.errors import ToolMissingError
from qwen_batch.reading.ocr.engine import OcrEngine
from qwen_batch.reading.ocr.engines import tesseract
from qwen_batch.run import doctor
from qwen_batch.run.doctor import (
    check_disk,
    check_memory,
    check_ocr,
    check_plugins,
    check_python,
    checks,
)


@pytest.fixture(autouse=True)
def tesseract_is_looked_for_anew():
    def forget():
        tesseract.version.cache_clear()
        tesseract.installed_languages.cache_clear()

    forget()
    yield
    forget()


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Puts a fake program first on PATH."""

    def make(name, script):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return make


@pytest.mark.subprocess
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
    program, english, chinese = check_ocr(OcrSettings(languages=("eng", "chi_sim")))
    assert program.detail == "5.3.0"
    assert english.ok
    assert (chinese.ok, chinese.remedy) == (False, "apt-get install tesseract-ocr-chi-sim")


def test_the_configured_ocr_engine_is_the_one_that_is_asked(monkeypatch):
    def probe(languages):
        raise ToolMissingError(f"no {languages[0]} here", "buy another engine")

    other = OcrEngine("other", lambda *_: None, lambda: (), lambda: "other 7", probe)
    monkeypatch.setattr(doctor, "OCR_ENGINES", SimpleNamespace(load={"other": other}.__getitem__))
    program, english = check_ocr(OcrSettings(engine="other", languages=("eng",)))
    assert (program.name, program.ok, program.detail) == ("other", True, "7")
    assert (english.ok, english.detail, english.remedy) == (False, "no eng here", "buy another engine")


def test_a_member_of_another_package_is_listed_and_one_that_cannot_be_loaded_says_whose_it_is(outside_plugin):
    outside_plugin("qwen_batch.reading.readers", "odd", "READER = 1")
    outside_plugin("qwen_batch.engine.kinds", "broken", "raise RuntimeError('no licence')")
    found = {check.name: check for check in check_plugins()}
    assert found["readers: odd"].ok
    assert "of odd-plugin 1.2" in found["readers: odd"].detail
    assert not found["kinds: broken"].ok
    assert "broken-plugin 1.2" in found["kinds: broken"].detail
    assert "no licence" in found["kinds: broken"].detail
    assert found["kinds: broken"].remedy == "mend or uninstall broken-plugin"


@pytest.mark.subprocess
def test_configured_languages_are_the_ones_checked():
    names = [check.name for check in checks(Config(ocr=OcrSettings(languages=("deu",))))]
    assert "tesseract language deu" in names
    assert "tesseract language eng" not in names


@pytest.mark.subprocess
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
