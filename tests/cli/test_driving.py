"""driving: what `run`, `extract` and `retry` have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from helpers.nights import on_ray
from helpers.runs import extract_serially, serially

from qwen_batch.cli.driving import Driving, again_options, drive, exit_code, run_options, summary_text
from qwen_batch.cli.run import run as run_command
from qwen_batch.config import Config
from qwen_batch.errors import EXIT_DEADLINE, EXIT_OK, EXIT_SOME_FAILED, ConfigError
from qwen_batch.failure_codes import FAILURE_CODES
from qwen_batch.output.format import FORMATS
from qwen_batch.run.prepare import Place, prepare_extract, prepare_run
from qwen_batch.run.progress import Counts
from qwen_batch.run.recording import RunLog
from qwen_batch.run.request import RunSummary


def driving(output: str = "out", **options: Any) -> Driving:
    plain: dict[str, Any] = {"progress": False, "until": None, "time_limit": None, "grace": "30s"}
    return Driving(output, **{**plain, "break_lock": False, "config_path": None, "overrides": (), **options})


def summary(**values: Any) -> RunSummary:
    plain: dict[str, Any] = {"documents": 3, "done_before": 0, "failed_before": 0, "rows": {"notes": 2}}
    return RunSummary("r1", **{**plain, "failure_codes": {}, "counts": Counts(3), "seconds": 5.0, **values})


def called_with(decorate: Callable[[Any], Any], *arguments: str) -> tuple[Result, list[Driving]]:
    seen: list[Driving] = []

    @click.command()
    @click.argument("what", nargs=-1)
    @decorate
    def command(what: tuple[str, ...], driving: Driving) -> None:
        """Says what it was given."""
        click.echo(f"what {what}")
        seen.append(driving)

    return CliRunner().invoke(command, arguments), seen


def test_a_command_gets_its_options_as_one_value_and_its_own_arguments_beside() -> None:
    arguments = ("a", "b", "--output", "out", "--format", "jsonl", "--limit", "2", "--no-progress", "--set", "x=1")
    result, seen = called_with(run_options, *arguments, "--time-limit", "4h")
    assert result.output == "what ('a', 'b')\n"
    assert seen == [driving(file_format="jsonl", limit=2, time_limit="4h", overrides=("x=1",))]


def test_a_run_again_has_no_options_for_what_the_output_says_already() -> None:
    result, _ = called_with(again_options, "--limit", "2")
    assert result.exit_code == 2
    assert "No such option" in result.output


def test_a_retry_has_its_output_from_its_argument() -> None:
    def decorate(command: Any) -> Any:
        return click.argument("output")(again_options(command))

    _, seen = called_with(decorate, "--break-lock", "out")
    assert seen == [driving(progress=True, break_lock=True)]


def test_options_with_a_name_of_their_own_go_before_set(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("sink:\n  format: parquet\nengine:\n  seed: 7\n")
    options = driving(
        config_path=tmp_path / "p.yaml", overrides=("sink.format=parquet",), file_format="jsonl", ray_address="auto"
    )
    config = options.config(eager=True)
    assert config.execution == "auto"
    assert driving(overrides=("execution=ray",), execution="in_process").config().execution == "in_process"
    assert (config.sink.format, config.engine.seed, config.engine.eager) == ("jsonl", 7, True)
    assert config.resources.ray_address == "auto"
    with pytest.raises(ConfigError):
        driving(overrides=("no_such_key=1",)).config()


def test_the_stop_is_the_earlier_of_both() -> None:
    assert driving().stop().end_s == float("inf")
    soon = driving(
        time_limit="90s", until=f"{datetime.now().astimezone() + timedelta(hours=2):%H:%M}", grace="5s"
    ).stop()
    assert soon.end_s == pytest.approx(time.time() + 90, abs=60)
    assert soon._limits.grace_s == 5
    later = driving(time_limit="9h", until=f"{datetime.now().astimezone() + timedelta(hours=2):%H:%M}").stop()
    assert later.end_s == pytest.approx(time.time() + 2 * 3600, abs=120)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, EXIT_OK),
        ({"failure_codes": {"timeout": 1}}, EXIT_SOME_FAILED),
        ({"failed_before": 1}, EXIT_OK),
        ({"left": 1, "stopped_by": "the deadline", "failure_codes": {"timeout": 1}}, EXIT_DEADLINE),
    ],
)
def test_a_run_that_was_stopped_says_so_before_its_failures(values: dict[str, Any], code: int) -> None:
    assert exit_code(summary(**values)) == code


@pytest.mark.parametrize(("fail_on", "codes"), [("new", (0, 3)), ("any", (3, 3)), ("none", (0, 0))])
def test_the_user_says_which_failures_make_the_exit_code(fail_on: str, codes: tuple[int, int]) -> None:
    old, new = summary(failed_before=1), summary(failure_codes={"timeout": 1})
    assert (exit_code(old, fail_on), exit_code(new, fail_on)) == codes


def test_a_summary_of_every_kind_of_failure_fits_a_screen() -> None:
    text = summary_text(summary(failure_codes=dict.fromkeys(FAILURE_CODES, 2)), "out", "parquet")
    assert len(text.splitlines()) < 20
    assert f"{2 * (len(FAILURE_CODES) - 8)} x {len(FAILURE_CODES) - 8} other codes" in text


def test_a_summary_of_many_messages_fits_a_screen_and_says_where_the_others_are() -> None:
    text = summary_text(summary(messages=tuple(f"message {number}" for number in range(40))), "out", "parquet")
    assert len(text.splitlines()) < 15
    assert text.endswith("  and 32 more such lines: `messages` in out/_runs/r1.json")
    assert "more such lines" not in summary_text(summary(messages=("one",)), "out", "parquet")


def test_the_summary_says_where_the_rows_are() -> None:
    assert "notes: 2 rows in out/notes/run=r1/*.jsonl" in summary_text(summary(), "out/", "jsonl")
    assert "nothing new" in summary_text(summary(rows={}), "out", "parquet")
    left = summary_text(summary(left=4, stopped_by="--until", rows={}), "out", "parquet")
    assert "stopped by --until: 4 documents are left" in left
    assert "nothing new" not in left


@pytest.fixture
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def session(_config: Config) -> Iterator[None]:
        yield

    on_ray(monkeypatch)
    monkeypatch.setattr("qwen_batch.run.on_ray.ray_session", session)
    monkeypatch.setattr("qwen_batch.run.on_ray.run_documents", serially)
    monkeypatch.setattr("qwen_batch.run.on_ray.extract_documents", extract_serially)


@pytest.mark.usefixtures("without_ray")
@pytest.mark.subprocess
def test_a_request_is_driven_with_its_messages_before_and_its_summary_after(
    tmp_path: Path, null_config: Config, jobs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("A contract between Alpha Ltd and Beta Ltd.")
    options = driving(str(tmp_path / "out"))
    place = Place(options.output)
    asked: Sequence[str] = ("contract_summary", str(tmp_path / "a.txt"))
    prepared = prepare_run(asked, null_config, jobs_dir, place)
    log = RunLog(options.output, "run")
    assert drive(prepared.request, options, options.stop(), log, ("model: none",)) == EXIT_OK
    said = capsys.readouterr()
    assert said.err.splitlines()[:2] == ["model: none", "execution: on Ray (it is a test)"]
    assert f"contract_summary: 1 rows in {options.output}/contract_summary/run={log.run_id}/*.parquet" in said.out

    extraction = prepare_extract((str(tmp_path / "a.txt"),), null_config, Place(str(tmp_path / "text")))
    text = driving(str(tmp_path / "text"))
    drive(extraction, text, text.stop(), RunLog(text.output, "extract"))
    assert "documents: 1 rows in" in capsys.readouterr().out


def test_a_format_that_is_not_there_is_refused_with_those_that_are() -> None:
    said = CliRunner().invoke(run_command, ["contract_summary", ".", "--output", "out", "--format", "csv"])
    assert said.exit_code == 2
    assert all(repr(name) in said.output for name in FORMATS.names())
