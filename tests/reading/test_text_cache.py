"""text_cache: what is kept comes back as it was, under a key that changes with whatever shapes a text."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.reading.parts.reader import ReadResult
from qwen_batch.reading.text_cache import GIB, Shelf, TextCache
from qwen_batch.reading.version import reading_version
from qwen_batch.records import Box, Document, Line, Page
from qwen_batch.storage.file_cache import FileCache

DOCUMENT = Document("0" * 64, "/in/letter.txt", "text/plain", 9)
PAGE = Page(1, 595.0, 842.0, (Line("The buyer pays. 买方付款。", Box(50, 50, 300, 62)),))
KEY = "a" * 64


def config(*settings: str) -> Config:
    return load_config(None, ("engine.kind=null", *settings))


def read_key(*settings: str, document: Document = DOCUMENT) -> str:
    return TextCache(config(*settings)).read_key(document)


def ocr_key(*settings: str, details: tuple[object, ...] = (1, ("eng",))) -> str:
    with_settings = config(*settings)
    return TextCache(with_settings).ocr_key(DOCUMENT, with_settings.ocr, *details)


def test_pages_languages_and_documents_come_back_as_they_were() -> None:
    cache = TextCache(config())
    result = ReadResult(DOCUMENT, (PAGE, Page(2, 1.0, 1.0, ())))
    cache.reads.put(KEY, result)
    cache.pages.put("b" * 64, PAGE)
    cache.languages.put("c" * 64, ("eng", "chi_sim"))
    again = TextCache(config())
    assert again.reads.get(KEY) == result
    assert again.pages.get("b" * 64) == PAGE
    assert again.languages.get("c" * 64) == ("eng", "chi_sim")
    assert again.reads.get("d" * 64) is None


def test_what_is_no_value_of_its_type_any_more_is_not_there(tmp_path: Path) -> None:
    files = FileCache(tmp_path, GIB)
    shelf: Shelf[Page] = Shelf(files, TypeAdapter(Page))
    files.put(KEY, b'{"number": "no page of ours"}')
    assert shelf.get(KEY) is None
    files.put(KEY, b"no json")
    assert shelf.get(KEY) is None


def test_text_that_is_no_unicode_is_not_kept_and_harms_nobody() -> None:
    cache = TextCache(config())
    cache.languages.put(KEY, ("half a pair: \ud800",))
    assert cache.languages.get(KEY) is None


def test_without_a_cache_nothing_is_kept_and_with_a_folder_there(tmp_path: Path, own_text_cache: Path) -> None:
    off = TextCache(config("cache.enabled=false"))
    off.pages.put(KEY, PAGE)
    assert off.pages.get(KEY) is None
    TextCache(config(f"cache.directory={tmp_path / 'mine'}")).pages.put(KEY, PAGE)
    assert list((tmp_path / "mine").rglob("*")) != []
    assert list(own_text_cache.rglob("*")) == []


def test_a_key_follows_the_content_and_the_suffix_and_not_the_name() -> None:
    named = [Document("0" * 64, uri, "", 9) for uri in ("/in/letter.txt", "/other/copy.TXT", "/in/letter.csv")]
    keys = [read_key(document=document) for document in named]
    assert keys[0] == keys[1] != keys[2]
    assert read_key(document=Document("1" * 64, "/in/letter.txt", "", 9)) != keys[0]
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


@pytest.mark.parametrize("setting", ["read.max_megapixels=50", "read.max_pages=1999"])
def test_settings_that_shape_a_text_change_its_key(setting: str) -> None:
    assert read_key(setting) != read_key()


@pytest.mark.parametrize("setting", ["read.timeout_s=9", "read.memory_mb=999", "engine.batch_size=2", "ocr.dpi=200"])
def test_limits_and_what_has_nothing_to_do_with_reading_change_no_key(setting: str) -> None:
    assert read_key(setting) == read_key()


def test_what_ocr_found_has_a_key_of_its_settings_page_and_languages() -> None:
    keys = {
        ocr_key(),
        ocr_key("ocr.dpi=200"),
        ocr_key("ocr.languages=[eng]"),
        ocr_key("read.max_megapixels=50"),
        ocr_key(details=(2, ("eng",))),
        ocr_key(details=(1, ("chi_sim",))),
        read_key(),
    }
    assert len(keys) == 7
    assert ocr_key("ocr.timeout_s=7") == ocr_key()


def test_the_version_of_the_code_is_part_of_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch("[0-9a-f]{16}", reading_version("tesseract"))
    before = read_key(), ocr_key()
    monkeypatch.setattr("qwen_batch.reading.text_cache.reading_version", lambda _engine: "another")
    after = read_key(), ocr_key()
    assert set(before).isdisjoint(after)


def test_a_document_that_antiword_read_was_not_read_anew_once_libreoffice_was_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = Document("0" * 64, "/in/letter.doc", "application/msword", 9)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "antiword" else None)
    plain, other = read_key(document=old), read_key()
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert read_key(document=old) != plain
    assert read_key() == other
