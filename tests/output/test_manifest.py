"""manifest: each JSON file of an output is written and read by one model, also one of another version."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from qwen_batch.errors import OutputError
from qwen_batch.output.manifest import (
    FormerFile,
    FormerManifest,
    KnownColumn,
    KnownTable,
    Move,
    Publication,
    RunFile,
    RunManifest,
    RunTable,
)

NOW = datetime(2026, 3, 1, 22, 0, 0, 5, tzinfo=UTC)
RUN = RunManifest(run_id="r1", started=NOW, finished=NOW, inputs=("./合同",), rows={"invoice": 2})


def test_a_file_has_what_was_set_and_no_more_indented_for_people() -> None:
    written = RUN.to_json().decode()
    assert json.loads(written) == {
        "run_id": "r1",
        "started": "2026-03-01T22:00:00.000005+00:00",
        "finished": "2026-03-01T22:00:00.000005+00:00",
        "inputs": ["./合同"],
        "rows": {"invoice": 2},
    }
    assert '\n  "inputs": [\n    "./合同"\n' in written


def test_each_model_reads_what_it_wrote() -> None:
    former = FormerManifest(
        run_id="r1",
        table="pages",
        staged_as="documents",
        format="parquet",
        files=(FormerFile(name="p", rows=2),),
        rows=2,
    )
    part = RunTable(
        staged_as="documents", format="parquet", schema_version=3, rows=2, files=(RunFile(path="p", rows=2),)
    )
    column = KnownColumn(name="days", arrow={"list": "date32[day]"}, duckdb="DATE[]")
    known = KnownTable(table="pages", staged_as="documents", format="parquet", schema_version=3, columns=(column,))
    run = RUN.model_copy(update={"tables": {"pages": part}})
    publication = Publication(moves=(Move("a", "b"),), shards=("s",), manifest=run, known=(known,), catalog="plain")
    for written in (run, former, known, publication):
        assert type(written).from_json(written.to_json(), "x") == written
    assert publication.run_id == "r1"


def test_keys_that_a_newer_version_wrote_are_kept_and_those_that_an_older_one_lacked_are_at_their_default() -> None:
    times = {"started": "2026-03-01T22:00:00+00:00", "finished": "2026-03-01T22:00:01Z"}
    content = {
        "run_id": "r1",
        **times,
        "weather": {"rain": True},
        "source": {"commit": "c", "dirty": False, "tag": "v9"},
    }
    read = RunManifest.from_json(json.dumps(content).encode(), "x")
    assert (read.left, read.job_files, read.rows, read.usage) == (0, {}, {}, None)
    assert (read.tables, read.published_at) == ({}, None)
    again = json.loads(read.to_json())
    assert again == {**content, "finished": "2026-03-01T22:00:01+00:00"}


def test_a_commit_of_the_version_before_catalogs_reads() -> None:
    content = {
        "moves": [["a/t", "t"]],
        "shards": ["s"],
        "manifest": {"run_id": "r1", "started": str(NOW), "finished": str(NOW)},
    }
    read = Publication.from_json(json.dumps(content).encode(), "x")
    assert (read.run_id, read.moves[0].target, read.catalog, read.known) == ("r1", "t", "plain", ())


@pytest.mark.parametrize(("content", "named"), [(b"{", "the file"), (b"[]", "the file"), (b'{"run_id": 1}', "run_id")])
def test_a_file_that_says_something_else_is_named_with_a_remedy(content: bytes, named: str) -> None:
    with pytest.raises(OutputError, match=f"out/_runs/r1.json: {named}: ") as caught:
        RunManifest.from_json(content, "out/_runs/r1.json")
    assert caught.value.remedy


def test_they_are_values() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        RUN.left = 3  # type: ignore[misc]
