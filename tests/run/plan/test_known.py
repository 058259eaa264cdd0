"""known: rates of a run are those of the time in which its engine had prompts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.decided import LETTER, letter
from helpers.published import publish_run

from qwen_batch.output.layout import open_output
from qwen_batch.run.plan.known import Rates, newest_rates

USAGE = {"engine_start_s": 20, "engine_work_s": 50, "prompt_tokens_per_s": 100.0, "output_tokens_per_s": 10.0}
TIMES = {"started": "2026-01-01T00:00:00+00:00", "finished": "2026-01-01T00:01:15+00:00"}


def rates(output: Path, **usage: Any) -> Rates:
    publish_run(output, LETTER, [letter("a.txt")])
    (file,) = (output / "_runs").glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | TIMES | {"model": "m", "usage": USAGE | usage}))
    found = newest_rates(open_output(str(output)), "m")
    assert found
    return found


def test_an_engine_that_waited_for_reading_is_not_taken_for_a_slow_one(tmp_path: Path) -> None:
    found = rates(tmp_path / "out", engine_busy_s=10.0)
    assert (found.tokens_in_a_s, found.tokens_out_a_s) == (500, 50)
    assert found.around_s == pytest.approx(5)


def test_a_run_that_did_not_tell_how_long_it_had_prompts_has_its_rates_over_all_of_it(tmp_path: Path) -> None:
    assert rates(tmp_path / "out").tokens_in_a_s == 100


def test_an_engine_that_took_no_time_has_rates(tmp_path: Path) -> None:
    assert rates(tmp_path / "out", engine_busy_s=0.0, output_tokens_per_s=0.0).tokens_out_a_s is None
