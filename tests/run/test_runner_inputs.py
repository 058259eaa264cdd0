"""runner: the same documents are counted once, by whatever path they come and whatever lies beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from helpers.runs import SERIAL, extract_serially, no_session, run

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.format import FORMATS, read_table
from qwen_batch.output.keys import KEY_SCHEMA
from qwen_batch.output.layout import SOURCES, published_files
from qwen_batch.output.markdown import write_markdown
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_extract, prepare_run
from qwen_batch.run.progress import SilentReporter
from qwen_batch.run.recording import RunLog
from qwen_batch.run.request import Machinery, RunSummary
from qwen_batch.run.retry import Wanted, prepare_retry
from qwen_batch.run.runner import execute_run
from qwen_batch.run.stopping import Stop
from qwen_batch.storage.places import open_store
from qwen_batch.storage.sources import read_index

pytestmark = pytest.mark.subprocess

JOB = "contract_summary"


@pytest.fixture(params=["parquet", "jsonl"])
def config(request: pytest.FixtureRequest) -> Config:
    return load_config(None, ("engine.kind=null", f"sink.format={request.param}"))


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place with two documents in docs/."""
    place = request.getfixturevalue("s3_bucket") if request.param == "s3" else str(tmp_path)
    for name in ("a.txt", "b.txt"):
        text = f"Contract {name} between Alpha Ltd and Beta Ltd.".encode()
        open_store(place).put(f"docs/{name}", lambda file, text=text: file.write(text))
    return place


@pytest.fixture(params=["local", "s3"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An output of local documents: S3 has no links, and only names that are text."""
    return str(tmp_path / "out") if request.param == "local" else f"{request.getfixturevalue('s3_bucket')}/out"


def ask(folder: str, output: str, config: Config, jobs_dir: Path, told: list[str] | None = None) -> RunSummary:
    request = prepare_run([JOB, folder], config, jobs_dir, Place(output)).request
    said: list[str] = [] if told is None else told
    return execute_run(request, SERIAL, SilentReporter(), log=RunLog(output, "run", say=said.extend))


def read(folder: str, output: str, config: Config) -> RunSummary:
    """As `extract --markdown`."""
    request = prepare_extract([folder], config, Place(output))
    summary = execute_run(request, Machinery(no_session, extract_serially), SilentReporter())
    write_markdown(request.store)
    return summary


def rows(output: str, table: str = JOB) -> list[str]:
    """The sources of all published rows of a table."""
    store = open_store(output)
    files = [file for file in published_files(store) if file.table == table]
    tables = [read_table(store, file.path, FORMATS.load(file.format), KEY_SCHEMA) for file in files]
    return sorted(uri for table in tables for uri in table["source_uri"].to_pylist())


@pytest.mark.parametrize("text", ["/docs/text", "/docs"])
def test_a_run_over_a_folder_with_extracts_output_counted_everything_twice(
    place: str, config: Config, jobs_dir: Path, text: str
) -> None:
    assert read(f"{place}/docs", f"{place}{text}", config).documents == 2
    assert read(f"{place}/docs", f"{place}{text}", config).documents == 2
    told: list[str] = []
    summary = ask(f"{place}/docs", f"{place}/out", config, jobs_dir, told)
    assert (summary.documents, summary.failed) == (2, 0)
    assert rows(f"{place}/out") == [f"{place}/docs/a.txt", f"{place}/docs/b.txt"]
    (line,) = told
    assert line.startswith(f"{place}{text}: ")
    manifest = json.loads(open_store(f"{place}/out").read(f"_runs/{summary.run_id}.json"))
    assert manifest["messages"] == told


def test_a_run_into_the_folder_of_documents_itself_reads_documents_alone(
    place: str, config: Config, jobs_dir: Path
) -> None:
    for _ in range(2):
        told: list[str] = []
        assert ask(f"{place}/docs", f"{place}/docs", config, jobs_dir, told).documents == 2
        assert told == []
    assert rows(f"{place}/docs") == [f"{place}/docs/a.txt", f"{place}/docs/b.txt"]


def test_a_file_of_an_output_that_is_named_is_read(place: str, config: Config, jobs_dir: Path) -> None:
    read(f"{place}/docs", f"{place}/text", config)
    (file, _) = open_store(place).files("text/markdown")
    assert ask(f"{place}/{file.path}", f"{place}/out", config, jobs_dir).rows[JOB] == 1


def counted(asked: list[str]) -> Machinery[RunSpec]:
    def counting(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        asked.extend(Path(work.document.uri).name for work in works)
        yield from SERIAL.execute(works, spec, stop)

    return Machinery(no_session, counting)


def test_the_same_files_through_another_path_were_present_twice(
    tmp_path: Path, out: str, config: Config, jobs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text(f"Contract {name}.")
    (tmp_path / "link").symlink_to(tmp_path / "docs")
    (tmp_path / "docs" / "again.txt").symlink_to("a.txt")
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []
    for item in ("link", "./docs", str(tmp_path / "docs"), "docs/../docs", "link/a.txt"):
        request = prepare_run([JOB, item], config, jobs_dir, Place(out)).request
        assert run(request, counted(asked)).documents == (1 if item == "link/a.txt" else 2)
    assert asked == ["a.txt", "b.txt"]
    assert rows(out) == [str(tmp_path / "link" / name) for name in ("a.txt", "b.txt")]
    index = read_index(open_store(out), SOURCES)
    assert sorted(source.state for source in index.values()) == ["alias"] * 4 + ["present"] * 2

    (tmp_path / "link").unlink()
    assert run(prepare_run([JOB, "docs"], config, jobs_dir, Place(out)).request, counted(asked)).rows[JOB] == 2
    assert asked == ["a.txt", "b.txt"], "a renamed file gets its answer, and is not asked again"
    present = [uri for uri, source in read_index(open_store(out), SOURCES).items() if source.state == "present"]
    assert present == [str(tmp_path / "docs" / name) for name in ("a.txt", "b.txt")]


def test_names_that_are_no_text_of_one_line_ended_as_failures_that_nothing_could_be_joined_with(
    tmp_path: Path, out: str, config: Config, jobs_dir: Path
) -> None:
    folder = os.fsencode(tmp_path / "docs")
    (tmp_path / "docs").mkdir()
    for name, text in ((b"caf\xe9.txt", "Contract of the caf\u00e9."), (b"two\nlines.txt", "Contract."), (b"\xff", "")):
        Path(os.fsdecode(folder + b"/" + name)).write_text(text, "utf-8")
    summary = ask(str(tmp_path / "docs"), out, config, jobs_dir)
    assert (summary.rows, summary.failure_codes) == ({JOB: 2, "failures": 1}, {"empty_file": 1})
    uris = [f"file://{tmp_path}/docs/{name}" for name in ("%FF", "caf%E9.txt", "two%0Alines.txt")]
    assert rows(out) == uris[1:]
    assert rows(out, "failures") == uris[:1]
    assert list(read_index(open_store(out), SOURCES)) == uris

    again = ask(str(tmp_path / "docs"), out, config, jobs_dir)
    assert (again.done_before, again.failed_before, again.documents) == (2, 1, 3)
    Path(os.fsdecode(folder + b"/\xff")).write_text("Now a contract.")
    retried = prepare_retry(Wanted(), Place(out), None, ())
    assert retried.run is not None
    assert run(retried.run).rows == {JOB: 1, "failures": 0}
    assert rows(out) == uris

    Path(os.fsdecode(folder + b"/\xff")).unlink()
    ask(str(tmp_path / "docs"), out, config, jobs_dir)
    assert read_index(open_store(out), SOURCES)[uris[0]].state == "deleted"


def test_a_folder_named_by_bytes_that_are_no_text_can_be_given_and_recorded(
    tmp_path: Path, config: Config, jobs_dir: Path
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "100% sure.txt").write_text("Contract.")
    out = str(tmp_path / "out")
    summary = ask(str(folder), out, config, jobs_dir)
    assert rows(out) == [f"file://{tmp_path}/caf%E9/100%25 sure.txt"]
    manifest = json.loads(open_store(out).read(f"_runs/{summary.run_id}.json"))
    assert manifest["inputs"] == [f"file://{tmp_path}/caf%E9"]
