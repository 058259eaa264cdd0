"""discover: every file that was named becomes one document or one failure, hidden ones and the output do not."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from qwen_batch.errors import EXIT_USAGE, UsageError
from qwen_batch.reading.discover import UNKNOWN_MIME, Discovered, inputs_to_sources, sources_to_documents
from qwen_batch.reading.listing import check_input
from qwen_batch.records import Document
from qwen_batch.storage.places import open_store


def inputs_to_documents(inputs: list[str], limit: int | None = None, skip: Path | None = None) -> Discovered:
    """Listed and hashed, as a first run does."""
    found = sources_to_documents(inputs_to_sources(inputs, limit, str(skip) if skip else None), {})
    return Discovered(found.documents, found.failures)


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")


def names(found: Discovered, folder: Path) -> list[str]:
    return [os.path.relpath(document.uri, folder) for document in found.documents]


def test_a_document_is_its_bytes_its_path_and_its_size(tmp_path: Path) -> None:
    content = b"\x00contract" * 300_000  # more than one block is read
    (tmp_path / "a.pdf").write_bytes(content)
    found = inputs_to_documents([str(tmp_path / "a.pdf")])
    assert found == Discovered(
        (Document(hashlib.sha256(content).hexdigest(), str(tmp_path / "a.pdf"), UNKNOWN_MIME, len(content)),), ()
    )


def test_an_empty_file_is_a_document_too(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    (document,) = inputs_to_documents([str(tmp_path)]).documents
    assert (document.size, document.id) == (0, hashlib.sha256().hexdigest())


def test_a_folder_is_walked_to_the_bottom_in_order(tmp_path: Path) -> None:
    put(tmp_path, "b.pdf", "a/z.txt", "a/b/c/deep.docx", "c d/合同.pdf")
    assert names(inputs_to_documents([str(tmp_path)]), tmp_path) == [
        "a/b/c/deep.docx",
        "a/z.txt",
        "b.pdf",
        "c d/合同.pdf",
    ]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", ".DS_Store", ".git/config", "sub/.hidden/b.pdf", "sub/.c.pdf", "sub/d.pdf")
    assert names(inputs_to_documents([str(tmp_path)]), tmp_path) == ["a.pdf", "sub/d.pdf"]


def test_a_hidden_file_that_is_named_is_taken(tmp_path: Path) -> None:
    put(tmp_path, ".a.pdf")
    assert names(inputs_to_documents([str(tmp_path / ".a.pdf")]), tmp_path) == [".a.pdf"]


def test_a_folder_below_a_hidden_one_is_walked(tmp_path: Path) -> None:
    put(tmp_path, ".cache/docs/a.pdf")
    assert names(inputs_to_documents([str(tmp_path / ".cache" / "docs")]), tmp_path) == [".cache/docs/a.pdf"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.pdf", ["a.pdf", "b.pdf"]),
        ("**/*.pdf", ["a.pdf", "b.pdf", "sub/c.pdf"]),
        ("[b-z].*", ["b.pdf"]),
        ("su?", ["sub/c.pdf", "sub/d.txt"]),
    ],
)
def test_patterns_name_files_and_folders(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    put(tmp_path, "a.pdf", "b.pdf", "sub/c.pdf", "sub/d.txt", ".hidden.pdf")
    assert names(inputs_to_documents([str(tmp_path / pattern)]), tmp_path) == expected


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    put(tmp_path, "report[1].pdf", "report1.pdf")
    assert names(inputs_to_documents([str(tmp_path / "report[1].pdf")]), tmp_path) == ["report[1].pdf"]


def test_a_file_named_by_several_inputs_is_one_document(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "b.pdf")
    found = inputs_to_documents([str(tmp_path / "b.pdf"), str(tmp_path), str(tmp_path / "*.pdf")])
    assert sorted(names(found, tmp_path)) == ["a.pdf", "b.pdf"]


def test_equal_files_are_two_documents_with_one_id(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(b"same")
    first, second = inputs_to_documents([str(tmp_path)]).documents
    assert first.id == second.id
    assert first.uri != second.uri


def test_relative_inputs_get_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "docs/a.pdf")
    monkeypatch.chdir(tmp_path)
    assert [document.uri for document in inputs_to_documents(["docs"]).documents] == [str(tmp_path / "docs/a.pdf")]


def test_a_link_to_a_file_keeps_the_name_that_the_user_knows(tmp_path: Path) -> None:
    put(tmp_path, "store/1234.bin")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "lease.pdf").symlink_to(tmp_path / "store" / "1234.bin")
    (document,) = inputs_to_documents([str(tmp_path / "docs")]).documents
    assert document.uri == str(tmp_path / "docs" / "lease.pdf")
    assert document.id == hashlib.sha256(b"store/1234.bin").hexdigest()


def test_an_input_that_is_a_link_to_a_folder_is_walked(tmp_path: Path) -> None:
    put(tmp_path, "store/a.pdf")
    (tmp_path / "docs").symlink_to(tmp_path / "store")
    assert names(inputs_to_documents([str(tmp_path / "docs")]), tmp_path) == ["docs/a.pdf"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    put(tmp_path, "a/a.pdf")
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a")
    assert names(inputs_to_documents([str(tmp_path)]), tmp_path) == ["a/a.pdf"]


def test_a_broken_link_in_a_folder_is_a_failure_beside_the_others(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf")
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nowhere.pdf")
    found = inputs_to_documents([str(tmp_path)])
    assert names(found, tmp_path) == ["a.pdf"]
    (failure,) = found.failures
    assert (failure.stage, failure.code, failure.retryable) == ("discover", "unreadable", True)
    assert failure.document.uri == str(tmp_path / "gone.pdf")
    assert "No such file" in failure.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_failure_beside_the_others(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "secret.pdf")
    (tmp_path / "secret.pdf").chmod(0)
    found = inputs_to_documents([str(tmp_path)])
    assert names(found, tmp_path) == ["a.pdf"]
    assert [(failure.code, failure.document.uri) for failure in found.failures] == [
        ("unreadable", str(tmp_path / "secret.pdf"))
    ]
    assert "Permission denied" in found.failures[0].message


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (2, 2), (9, 3), (None, 3)])
def test_the_limit_is_a_number_of_files(tmp_path: Path, limit: int | None, expected: int) -> None:
    put(tmp_path, "a.pdf", "b.pdf", "c.pdf")
    found = inputs_to_documents([str(tmp_path)], limit=limit)
    assert names(found, tmp_path) == ["a.pdf", "b.pdf", "c.pdf"][:expected]


def test_an_unreadable_file_counts_for_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").symlink_to(tmp_path / "nowhere")
    put(tmp_path, "b.pdf", "c.pdf")
    found = inputs_to_documents([str(tmp_path)], limit=2)
    assert (len(found.documents), len(found.failures)) == (1, 1)


def test_the_output_folder_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.pdf", "out/part-0.parquet", "out/sub/b.pdf", "outer/c.pdf")
    expected = ["a.pdf", "outer/c.pdf"]
    assert names(inputs_to_documents([str(tmp_path)], skip=tmp_path / "out"), tmp_path) == expected
    monkeypatch.chdir(tmp_path)
    assert names(inputs_to_documents([str(tmp_path)], skip=Path("out")), tmp_path) == expected


def test_an_output_folder_that_is_not_there_yet_skips_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf")
    assert names(inputs_to_documents([str(tmp_path)], skip=tmp_path / "out"), tmp_path) == ["a.pdf"]


def test_an_input_that_is_not_there_is_named(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf")
    with pytest.raises(UsageError, match=r"contract: no such file or folder") as caught:
        inputs_to_documents([str(tmp_path), str(tmp_path / "contract")])
    assert caught.value.exit_code == EXIT_USAGE


def test_a_pattern_that_matches_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\*\.pdf: the pattern matches nothing") as caught:
        inputs_to_documents([str(tmp_path / "*.pdf")])
    assert "quote a pattern" in caught.value.remedy


@pytest.mark.parametrize("name", [".hidden", "out/result.parquet"])
def test_a_folder_with_nothing_to_read_is_wrong_usage(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    with pytest.raises(UsageError, match="no files in") as caught:
        inputs_to_documents([str(tmp_path)], skip=tmp_path / "out")
    assert str(tmp_path) in caught.value.message


@pytest.fixture
def bucket(s3_bucket: str) -> str:
    """A bucket with documents, a folder marker, and hidden objects."""
    store = open_store(s3_bucket)
    for key in ("a.pdf", "docs/b.pdf", "docs/sub/c.txt", "docs/.hidden/d.pdf", "docs/.e.pdf", "gone/f.pdf", "out/p"):
        store.put(key, lambda file, key=key: file.write(key.encode()))
    store.delete("gone/f.pdf")
    return s3_bucket


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", ["a.pdf", "docs/b.pdf", "docs/sub/c.txt"]),
        ("/docs", ["docs/b.pdf", "docs/sub/c.txt"]),
        ("/docs/", ["docs/b.pdf", "docs/sub/c.txt"]),
        ("/a.pdf", ["a.pdf"]),
        ("/docs/.e.pdf", ["docs/.e.pdf"]),
        ("/docs/*", ["docs/b.pdf", "docs/sub/c.txt"]),
        ("/*.pdf", ["a.pdf"]),
        ("/**/*.pdf", ["a.pdf", "docs/b.pdf"]),
        ("/docs/.hidden/*.pdf", ["docs/.hidden/d.pdf"]),
    ],
)
def test_objects_on_s3_are_named_like_files(bucket: str, key: str, expected: list[str]) -> None:
    sources = inputs_to_sources([f"{bucket}{key}"], skip=f"{bucket}/out")
    assert [source.uri.removeprefix(f"{bucket}/") for source in sources] == expected
    documents = sources_to_documents(sources, {}).documents
    assert [document.id for document in documents] == [hashlib.sha256(name.encode()).hexdigest() for name in expected]
    assert [document.size for document in documents] == [len(name) for name in expected]


@pytest.mark.parametrize(
    ("key", "reason"), [("/nowhere", "no such object"), ("/x*", "the pattern"), ("/gone", "no such")]
)
def test_an_s3_input_that_names_nothing_is_wrong_usage(bucket: str, key: str, reason: str) -> None:
    for check in (lambda: inputs_to_sources([f"{bucket}{key}"]), lambda: check_input(f"{bucket}{key}")):
        with pytest.raises(UsageError, match=reason):
            check()


def test_an_object_that_vanishes_before_it_is_hashed_is_a_failure_beside_the_others(bucket: str) -> None:
    sources = inputs_to_sources([f"{bucket}/docs"])
    open_store(bucket).delete("docs/b.pdf")
    found = sources_to_documents(sources, {})
    assert [document.uri for document in found.documents] == [f"{bucket}/docs/sub/c.txt"]
    assert [(failure.code, failure.document.uri) for failure in found.failures] == [
        ("unreadable", f"{bucket}/docs/b.pdf")
    ]
