"""Papers in folders, and runs of jobs of groups over them, without Ray and without a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from helpers.runs import request_for, run
from helpers.told import CHAIN, PROSE, FakeTold, facts_of, rules_job, told_machinery, write_jobs

from qwen_batch.config_file import load_config
from qwen_batch.output.views.reading import latest_records
from qwen_batch.run.document.work import Work
from qwen_batch.run.request import RunRequest, RunSummary
from qwen_batch.run.stopping import Stop

PAPERS = {
    "ab/one.txt": "Maker: Contoso Ltd.\nWeight: 1.2 kg\nColour: red\nTotal: 10\n",
    "ab/two.txt": "Maker: CONTOSO Limited\nWeight: 1,200 grams\nColour: blue\nTotal: 2.5\n",
    "ab/three.txt": "Maker: Fabrikam\nWeight: 1.2 kg\nColour: red\nTotal: 1\n",
    "cd/four.txt": "Maker: Fabrikam\nWeight: 3 kg\nTotal: 4\n",
    "cd/five.txt": "Maker: Fabrikam\nWeight: 2 kg\nTotal: 5\n",
}
SETTINGS = ("engine.kind=null", "sink.flush_seconds=0.001")


class Grouped:
    """A folder of papers, an output, and jobs by name: `rules`, `all`, `makers`, `prose` and `chain`."""

    def __init__(self, place: Path, papers: dict[str, str] | None = None) -> None:
        self.papers = place / "in"
        self.output = place / "out"
        self.asked: list[str] = []
        self.works: list[Sequence[Work]] = []
        self.jobs = write_jobs(
            place / "jobs",
            rules=rules_job("rules", '"folder"'),
            all=rules_job("all", '"all"'),
            makers=rules_job("makers", 'GroupBy("result.maker")'),
            prose=PROSE,
            chain=CHAIN,
        )
        for name, text in (PAPERS if papers is None else papers).items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        path = self.papers / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def request(self, *names: str, settings: tuple[str, ...] = ()) -> RunRequest:
        config = load_config(None, (*SETTINGS, *settings))
        return request_for(self.papers, self.output, config, self.jobs, *names)

    def run(
        self,
        *names: str,
        begin: Callable[[Work], object] = lambda _: None,
        stop: Stop | None = None,
        request: RunRequest | None = None,
    ) -> RunSummary:
        """Runs jobs; `asked` has the works of this run, and `begin` is told of each."""
        self.asked.clear()
        self.works.clear()

        def note(work: Work) -> None:
            self.asked.append(work.document.uri)
            begin(work)

        engine = FakeTold({"facts": facts_of, **dict.fromkeys(("prose", "chain", "last"), _point)})
        return run(request or self.request(*names), told_machinery(engine, note, self.works), stop)

    def rows(self, job: str = "rules") -> dict[str, dict[str, Any]]:
        """The newest rows by the last part of their names."""
        return {row["document"]: row for row in latest_records(self.output, job) if row["source_state"] != "deleted"}


def _point(shown: str) -> dict[str, Any]:
    """Of a group's text the line that names a colour first, else none."""
    quote = next((line.strip("- ") for line in shown.splitlines() if "olour" in line), "")
    return {"point": {"quote": quote[:120], "text": "colours" if quote else None}}
