"""vllm: what the engine's own process died of is found in its log, without vLLM."""

from __future__ import annotations

from pathlib import Path

from qwen_batch.engine.kinds.vllm import last_logged_error

LOG = """(EngineCore pid=7) ERROR 11-23 02:00:01 [core.py:99] Traceback (most recent call last):
(EngineCore pid=7) ERROR 11-23 02:00:01 [core.py:99] ValueError: an earlier one
(EngineCore pid=7) ERROR 11-23 02:00:02 [core.py:99] torch.OutOfMemoryError: CUDA out of memory. Tried 2.00 GiB.
vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above).
INFO 11-23 02:00:03 shutting down
"""


def test_the_last_error_of_the_log_is_given_and_not_the_one_that_only_points_to_it(tmp_path: Path) -> None:
    log = tmp_path / "worker.err"
    log.write_text(
        "x" * 70_000 + "\n" + LOG + "RuntimeError: Engine core initialization failed. See root cause above.\n"
    )
    assert last_logged_error(str(log)) == "torch.OutOfMemoryError: CUDA out of memory. Tried 2.00 GiB."


def test_a_log_without_an_error_or_no_log_gives_nothing(tmp_path: Path) -> None:
    log = tmp_path / "worker.err"
    log.write_text("INFO all is well\n")
    assert last_logged_error(str(log)) is None
    assert last_logged_error(str(tmp_path / "none")) is None
    assert last_logged_error("/dev/null") is None
