"""status: one screen, whatever there is to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from qwen_batch.cli.status import status_text
from qwen_batch.failure_codes import FAILURE_CODES
from qwen_batch.output.log.nights import Night
from qwen_batch.output.status import OutputStatus, UnresolvedFailure

NOW = datetime(2026, 3, 1, 1, 15, tzinfo=UTC)
SCREEN_LINES = 25


def night(**values: Any) -> Night:
    fixed: dict[str, Any] = dict.fromkeys(Night.__slots__)
    fixed |= {"command": "run", "arguments": ("notes", "/in"), "state": "complete", "started": NOW, "documents": 9}
    return Night(**{**fixed, "run_id": "r", "rows": {}, "failures": {}, "left": 0, "published": False, **values})


def failure(code: str, source: str = "/in/a.pdf", message: str = "why " * 90, at: datetime = NOW) -> UnresolvedFailure:
    return UnresolvedFailure(source, "id", "notes", "f", "read", code, message, True, 1, "r", at)


def text(**values: Any) -> str:
    fixed: dict[str, Any] = {"holder": None, "nights": (), "runs": (), "staged": {}, "publications": ()}
    return status_text(OutputStatus(**{"output": "/out", "unresolved": (), "sources": {}, **fixed, **values}))


def test_the_worst_night_fits_a_screen() -> None:
    worst = night(state="failed", exit_code=1, error="no " * 99, remedy="do " * 99, left=3, stopped_by="SIGTERM")
    nights = [worst] * 20 + [night(published=True, rows={"notes": 3}, failures={"lost": 1})]
    shown = text(nights=tuple(nights), unresolved=tuple(map(failure, FAILURE_CODES)), staged={"notes": 2})
    assert len(shown.splitlines()) <= SCREEN_LINES
    assert max(map(len, shown.splitlines())) <= 110


def test_the_three_questions_are_answered() -> None:
    shown = text(
        nights=(
            night(state="nothing_new", exit_code=0, seconds=3.0, ended=NOW, failed_before=2),
            night(published=True, started=NOW - timedelta(days=1), seconds=3725.0, rows={"notes": 3}, left=1),
        ),
        unresolved=(
            failure("timeout", "/in/old.pdf", "older", NOW - timedelta(days=2)),
            failure("timeout", "/in/new.pdf", "newer"),
        ),
    )
    assert "2026-03-01 01:15:00Z  nothing new in 3 s, exit code 0" in shown
    assert "9 documents, nothing new; 2 old failures" in shown
    assert "newest published run, 2026-02-28 01:15:00Z\n  9 documents, 3 new rows in notes" in shown
    assert "complete in 1h02m" in shown
    assert "2 x timeout (notes) (retryable): new.pdf: newer" in shown
    assert f"remedy: {FAILURE_CODES['timeout'].remedy}" in shown


def test_what_ran_the_stages_is_said() -> None:
    assert "complete in 3 s, on Ray, exit code 0" in text(nights=(night(seconds=3.0, exit_code=0, execution="ray"),))
    assert "complete, in process" in text(nights=(night(execution="in_process"),))


def test_a_killed_night_is_said_to_be_that() -> None:
    assert "it was killed: the same command again" in text(nights=(night(state="died"),))


def test_an_output_without_a_run_says_so() -> None:
    assert "no run yet\nno failures" in text()
