"""originals: a document's bytes on this machine, and whether they are those that the run was begun with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.children import warm, warm_isolator
from helpers.documents import documents_at
from PIL import Image

from qwen_batch.config import Config, ReadSettings
from qwen_batch.outcomes import Failure
from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.reading.document_to_text import ReadText, document_to_text, make_tools
from qwen_batch.reading.isolate.isolator import Isolator
from qwen_batch.reading.originals import ChangedError, local_file
from qwen_batch.records import Box, Document, Line
from qwen_batch.storage.places import Store, open_store

pytestmark = pytest.mark.subprocess

TEXT = b"A contract between Alpha Ltd and Beta Ltd."


def put(store: Store, path: str, content: bytes) -> None:
    def write(file: object) -> None:
        file.write(content)

    store.put(path, write)


def documents_on(place: str) -> tuple[Document, ...]:
    return sources_to_documents(inputs_to_sources([place]), {}).documents


def read(document: Document, config: Config) -> ReadText | Failure:
    return document_to_text(document, warm(make_tools(config)))


def test_a_file_that_changed_during_the_run_is_a_failure_of_its_own(null_config: Config, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT)
    (document,) = documents_at(path)
    path.write_bytes(TEXT.replace(b"Alpha", b"Gamma"))
    failed = read(document, null_config)
    assert isinstance(failed, Failure)
    assert (failed.stage, failed.code, failed.retryable) == ("read", "changed", True)
    assert "the next run" in failed.message
    (document,) = documents_at(path)
    assert isinstance(read(document, null_config), ReadText)


def test_what_was_read_before_is_taken_from_the_cache_though_the_file_has_changed(
    null_config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT)
    (document,) = documents_at(path)
    text = read(document, null_config)
    path.write_bytes(b"other")
    assert read(document, null_config) == text


def test_an_object_on_s3_is_read_like_a_file(null_config: Config, s3_bucket: str) -> None:
    put(open_store(s3_bucket), "docs/a b.txt", TEXT)
    (document,) = documents_on(s3_bucket)
    text = read(document, null_config)
    assert isinstance(text, ReadText)
    assert text.document.uri == f"{s3_bucket}/docs/a b.txt"
    assert text.clean.text.encode() == TEXT


def test_an_object_that_changed_or_went_during_the_run_is_a_failure(null_config: Config, s3_bucket: str) -> None:
    store = open_store(s3_bucket)
    put(store, "a.txt", TEXT + b" It changed.")
    put(store, "b.txt", TEXT + b" It went.")
    changed, gone = documents_on(s3_bucket)
    put(store, "a.txt", TEXT)
    store.delete("b.txt")
    failures = [read(document, null_config) for document in (changed, gone)]
    assert [(failure.stage, failure.code, failure.retryable) for failure in failures] == [
        ("read", "changed", True),
        ("read", "unreadable", True),
    ]


def test_the_last_copies_are_kept_and_no_more(s3_bucket: str) -> None:
    store = open_store(s3_bucket)
    for name in ("a", "b", "c"):
        put(store, f"{name}.txt", name.encode())
    documents = documents_on(s3_bucket)
    paths = [local_file(document, ReadSettings(), warm_isolator()) for document in documents]
    assert [path.is_file() for path in paths] == [False, True, True]
    assert {path.suffix for path in paths} == {".txt"}
    store.delete("c.txt")
    assert local_file(documents[2], ReadSettings(), warm_isolator()).read_bytes() == b"c"
    with pytest.raises(ChangedError, match=r"b\.txt was changed"):
        local_file(replace(documents[1], id="0" * 64), ReadSettings(), warm_isolator())


@pytest.mark.ocr
def test_a_scan_that_changes_while_it_is_recognised_is_a_failure_and_nothing_of_it_is_kept(
    null_config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (600, 800), 255).save(path)
    (document,) = documents_at(path)
    original = path.read_bytes()

    class ChangingIsolator(Isolator):
        """Somebody writes the file while its page is recognised."""

        def call(self, function: Callable[..., Any], *args: Any, extra_s: float = 0) -> Any:
            if function.__name__ != "page_to_text":
                return super().call(function, *args, extra_s=extra_s)
            path.write_bytes(original + b"changed")
            _job, page, _languages = args
            return replace(page, lines=(Line("of another file", Box(50, 50, 300, 62)),), ocr_done=True)

    changing = replace(make_tools(null_config), isolator=ChangingIsolator(60, 4096))
    with changing.isolator:
        failed = document_to_text(document, changing)
    assert isinstance(failed, Failure)
    assert (failed.stage, failed.code, failed.retryable) == ("ocr", "changed", True)
    path.write_bytes(original)
    again = read(document, null_config)
    assert isinstance(again, Failure)
    assert again.code == "no_text"
