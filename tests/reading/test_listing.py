"""listing: what was made of documents is no document, and a file is one file however many paths lead to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from qwen_batch.errors import UsageError
from qwen_batch.output.layout import OUTPUT_NAMES
from qwen_batch.reading.discover import sources_to_documents
from qwen_batch.reading.listing import Listing, printable_input
from qwen_batch.reading.listing import inputs_to_listing as list_inputs
from qwen_batch.storage.places import open_store

RUN = "20260301T220000Z-ab12cd"
OUTPUT_FILES = (
    "_sources.parquet",
    f"_runs/{RUN}.json",
    f"_log/{RUN}.json",
    "_tables/contract_summary.json",
    "_views/contract_summary.sql",
    f".staging/contract_summary/abc/{RUN}-000001.parquet",
    f"contract_summary/run={RUN}/part-00000.parquet",
    f"contract_summary/run={RUN}/_manifest.json",
    "contract_summary/_latest.sql",
    "contract_summary/_latest.json",
    "contract_summary/latest.sql",
    f"documents/part-{RUN}-00000.jsonl",
    f"documents/_manifest-{RUN}.json",
    "markdown/lease.pdf.0123abcd.md",
)
"""What outputs of this version and of the one before hold."""

Put = Callable[..., None]
inputs_to_listing = partial(list_inputs, names=OUTPUT_NAMES)


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return request.getfixturevalue("s3_bucket") if request.param == "s3" else str(tmp_path)


@pytest.fixture
def put(place: str) -> Put:
    def put_files(*names: str) -> None:
        for name in names:
            open_store(place).put(name, lambda file, name=name: file.write(name.encode()))

    return put_files


def names(listing: Listing, place: str) -> list[str]:
    return [source.uri.removeprefix(f"{place}/") for source in listing.sources]


def output_in(folder: str) -> list[str]:
    return [f"{folder}{name}" for name in OUTPUT_FILES]


@pytest.mark.parametrize("item", ["", "/docs", "/docs/*", "/docs/**", "/**/*", "/d*"])
def test_an_output_in_the_folder_of_documents_was_read_as_documents(place: str, put: Put, item: str) -> None:
    put("docs/a.pdf", "docs/sub/b.pdf", *output_in("docs/sub/text/"), "docs/sub/text/by_hand.txt")
    listing = inputs_to_listing([f"{place}{item}"])
    assert names(listing, place) == ["docs/a.pdf", "docs/sub/b.pdf"]
    assert listing.messages == (
        f"{place}/docs/sub/text: an output of qwen-batch, not read; name a file in it to read it",
    )


@pytest.mark.parametrize("mark", OUTPUT_FILES[:3] + OUTPUT_FILES[5:6])
def test_each_of_its_marks_tells_an_output(place: str, put: Put, mark: str) -> None:
    put("a.pdf", f"out/{mark}", "out/markdown/a.pdf.0123abcd.md")
    listing = inputs_to_listing([place])
    assert names(listing, place) == ["a.pdf"]
    assert len(listing.messages) == 1


@pytest.mark.parametrize("name", ["_runs/notes.json", "_log/today.txt", "_log/x.json", ".staging/x", "sources.parquet"])
def test_a_folder_that_only_looks_alike_is_read(place: str, put: Put, name: str) -> None:
    put("docs/a.pdf", f"docs/{name}")
    assert "docs/a.pdf" in names(inputs_to_listing([place]), place)


@pytest.mark.parametrize("item", ["/docs", "/docs/*", "/docs/**/*"])
@pytest.mark.parametrize("own", [True, False])
def test_an_output_put_into_the_folder_of_documents_itself_hides_no_document(
    place: str, put: Put, item: str, own: bool
) -> None:
    put("docs/a.pdf", "docs/documents/b.pdf", "docs/markdown/notes.md", "docs/run=1/c.txt", *output_in("docs/"))
    listing = inputs_to_listing([f"{place}{item}"], skip=f"{place}/docs" if own else None)
    expected = ["docs/a.pdf", "docs/documents/b.pdf", "docs/markdown/notes.md", "docs/run=1/c.txt"]
    assert sorted(names(listing, place)) == expected
    assert len(listing.messages) == (0 if own else 1), "the user knows of the output of this very run"


@pytest.mark.parametrize("item", ["/out/markdown/lease.pdf.0123abcd.md", "/out/markdown", "/out/markdown/*.md"])
@pytest.mark.parametrize("own", [True, False])
def test_what_is_named_in_an_output_is_read(place: str, put: Put, item: str, own: bool) -> None:
    put(*output_in("out/"))
    listing = inputs_to_listing([f"{place}{item}"], skip=f"{place}/out" if own else None)
    assert names(listing, place) == ["out/markdown/lease.pdf.0123abcd.md"]
    assert listing.messages == ()


def test_a_folder_with_nothing_but_an_output_is_said_to_be_that(place: str, put: Put) -> None:
    put(*output_in("docs/out/"))
    with pytest.raises(UsageError, match=r"no files in .*docs; .*docs/out: an output of qwen-batch, not read"):
        inputs_to_listing([f"{place}/docs"])


def test_the_own_output_is_left_out_before_anything_is_in_it_and_without_a_word(place: str, put: Put) -> None:
    put("a.pdf", "out/notes.txt", "outer/b.pdf")
    listing = inputs_to_listing([place], skip=f"{place}/out/")
    assert names(listing, place) == ["a.pdf", "outer/b.pdf"]
    assert listing.messages == ()


def test_a_run_into_the_folder_above_reads_the_folder_below(place: str, put: Put) -> None:
    put("docs/a.pdf", *output_in(""))
    assert names(inputs_to_listing([f"{place}/docs"], skip=place), place) == ["docs/a.pdf"]


def test_it_is_told_which_files_of_an_earlier_listing_are_left_out_now(place: str, put: Put) -> None:
    put("docs/a.pdf", *output_in("docs/out/"))
    listing = inputs_to_listing([place])
    assert listing.leaves_out(f"{place}/docs/out/markdown/lease.pdf.0123abcd.md")
    assert not listing.leaves_out(f"{place}/docs/a.pdf")
    assert not listing.leaves_out(f"{place}/docs/outer.pdf")


def test_relative_names_are_said_as_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    for name in ("docs/a.pdf", *output_in("docs/out/")):
        store.put(name, lambda file: file.write(b"x"))
    monkeypatch.chdir(tmp_path)
    for item in ("docs", "./docs/", "do*", "."):
        listing = inputs_to_listing([item])
        assert listing.messages == ("docs/out: an output of qwen-batch, not read; name a file in it to read it",)
        assert [source.uri for source in listing.sources] == [str(tmp_path / "docs" / "a.pdf")]


def tree(tmp_path: Path) -> Path:
    """A store with two files, and a folder with links to the store, to one file of it, and a file."""
    for name in ("store/a.pdf", "store/b.pdf", "docs/c.pdf"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "docs" / "all").symlink_to(tmp_path / "store")
    (tmp_path / "docs" / "one.pdf").symlink_to(tmp_path / "store" / "a.pdf")
    return tmp_path


def ways(listing: Listing, place: Path) -> dict[str, list[str]]:
    return {
        os.path.relpath(source.uri, place): [os.path.relpath(uri, place) for uri in source.also]
        for source in listing.sources
    }


def test_a_file_was_counted_once_for_each_link_that_leads_to_it(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    assert ways(inputs_to_listing([str(folder / "docs")]), folder) == {
        "docs/all/a.pdf": ["docs/one.pdf"],
        "docs/all/b.pdf": [],
        "docs/c.pdf": [],
    }
    assert ways(inputs_to_listing([str(folder / "docs"), str(folder / "store")]), folder) == {
        "store/a.pdf": ["docs/all/a.pdf", "docs/one.pdf"],
        "store/b.pdf": ["docs/all/b.pdf"],
        "docs/c.pdf": [],
    }


def test_a_link_beside_its_folder_hides_no_name_whichever_is_found_first(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    for link in ("0", "z"):
        (folder / link).symlink_to(folder / "store")
    found = ways(inputs_to_listing([str(folder)]), folder)
    assert found["store/b.pdf"] == ["0/b.pdf", "docs/all/b.pdf", "z/b.pdf"]
    assert sorted(found) == ["docs/c.pdf", "store/a.pdf", "store/b.pdf"]


def test_links_that_lead_round_end(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    (folder / "store" / "up").symlink_to(folder)
    (folder / "store" / "docs").symlink_to(folder / "docs")
    (folder / "docs" / "round").symlink_to(folder / "docs")
    assert len(inputs_to_listing([str(folder)]).sources) == 3
    assert len(inputs_to_listing([str(folder / "docs")]).sources) == 3


def test_two_copies_and_two_hard_links_are_two_files_each(tmp_path: Path) -> None:
    for name in ("a.pdf", "copy.pdf"):
        (tmp_path / name).write_text("same")
    (tmp_path / "hard.pdf").hardlink_to(tmp_path / "a.pdf")
    assert ways(inputs_to_listing([str(tmp_path)]), tmp_path) == {"a.pdf": [], "copy.pdf": [], "hard.pdf": []}


def test_the_limit_counts_files_and_not_paths(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    assert len(inputs_to_listing([str(folder / "docs")], limit=2).sources) == 2


def test_two_broken_links_to_one_place_are_two_failures(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    assert len(sources_to_documents(inputs_to_listing([str(tmp_path)]).sources, {}).failures) == 2


ODD = {b"caf\xe9.txt": "caf%E9.txt", b"two\nlines.txt": "two%0Alines.txt"}


def test_a_file_whose_name_is_no_text_of_one_line_was_a_failure(tmp_path: Path) -> None:
    for name in ODD:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(name)
    listing = inputs_to_listing([str(tmp_path)])
    assert [source.uri for source in listing.sources] == [f"file://{tmp_path}/{name}" for name in sorted(ODD.values())]
    found = sources_to_documents(listing.sources, {})
    assert (len(found.documents), found.failures) == (2, ())
    for source in listing.sources:
        assert inputs_to_listing([source.uri]).sources == (source,), "retry names a file by its URI"


def test_inputs_of_any_name_can_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = os.fsdecode(b"caf\xe9*.txt")
    assert printable_input(odd) == f"file://{tmp_path}/caf%E9*.txt"
    assert printable_input("docs/*.pdf") == "docs/*.pdf"
    assert printable_input("s3://b/two\nlines") == "s3://b/two\nlines"
    (tmp_path / os.fsdecode(b"caf\xe91.txt")).touch()
    assert len(inputs_to_listing([printable_input(odd)]).sources) == 1
