"""spread: the pages of a large scan are recognised side by side, and nobody waits for them; on Ray and in process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from helpers.documents import documents_at
from PIL import Image, ImageDraw, ImageFont

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import DocumentOutcome, Extract
from qwen_batch.reading.extract import ExtractSpec
from qwen_batch.run import on_ray
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process import documents as in_process
from qwen_batch.run.prepare import Place, prepare_run
from qwen_batch.run.stopping import Stop

pytestmark = [pytest.mark.ray, pytest.mark.ocr]
PAGES = 4
WAITING_TESSERACT = """#!/bin/sh
case "$*" in *--version*|*--list-langs*) ;; *) while [ ! -e "{go}" ]; do sleep 0.2; done ;; esac
exec {real} "$@"
"""


def page_image(number: int) -> Image.Image:
    page = Image.new("L", (1700, 2200), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(40)
    for line in range(30):
        draw.text((150, 150 + 60 * line), f"Clause {number}.{line} binds the buyer and the seller alike.", font=font)
    return page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    first, *others = [page_image(number) for number in range(1, PAGES + 1)]
    first.save(folder / "a_long_scan.tiff", save_all=True, append_images=others, dpi=(200, 200))
    (folder / "b_letter.txt").write_text("A short letter from Alpha Ltd to Beta Ltd, which needs no OCR.")
    return folder


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake tesseract that recognises nothing before this file is there, and then is the real one."""
    go, folder = tmp_path / "go", tmp_path / "bin"
    folder.mkdir()
    program = folder / "tesseract"
    program.write_text(WAITING_TESSERACT.format(go=go, real=shutil.which("tesseract")))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return go


@pytest.fixture
def config(tmp_path: Path, go: Path) -> Config:
    cache = f"cache.directory={tmp_path / 'cache'}"
    settings = ("engine.kind=null", "ocr.languages=[eng]", "ocr.timeout_s=900", cache)
    return load_config(None, settings)


@pytest.fixture(params=["ray", "in_process"])
def stages(request: pytest.FixtureRequest, config: Config) -> Iterator[ModuleType]:
    """What executes the stages, ready for it."""
    if request.param == "in_process":
        yield in_process
        return
    with on_ray.ray_session(config):
        yield on_ray


@pytest.fixture
def spec(folder: Path, config: Config, jobs_dir: Path) -> RunSpec:
    place = Place(str(folder.with_name("out")))
    return prepare_run(["contract_summary", str(folder)], config, jobs_dir, place).request.spec


def test_the_letter_is_answered_while_the_scan_is_still_in_ocr_and_the_scan_comes_back_whole(
    folder: Path, spec: RunSpec, go: Path, stages: ModuleType
) -> None:
    works = [Work(document, ("contract_summary",)) for document in documents_at(folder)]
    outcomes = (one for one in stages.run_documents(works, spec, Stop()) if isinstance(one, DocumentOutcome))
    first = next(outcomes)
    assert Path(first.document.uri).name == "b_letter.txt"
    assert len(first.records) == 1
    go.touch()
    (second,) = outcomes
    assert (second.pages, second.ocr_pages, len(second.records)) == (PAGES, PAGES, 1)

    outcomes = stages.extract_documents(works, ExtractSpec(spec.config), Stop())
    extracts = [record for outcome in outcomes for record in outcome.records]
    (scan,) = [extract for extract in extracts if isinstance(extract, Extract) and len(extract.pages) == PAGES]
    assert [page.page for page in scan.pages] == list(range(1, PAGES + 1))
    for page in scan.pages:
        assert f"Clause {page.page}.7 binds the buyer" in page.text
        assert page.ocr_reason == "image"
