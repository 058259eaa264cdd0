"""identity: the name that a file is known by stays its name while that path leads to it, and no longer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from qwen_batch.output.layout import OUTPUT_NAMES
from qwen_batch.reading.discover import sources_to_documents
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.storage.identity import by_known_names
from qwen_batch.storage.parquet import write_parquet
from qwen_batch.storage.places import open_store
from qwen_batch.storage.sources import INDEX_SCHEMA, KnownSource, read_index, updated_index, write_index

Index = dict[str, KnownSource]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with a document, and a link to the folder."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.pdf").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "store")
    return tmp_path


def after_run(known: Index, inputs: Sequence[Path | str], limit: int | None = None) -> Index:
    """The index after a look at these inputs, as a run takes it."""
    listing = inputs_to_listing([str(item) for item in inputs], limit, names=OUTPUT_NAMES)
    sources = by_known_names(listing.sources, known)
    found = sources_to_documents(sources, known)
    named = [uri for source in sources for uri in (source.uri, *source.also)]
    whole = [] if limit else [str(item) for item in inputs]
    return updated_index(known, found.sources, named, whole, listing.leaves_out)


def states(index: Index, place: Path) -> dict[str, str]:
    return {str(Path(uri).relative_to(place)): source.state for uri, source in index.items()}


def test_the_same_folder_by_another_path_was_a_second_set_of_documents(store: Path) -> None:
    index = after_run({}, [store / "link"])
    assert states(index, store) == {"link/a.pdf": "present"}
    index = after_run(index, [store / "store"])
    assert states(index, store) == {"link/a.pdf": "present", "store/a.pdf": "alias"}
    assert {source.real_uri for source in index.values()} == {str(store / "store" / "a.pdf")}
    assert {source.doc_id for source in index.values()} == {index[str(store / "link" / "a.pdf")].doc_id}
    assert after_run(index, [store / "link"]).keys() == index.keys()
    assert states(after_run(index, [store / "store", store / "link"]), store) == states(index, store)


def test_a_change_is_seen_by_whatever_path(store: Path) -> None:
    index = after_run({}, [store / "link"])
    (store / "store" / "a.pdf").write_text("changed")
    changed = after_run(index, [store / "store"])
    assert changed[str(store / "link/a.pdf")].doc_id != index[str(store / "link/a.pdf")].doc_id
    assert states(changed, store) == {"link/a.pdf": "present", "store/a.pdf": "alias"}


@pytest.mark.parametrize("limit", [None, 1])
def test_a_name_that_no_longer_leads_to_its_file_is_a_former_one(store: Path, limit: int | None) -> None:
    """Though the run does not look where that name was."""
    index = after_run(after_run({}, [store / "link"]), [store / "store"])
    (store / "link").unlink()
    assert states(after_run(index, [store / "store"], limit), store) == {
        "link/a.pdf": "deleted",
        "store/a.pdf": "present",
    }


def test_a_former_name_that_comes_back_is_another_path_to_the_file(store: Path) -> None:
    index = after_run({}, [store / "link"])
    (store / "link").unlink()
    index = after_run(index, [store / "store"])
    (store / "link").symlink_to(store / "store")
    assert states(after_run(index, [store / "link"]), store) == {"link/a.pdf": "alias", "store/a.pdf": "present"}


def test_a_link_that_is_set_to_another_file_becomes_the_name_of_that(store: Path) -> None:
    index = after_run({}, [store / "link"])
    (store / "new").mkdir()
    (store / "new" / "a.pdf").write_text("new")
    (store / "link").unlink()
    (store / "link").symlink_to(store / "new")
    once = after_run(index, [store / "store"])
    assert states(once, store) == {"link/a.pdf": "present", "store/a.pdf": "present"}
    assert once[str(store / "link" / "a.pdf")].real_uri == str(store / "new" / "a.pdf")
    both = after_run(once, [store / "link"])
    assert both[str(store / "link/a.pdf")].doc_id != both[str(store / "store/a.pdf")].doc_id
    assert states(both, store) == {"link/a.pdf": "present", "store/a.pdf": "present"}


def test_a_file_that_is_gone_takes_its_other_paths_along(store: Path) -> None:
    index = after_run(after_run({}, [store / "link"]), [store / "store"])
    (store / "store" / "a.pdf").unlink()
    (store / "store" / "b.pdf").write_text("b")
    assert states(after_run(index, [store / "link", store / "store"]), store) == {
        "link/a.pdf": "deleted",
        "store/a.pdf": "deleted",
        "store/b.pdf": "present",
        "link/b.pdf": "alias",
    }


def test_a_file_that_is_known_but_not_looked_at_is_not_deleted(store: Path) -> None:
    index = after_run({}, [store / "link"])
    (store / "other.pdf").write_text("other")
    assert states(after_run(index, [store / "other.pdf"]), store)["link/a.pdf"] == "present"


def test_what_an_older_run_read_of_an_output_is_no_document_any_more(store: Path) -> None:
    index = after_run({}, [store])
    write_index(open_store(str(store / "store")), "_sources.parquet", {})
    (store / "b.pdf").write_text("b")
    assert states(after_run(index, [store]), store) == {
        "store/a.pdf": "deleted",
        "link/a.pdf": "deleted",
        "b.pdf": "present",
    }


def former_index(place: str, *uris: str) -> Index:
    """As the version before wrote and as it reads now: without real paths, each path a document."""
    rows = [
        {name: uri if name == "source_uri" else None for name in INDEX_SCHEMA.names if name != "real_uri"}
        | {"doc_id": "ab", "size_bytes": 1, "stamp": "", "modified_ns": 0, "hashed_at_ns": 0, "state": "present"}
        for uri in uris
    ]
    table = pa.Table.from_pylist(rows, INDEX_SCHEMA.remove(INDEX_SCHEMA.get_field_index("real_uri")))
    open_store(place).put("index.parquet", lambda file: write_parquet(table, file))
    return read_index(open_store(place), "index.parquet")


def test_an_index_of_the_version_before_is_read_right(store: Path) -> None:
    known = former_index(str(store), f"{store}/link/a.pdf", f"{store}/store/a.pdf")
    assert [source.real_uri for source in known.values()] == [f"{store}/store/a.pdf"] * 2
    for item in ("link", "store"):
        index = after_run(known, [store / item])
        assert states(index, store) == {"link/a.pdf": "alias", "store/a.pdf": "present"}


def test_objects_are_their_own_real_paths(s3_bucket: str) -> None:
    known = former_index(s3_bucket, f"{s3_bucket}/a.pdf")
    assert [source.real_uri for source in known.values()] == [f"{s3_bucket}/a.pdf"]
    for key in ("docs/a.pdf", "docs/b.pdf"):
        open_store(s3_bucket).put(key, lambda file: file.write(b"same"))
    index = after_run({}, [f"{s3_bucket}/docs", f"{s3_bucket}/docs/*.pdf"])
    assert {source.real_uri for source in index.values()} == set(index) == {f"{s3_bucket}/docs/{n}.pdf" for n in "ab"}
    assert {source.state for source in index.values()} == {"present"}
    write_index(open_store(s3_bucket), "index.parquet", index)
    assert read_index(open_store(s3_bucket), "index.parquet") == index
