"""qwen-batch apply: what it says, how it ends, and what status says after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.decided import LETTER, decision, letter, save
from helpers.published import publish_run

from qwen_batch.cli import exit_code_of
from qwen_batch.errors import EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE
from qwen_batch.output.layout import open_output
from qwen_batch.output.log.record import newest_records

UTAH = decision("law.value", "Ohio", "Utah")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    publish_run(tmp_path / "out", LETTER, [letter("a.txt"), letter("b.txt")])
    return tmp_path / "out"


def test_it_says_what_it_did_and_leaves_a_record(
    tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = save(tmp_path, UTAH)
    assert exit_code_of(["apply", str(output), str(file)]) == EXIT_OK
    assert "1 decisions in 1 rows of letter" in capsys.readouterr().out
    assert exit_code_of(["apply", str(output), str(file)]) == EXIT_OK
    assert capsys.readouterr().out == "nothing new\n  applied before: 1\n"
    records = newest_records(open_output(str(output)))
    assert sorted((one.command, one.state, one.exit_code) for one in records) == [
        ("apply", "complete", 0),
        ("apply", "nothing_new", 0),
    ]
    assert exit_code_of(["status", str(output)]) == EXIT_OK
    assert "apply" in capsys.readouterr().out


def test_a_refused_decision_is_named_and_ends_with_a_code(
    tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_run(output, LETTER, [letter("a.txt", "Texas", job_fingerprint="9" * 16)], run_id="run2")
    assert exit_code_of(["apply", str(output), str(save(tmp_path, UTAH))]) == EXIT_SOME_FAILED
    assert "a.txt, letter, law.value: it was answered again since" in capsys.readouterr().out


def test_wrong_json_is_named_by_file_and_key(tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = save(tmp_path, UTAH | {"decision": "maybe"})
    assert exit_code_of(["apply", str(output), str(file)]) == EXIT_USAGE
    assert f"{file}: corrections.0.decision" in capsys.readouterr().err
