"""publications: a run that publishes while it goes on shows each row once, whenever it is killed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.runs import no_session, request_for, run, serially, sources
from helpers.stores import Crash, CrashingStore

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.layout import open_output, run_manifests
from qwen_batch.output.log.nights import newest_nights, whole_runs
from qwen_batch.output.status import output_status
from qwen_batch.output.tables.rows import read_published
from qwen_batch.output.views.reading import latest_rows
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.request import Machinery
from qwen_batch.run.stopping import Stop
from qwen_batch.storage.lock.objects import LOCK

pytestmark = pytest.mark.subprocess

NAMES = [f"{number}.txt" for number in range(4)]
AT_ONCE = "sink.publish_every_minutes=0.000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"Contract {name} between Alpha Ltd and Beta Ltd.")
    (folder / "empty.txt").write_text("")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> str:
    return str(tmp_path / "out")


@pytest.fixture
def output_on_s3(s3_bucket: str) -> str:
    return f"{s3_bucket}/out"


@pytest.fixture
def often() -> Config:
    """Each document is published as soon as it is done."""
    return load_config(None, ("engine.kind=null", AT_ONCE))


def test_rows_are_there_while_the_run_goes_on_and_the_run_is_told_as_one(
    folder: Path, tmp_path: Path, often: Config, jobs_dir: Path
) -> None:
    output = tmp_path / "out"
    seen: list[int] = []

    def looking(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        for outcome in serially(works, spec, stop):
            yield outcome
            seen.append(len(latest_rows(output, "contract_summary")) if list(output.glob("contract_summary/*")) else 0)

    summary = run(request_for(folder, output, often, jobs_dir), Machinery(no_session, looking))
    assert seen == sorted(seen)
    assert {1, 2, 3} <= set(seen)
    assert (summary.rows, summary.failure_codes) == ({"contract_summary": 4, "failures": 1}, {"empty_file": 1})
    assert sources(output, "contract_summary") == NAMES

    store = open_output(str(output))
    manifests = run_manifests(store)
    assert {one.part_of for one in manifests} == {None, summary.run_id}
    assert [one.counts["records"] for one in manifests if one.counts] == [4]
    (whole,) = whole_runs(manifests)
    assert (whole.run_id, whole.rows) == (summary.run_id, {"contract_summary": 4, "failures": 1})
    (night,) = newest_nights(store, None, manifests)
    assert (night.run_id, night.rows, night.failures) == (summary.run_id, {"contract_summary": 4}, {"empty_file": 1})
    assert [one.run_id for one in output_status(str(output)).runs] == [summary.run_id]


def test_without_the_setting_a_run_publishes_once(
    folder: Path, tmp_path: Path, null_config: Config, jobs_dir: Path
) -> None:
    summary = run(request_for(folder, tmp_path / "out", null_config, jobs_dir))
    (path,) = (tmp_path / "out" / "_runs").iterdir()
    assert path.stem == summary.run_id
    assert "part_of" not in json.loads(path.read_text())


def test_a_run_killed_between_two_publications_is_told_with_what_it_published(
    folder: Path, tmp_path: Path, often: Config, jobs_dir: Path
) -> None:
    def killed_after_three(works: Sequence[Work], spec: RunSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        for number, outcome in enumerate(serially(works, spec, stop)):
            if number == 3:
                raise Crash
            yield outcome

    request = request_for(folder, tmp_path / "out", often, jobs_dir)
    with pytest.raises(Crash):
        run(request, Machinery(no_session, killed_after_three))
    (first,) = whole_runs(run_manifests(request.store))
    assert sum(first.rows.values()) == 3
    asked = run(request)
    assert sum(asked.rows.values()) == 2
    assert sources(tmp_path / "out", "contract_summary") == NAMES
    assert len(read_published(request.store, "failures")) == 1


@pytest.mark.parametrize("steps", [("output", 23), ("output_on_s3", 71)])
def test_killed_at_a_change_of_the_output_no_row_is_lost_and_none_stands_twice(
    folder: Path, often: Config, jobs_dir: Path, steps: tuple[str, int], request: pytest.FixtureRequest
) -> None:
    """At every so many of its changes, for a try takes seconds."""
    place, step = steps
    where = request.getfixturevalue(place)
    changes, ended = 0, False
    while not ended:
        asked = request_for(folder, f"{where}-{changes}", often, jobs_dir)
        try:
            run(replace(asked, store=CrashingStore(asked.store, changes)))
            ended = True
        except Crash:
            asked.store.delete(LOCK)  # of a process that lives, in truth
            run(asked)
        rows = read_published(asked.store, "contract_summary")
        assert sorted(uri.rpartition("/")[2] for uri in rows["source_uri"].to_pylist()) == NAMES, changes
        assert len(read_published(asked.store, "failures")) == 1, changes
        changes += step
    assert changes > 50
