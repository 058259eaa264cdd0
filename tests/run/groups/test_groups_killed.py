"""groups: `kill -9` in the group pass, again and again, and the table is the one of an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.grouped import Grouped
from helpers.places import ROOT

from qwen_batch.output.views.reading import read_rows
from qwen_batch.run.document.work import Work

pytestmark = pytest.mark.subprocess

KILLS = 10
PAPERS = {
    f"{group:02}/{paper}.txt": f"Maker: Maker {paper}\nWeight: {group + paper} kg\nTotal: {group}\n"
    for group in range(KILLS + 2)
    for paper in range(3)
}
CHILD = (
    "import sys; sys.path[:0] = sys.argv[3:]; from test_groups_killed import die; die(sys.argv[1], int(sys.argv[2]))"
)


def die(place: str, groups: int) -> None:
    """Runs the job and kills itself as it begins another group after so many, or begins to publish."""
    night = Grouped(Path(place), {})
    begun: list[str] = []

    def count(work: Work) -> None:
        begun.extend([work.document.uri] * (work.group is not None))
        if len(begun) > groups:
            os.kill(os.getpid(), signal.SIGKILL)

    night.run("rules", begin=count)


def table(night: Grouped) -> list[dict[str, Any]]:
    kept = ["doc_id", "source_uri", "job", "job_fingerprint", "result", "evidence", "members", "failed_members"]
    return sorted(read_rows(night.output, "rules", "all").select(kept).to_pylist(), key=lambda row: row["source_uri"])


def test_killed_ten_times_among_groups_the_table_is_the_same(tmp_path: Path) -> None:
    night = Grouped(tmp_path / "killed", PAPERS)
    path = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "run" / "groups")]
    for kill in range(KILLS):
        child = [sys.executable, "-c", CHILD, str(tmp_path / "killed"), str(kill % 3), *path]
        ended = subprocess.run(child, check=False, capture_output=True, text=True, timeout=300)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    summary = night.run("rules")
    assert len(night.asked) == summary.rows["rules"] - 9, "what was staged before a kill is not asked again"
    quiet = Grouped(tmp_path / "quiet", {})
    quiet.papers = night.papers
    quiet.run("rules")
    assert table(night) == table(quiet)
    assert night.run("rules").rows == {"facts": 0, "rules": 0, "failures": 0}
