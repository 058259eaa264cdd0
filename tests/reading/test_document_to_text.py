"""document_to_text: from a document to its text, with a cache that spares work and never changes a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.children import warm, warm_isolator
from helpers.documents import documents_at
from PIL import Image

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import OcrTask, ReadText, ReadTools, document_to_text, make_tools
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.records import Box, Line, Page

pytestmark = pytest.mark.subprocess

SENTENCES = ["The buyer pays.", "A seller ships goods.", "Nobody else is bound.", "This law governs."]


class CountingIsolator(Isolator):
    """Notes which functions were asked for; `crash_in` is one that ends its child."""

    def __init__(self, timeout_s: float, memory_mb: int, crash_in: str = "") -> None:
        super().__init__(timeout_s, memory_mb)
        self.asked: list[str] = []
        self.crash_in = crash_in

    def call(self, function: Callable[..., Any], *args: Any, extra_s: float = 0) -> Any:
        self.asked.append(function.__name__)
        if function.__name__ == self.crash_in:
            return Crash("crashed", "It died of signal 11.")
        return warm_isolator().call(function, *args, extra_s=extra_s)


def tools_for(config: Config, crash_in: str = "") -> ReadTools:
    return replace(make_tools(config), isolator=CountingIsolator(300, 4096, crash_in))


def read(path: Path, tools: ReadTools) -> ReadText | Failure:
    (document,) = documents_at(path)
    return document_to_text(document, tools)


def asked(tools: ReadTools) -> list[str]:
    assert isinstance(tools.isolator, CountingIsolator)
    return tools.isolator.asked


def test_a_document_is_read_once_and_comes_back_the_same(null_config: Config, samples: Path) -> None:
    path = samples / "contracts" / "services_agreement_en.pdf"
    first, second = tools_for(null_config), tools_for(null_config)
    text = read(path, first)
    assert isinstance(text, ReadText)
    assert read(path, second) == text
    assert asked(first)
    assert asked(second) == []


def test_a_copy_under_another_name_is_not_read_again_and_keeps_its_own_name(
    null_config: Config, samples: Path, tmp_path: Path
) -> None:
    path = samples / "contracts" / "services_agreement_en.pdf"
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(path.read_bytes())
    read(path, tools_for(null_config))
    tools = tools_for(null_config)
    text = read(copy, tools)
    assert isinstance(text, ReadText)
    assert (text.document.uri, text.document.mime) == (str(copy), "application/pdf")
    assert asked(tools) == []


@pytest.mark.parametrize(
    "setting", ["cache.enabled=false", "read.max_megapixels=50", "read.max_pages=1999"], ids=lambda text: text
)
def test_other_settings_read_again(null_config: Config, samples: Path, setting: str) -> None:
    path = samples / "contracts" / "services_agreement_en.pdf"
    read(path, tools_for(null_config))
    tools = tools_for(load_config(None, (setting,)))
    read(path, tools)
    assert "_sniff_and_read" in asked(tools)


def test_a_failure_is_not_kept(null_config: Config, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A contract between Alpha Ltd and Beta Ltd.")
    failed = read(path, tools_for(null_config, crash_in="_sniff_and_read"))
    assert isinstance(failed, Failure)
    assert (failed.stage, failed.code, failed.retryable) == ("read", "crashed", True)
    assert isinstance(read(path, tools_for(null_config)), ReadText)


@pytest.mark.ocr
def test_recognised_pages_are_kept_one_by_one(null_config: Config, samples: Path) -> None:
    path = scan(samples)
    broken = tools_for(null_config, crash_in="page_to_text")
    failed = read(path, broken)
    assert isinstance(failed, Failure)
    assert failed.code == "ocr_failed"
    assert "signal 11" in failed.message
    first, second = tools_for(null_config), tools_for(null_config)
    text = read(path, first)
    assert isinstance(text, ReadText)
    assert all(page.ocr_done for page in text.pages)
    assert asked(first).count("page_to_text") == len(text.pages)
    assert "_sniff_and_read" not in asked(first)
    assert read(path, second) == text
    assert asked(second) == []


@pytest.mark.ocr
def test_pages_that_are_spread_come_back_in_their_order(null_config: Config, tmp_path: Path) -> None:
    path = tmp_path / "four.tiff"
    frames = [Image.new("L", (600, 800), 255) for _ in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:])

    def fake_ocr_from_the_end(_task: OcrTask, pages: Sequence[Page]) -> Iterator[Page]:
        for page in reversed(pages):
            line = Line(SENTENCES[page.number - 1], Box(50, 50, 300, 62))
            yield replace(page, lines=(line,), ocr_done=True)

    text = read(path, replace(warm(make_tools(null_config)), spread_ocr=fake_ocr_from_the_end))
    assert isinstance(text, ReadText)
    assert [page.number for page in text.pages] == [1, 2, 3, 4]
    assert [page.lines[0].text for page in text.pages] == SENTENCES


def scan(samples: Path) -> Path:
    scans = [file for file in (samples / "contracts").iterdir() if "scan" in file.name]
    return min(scans, key=lambda file: file.stat().st_size)


def test_a_file_that_no_reader_knows_is_unsupported(null_config: Config, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 40)
    failed = read(path, tools_for(null_config))
    assert isinstance(failed, Failure)
    assert failed.code == "unsupported"


def test_a_blank_text_is_not_said_to_be_recognised(null_config: Config, tmp_path: Path) -> None:
    path = tmp_path / "blanks.txt"
    path.write_text(" \n\t\n" * 50, "utf-8")
    failure = read(path, tools_for(null_config))
    assert isinstance(failure, Failure)
    assert failure.code == "no_text"
    assert "OCR" not in failure.message
    assert "1 pages" not in failure.message
