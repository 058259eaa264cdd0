"""tesseract: what its TSV becomes, what it needs, and that a timeout leaves nothing running."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from qwen_batch.errors import ToolMissingError
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.reading.ocr.engines.tesseract import probe, recognise, tsv_to_text
from qwen_batch.reading.ocr.recognise import OcrTimeout
from qwen_batch.records import Box

WAIT_S = 10.0
LIMITS_S = (2.0, 10.0)
"""Tried one after the other until there was time for tesseract to start."""


def test_tsv_gives_boxes_in_pixels_and_confidence_by_length() -> None:
    rows = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext",
        "4\t1\t1\t1\t1\t0\t300\t600\t900\t50\t-1\t",
        "5\t1\t1\t1\t1\t1\t300\t600\t300\t50\t90\tabcdefghi",
        "5\t1\t1\t1\t1\t2\t700\t600\t50\t50\t50\tj",
        "5\t1\t1\t1\t2\t1\t300\t700\t50\t50\t95\t ",
    )
    text = tsv_to_text("\n".join(rows))
    assert [line.text for line in text.lines] == ["abcdefghi j"]
    assert text.lines[0].box == Box(300, 600, 750, 650)
    assert text.confidence == pytest.approx((0.9 * 9 + 0.5) / 10)


@pytest.mark.ocr
def test_missing_language_names_its_package() -> None:
    with pytest.raises(ToolMissingError, match="chi_tra") as caught:
        probe(("eng", "chi_tra"))
    assert caught.value.remedy == "apt-get install tesseract-ocr-chi-tra"


def test_missing_tesseract_names_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="not installed") as caught:
        probe(("eng",))
    assert "tesseract-ocr-eng" in caught.value.remedy
    with pytest.raises(ToolMissingError, match="not installed"):
        recognise(Image.new("L", (10, 10)), ("eng",), 300, 1, "auto")


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A tesseract that starts another process, notes its number and never ends."""
    noted = tmp_path / "pid"
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {noted}.part\nmv {noted}.part {noted}\nwait\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return noted


def ends(pid: int) -> bool:
    deadline = time.monotonic() + WAIT_S
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_timeout_ends_what_tesseract_started(hanging: Path) -> None:
    with pytest.raises(OcrTimeout):
        recognise(Image.new("L", (10, 10)), ("eng",), 300, 1, "auto")
    assert ends(int(hanging.read_text()))


@pytest.mark.subprocess
def test_limit_of_the_worker_ends_what_tesseract_started(hanging: Path) -> None:
    for limit_s in LIMITS_S:
        with Isolator(limit_s, 2048) as isolator:
            outcome = isolator.call(recognise, Image.new("L", (10, 10)), ("eng",), 300.0, 600.0, "auto")
        assert isinstance(outcome, Crash)
        assert outcome.kind == "timeout"
        if hanging.is_file():
            break
    assert ends(int(hanging.read_text()))
