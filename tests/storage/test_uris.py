"""uris: what a file is called is printable, unique and leads back to it, whatever bytes its name has."""

from __future__ import annotations

import json
import os

import pyarrow as pa
import pytest

from qwen_batch.storage.uris import document_name, path_to_uri, uri_to_path

ODD_PATHS = [
    (b"/docs/caf\xe9.pdf", "file:///docs/caf%E9.pdf", "caf%E9.pdf"),
    (b"/docs/two\nlines.pdf", "file:///docs/two%0Alines.pdf", "two%0Alines.pdf"),
    (b"/docs/\x1b[31m.pdf", "file:///docs/%1B[31m.pdf", "%1B[31m.pdf"),
    ("/合同/a\u2028b.pdf".encode(), "file:///合同/a%E2%80%A8b.pdf", "a%E2%80%A8b.pdf"),
    (b"/\xff/100% sure.pdf", "file:///%FF/100%25 sure.pdf", "100% sure.pdf"),
]
PLAIN_PATHS = [
    "/docs/a.pdf",
    "/合同/甲\u3000乙.pdf",
    "/docs/caf\u00e9 \U0001f4c4.pdf",
    "/docs/100%25.pdf",
    "/a\\nb.pdf",
]


@pytest.mark.parametrize(("path", "uri", "name"), ODD_PATHS)
def test_a_name_that_is_no_text_of_one_line_is_a_uri_that_leads_back(path: bytes, uri: str, name: str) -> None:
    assert path_to_uri(os.fsdecode(path)) == uri
    assert os.fsencode(uri_to_path(uri)) == path
    assert document_name(uri) == name


@pytest.mark.parametrize("path", PLAIN_PATHS)
def test_any_other_path_is_its_own_name(path: str) -> None:
    assert path_to_uri(path) == path == uri_to_path(path)
    assert document_name(path) == path.rpartition("/")[2]


def test_names_can_be_written_to_arrow_and_json() -> None:
    for path in (*(os.fsdecode(path) for path, _, _ in ODD_PATHS), *PLAIN_PATHS):
        for text in (path_to_uri(path), document_name(path_to_uri(path)), document_name(path)):
            assert pa.array([text], pa.string()).to_pylist() == [text]
            assert json.loads(json.dumps(text).encode()) == text
            assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://bucket/docs/a.pdf", "a.pdf"),
        ("s3://bucket/docs/two\nlines.pdf", "two%0Alines.pdf"),
        ("/docs/archive.zip!/a/b.pdf", "b.pdf"),
        ("/docs/archive.zip!/b.pdf", "b.pdf"),
        ("/docs/folder/", "folder"),
    ],
)
def test_a_document_is_called_by_its_own_name(uri: str, name: str) -> None:
    assert document_name(uri) == name


def test_two_files_never_share_a_name() -> None:
    paths = [b"/d/caf\xe9", "/d/caf\u00e9".encode(), b"/d/caf%E9", b"/d/\xffcaf%E9", b"/d/\xffcaf\xe9"]
    assert len({path_to_uri(os.fsdecode(path)) for path in paths}) == len(paths)
