"""reading.version: what was read with other code is read again, and what was answered from it is asked again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.job.files import find_job, load_job
from qwen_batch.reading import version
from qwen_batch.reading.extract import extract_fingerprint
from qwen_batch.reading.text_cache import TextCache
from qwen_batch.reading.version import code_of, reading_code, reading_version
from qwen_batch.records import Document
from qwen_batch.run.fingerprints import job_fingerprints

DOCUMENT = Document("d" * 64, "a.pdf", "application/pdf", 1)


def forget() -> None:
    reading_code.cache_clear()
    reading_version.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package whose code counts as that which reads."""
    copy = tmp_path / "qwen_batch"
    shutil.copytree(version.READING.parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(version, "READING", copy / "reading")
    forget()
    yield copy
    forget()


def fingerprints(jobs_dir: Path) -> tuple[str, str, str]:
    """Of a job, of an extract, and the key of a text in the cache."""
    config = Config()
    jobs = {"contract_summary": load_job(find_job("contract_summary", jobs_dir))}
    job = job_fingerprints(jobs, config, "a model")["contract_summary"]
    return job, extract_fingerprint(config), TextCache(config).read_key(DOCUMENT)


@pytest.mark.parametrize(
    "module", ["clean/furniture.py", "clean/joining.py", "readers/docx/lists.py", "ocr/engines/tesseract.py"]
)
def test_an_upgrade_of_what_shapes_a_text_changes_every_fingerprint(package: Path, module: str, jobs_dir: Path) -> None:
    before = fingerprints(jobs_dir)
    file = package / "reading" / module
    file.write_text(file.read_text() + "\n# another rule\n")
    forget()
    assert all(old != new for old, new in zip(before, fingerprints(jobs_dir), strict=True))


def test_the_shape_of_what_is_kept_changes_the_cache_and_asks_no_model_again(package: Path, jobs_dir: Path) -> None:
    before = fingerprints(jobs_dir)
    (package / "records.py").write_text((package / "records.py").read_text() + "\n# another field\n")
    forget()
    after = fingerprints(jobs_dir)
    assert after[0] == before[0]
    assert after[2] != before[2]


def test_a_module_that_is_new_or_renamed_counts(package: Path) -> None:
    codes = [code_of(package / "reading")]
    (package / "reading" / "clean" / "new_rule.py").write_text("")
    codes.append(code_of(package / "reading"))
    (package / "reading" / "clean" / "new_rule.py").rename(package / "reading" / "clean" / "a_rule.py")
    codes.append(code_of(package / "reading"))
    assert len(set(codes)) == 3


def test_a_folder_without_modules_is_no_version(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        code_of(tmp_path)


def test_packages_of_another_ocr_engine_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def versions_with(changed: str) -> tuple[str, str]:
        monkeypatch.setattr(version, "package_versions", lambda names: {n: "2" if n == changed else "1" for n in names})
        reading_version.cache_clear()
        return reading_version("tesseract"), reading_version("rapidocr")

    tesseract, rapidocr = versions_with("nothing")
    with_onnx = versions_with("onnxruntime")
    assert with_onnx[0] == tesseract
    assert with_onnx[1] != rapidocr
    assert versions_with("pypdfium2")[0] != tesseract
    reading_version.cache_clear()


def test_a_reader_of_another_distribution_counts(outside_plugin: Callable[[str, str, str], None]) -> None:
    before = reading_code()
    outside_plugin("qwen_batch.reading.readers", "odd", "READER = 1")
    forget()
    assert reading_code() != before
    forget()


def test_limits_of_reading_are_no_part_of_a_text() -> None:
    patient = load_config(None, ("read.timeout_s=9",))
    assert TextCache(patient).read_key(DOCUMENT) == TextCache(Config()).read_key(DOCUMENT)
