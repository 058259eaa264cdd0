"""apply killed with SIGKILL: fifty decisions stand once each, and stay when all is answered again."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers.decided import LETTER, Fact, decision, fact, letter, said, save
from helpers.killed_apply import kill_at
from helpers.published import publish_run, record
from pydantic import BaseModel

from qwen_batch import EXTRACTION, Amount, Job
from qwen_batch.evaluate.evaluation import evaluate_output
from qwen_batch.output.layout import SOURCES, open_output
from qwen_batch.output.status import output_status
from qwen_batch.output.views.reading import latest_rows, read_rows, rows_to_plain
from qwen_batch.run.apply import apply_corrections
from qwen_batch.storage.sources import KnownSource, write_index

NAMES = [f"{number:02}.txt" for number in range(25)]
KILLS = 10
KILLS_ON_S3 = 5
"""Each one is some seconds there."""


class WithoutItems(BaseModel):
    """A letter, of which nobody wants to know the items any more."""

    law: Fact | None
    total: Amount | None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two of each letter's values corrected."""
    laws = (decision("law.value", "Ohio", f"Law {name}", name) for name in NAMES)
    return save(tmp_path, *laws, *(decision("items[1].value", "pens", f"Pens {name}", name) for name in NAMES))


def apply_with_kills(output: str, file: Path, each: int) -> int:
    """Applies until it comes to its end, killed so often at its first change, at its second, ...; counts kills."""
    chance = random.Random(7)
    kills = 0
    while kill_at(kills // each, output, file, chance):
        kills += 1
    return kills


def rows_by_name(output: str) -> Mapping[str, dict[str, Any]]:
    return {row["document"]: row for row in rows_to_plain(latest_rows(output, "letter"))}


def right_of(output: str, gold: Path) -> int:
    return evaluate_output(gold, output, "letter", gold.parent).scores.counts.right


def check_fifty(output: str, file: Path) -> None:
    """Exactly these decisions, each in one row of one run."""
    again = apply_corrections(output, file)
    assert (again.known, again.decisions, again.refused, again.orphaned) == (50, 0, (), ())
    rows = read_rows(output, "letter", "all").to_pylist()
    assert len(rows) == len({(row["doc_id"], row["job_fingerprint"]) for row in rows}) == 50
    store = open_output(output)
    assert len([entry for entry in store.files("_corrections") if entry.path.endswith(".json")]) == 1
    for name, row in rows_by_name(output).items():
        assert row["result"]["law"]["value"] == f"Law {name}"
        assert row["result"]["items"] == [fact("ink"), {"quote": "", "value": f"Pens {name}"}]


@pytest.mark.subprocess
def test_killed_at_each_of_its_changes_it_applies_fifty_decisions_once(tmp_path: Path, file: Path) -> None:
    output = str(tmp_path / "out")
    publish_run(output, LETTER, [letter(name) for name in NAMES])
    gold = tmp_path / "gold.jsonl"
    wanted = [{"law.value": f"Law {name}", "items[].value": ["ink", f"Pens {name}"]} for name in NAMES]
    lines = [{"source": name, "fields": fields} for name, fields in zip(NAMES, wanted, strict=True)]
    exactly = dict.fromkeys(wanted[0], "exact")
    gold.write_text("\n".join(json.dumps(line | {"normalisers": exactly}) for line in lines))
    assert right_of(output, gold) == 25
    assert apply_with_kills(output, file, each=2) >= KILLS
    check_fifty(output, file)
    assert right_of(output, gold) == 75

    again = [letter(name, "Texas", ("pens", "ink"), job_fingerprint="9" * 16, model="other") for name in NAMES]
    publish_run(output, LETTER, again, run_id="run2")
    for name, row in rows_by_name(output).items():
        assert (row["run_id"], row["model"], row["job_fingerprint"]) == ("run2", "other", "9" * 16)
        assert said(row, "law.value") == [(f"Law {name}", "corrected", "value"), ("Texas", "exact", "rejected")]
        assert said(row, "items[0].value") == [(f"Pens {name}", "corrected", "value"), ("pens", "exact", "rejected")]
    assert right_of(output, gold) == 75


@pytest.mark.subprocess
def test_killed_on_s3_it_applies_fifty_decisions_once(s3_bucket: str, file: Path) -> None:
    output = f"{s3_bucket}/out"
    publish_run(output, LETTER, [letter(name) for name in NAMES])
    assert apply_with_kills(output, file, each=1) >= KILLS_ON_S3
    check_fifty(output, file)


def test_after_a_change_of_bytes_and_of_the_job_the_others_still_stand(tmp_path: Path, file: Path) -> None:
    output = str(tmp_path / "out")
    publish_run(output, LETTER, [letter(name) for name in NAMES])
    apply_corrections(output, file)
    known = {f"/in/{name}": KnownSource(f"/in/{name}", f"id-{name}", 1, "s", 1, 2) for name in NAMES}
    known["/in/00.txt"] = KnownSource("/in/00.txt", "other", 1, "s", 1, 2)
    write_index(open_output(output), SOURCES, known)
    short = Job(name="letter", schema=WithoutItems, instruction="Look.", sampling=EXTRACTION, max_output_tokens=100)
    answers = [{"law": fact("Texas"), "total": None} for _ in NAMES]
    again = [record(short, name, one, job_fingerprint="9" * 16) for name, one in zip(NAMES, answers, strict=True)]
    publish_run(output, short, again, run_id="run2")
    orphans = output_status(output).orphaned
    assert [(one.document, one.path) for one in orphans if "changed" in one.why] == [
        ("00.txt", "items[1].value"),
        ("00.txt", "law.value"),
    ]
    assert len([one for one in orphans if one.why == "the job has no such field any more"]) == 24
    shown = {row["document"]: row["result"]["law"]["value"] for row in rows_by_name(output).values()}
    assert {name: shown[name] for name in NAMES[1:]} == {name: f"Law {name}" for name in NAMES[1:]}
