"""latest: one row per source, whatever the history."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.config import Config
from qwen_batch.errors import OutputError
from qwen_batch.latest import latest_rows
from tests.test_runner import request_for, run


def states(output: Path) -> dict[str, str]:
    rows = latest_rows(output, "contract_summary").to_pylist()
    return {Path(row["source_uri"]).name: row["source_state"] for row in rows}


def test_changed_reverted_failed_and_deleted(tmp_path: Path, null_config: Config, jobs_dir: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    file, other = folder / "a.txt", folder / "b.txt"
    other.write_text("Another contract.")
    ids = []
    for text in ("Contract A.", "Contract B.", "Contract A."):
        file.write_text(text)
        run(request_for(folder, output, null_config, jobs_dir))
        ids.append(latest_rows(output, "contract_summary").to_pylist()[0]["doc_id"])
    assert ids[0] == ids[2] != ids[1]
    file.write_text("")
    other.unlink()
    run(request_for(folder, output, null_config, jobs_dir))
    assert states(output) == {"a.txt": "changed", "b.txt": "deleted"}


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no published table 'nothing'"):
        latest_rows(tmp_path, "nothing")
