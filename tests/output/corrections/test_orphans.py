"""orphans: decisions whose bytes or field are gone are listed by name, and come back with them."""

from __future__ import annotations

from pathlib import Path

from helpers.decided import LETTER, Fact, decision, latest, letter, save
from helpers.published import publish_run, record
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Job
from qwen_batch.output.layout import SOURCES, open_output
from qwen_batch.output.status import output_status
from qwen_batch.run.apply import apply_corrections
from qwen_batch.storage.sources import KnownSource, write_index

UTAH = decision("law.value", "Ohio", "Utah")
CHANGED = ("a.txt", "law.value", "the document has changed")


class Short(BaseModel):
    """A letter of which less is asked."""

    items: list[Fact] = Field(max_length=9)


SHORT = Job(name="letter", schema=Short, instruction="Read.", sampling=EXTRACTION, max_output_tokens=100)


def holds(output: Path, doc_id: str) -> None:
    """What the file is now."""
    write_index(open_output(str(output)), SOURCES, {"/in/a.txt": KnownSource("/in/a.txt", doc_id, 1, "s", 1, 2)})


def orphans(output: Path) -> list[tuple[str, str, str]]:
    return [(one.document, one.path, one.why) for one in output_status(str(output)).orphaned]


def test_changed_bytes_orphan_a_decision_until_they_are_back(tmp_path: Path) -> None:
    output, file = tmp_path / "out", save(tmp_path, UTAH)
    publish_run(output, LETTER, [letter("a.txt")])
    holds(output, "id-a.txt")
    apply_corrections(str(output), file)
    assert orphans(output) == []
    holds(output, "other")
    assert orphans(output) == [CHANGED]
    done = apply_corrections(str(output), file)
    assert [(one.document, one.path, one.why) for one in done.orphaned] == [CHANGED]
    holds(output, "id-a.txt")
    assert orphans(output) == []
    assert latest(output)["result"]["law"]["value"] == "Utah"


def test_a_decision_about_changed_bytes_is_not_taken(tmp_path: Path) -> None:
    publish_run(tmp_path / "out", LETTER, [letter("a.txt")])
    holds(tmp_path / "out", "other")
    done = apply_corrections(str(tmp_path / "out"), save(tmp_path, UTAH))
    assert (done.decisions, [one.why for one in done.orphaned]) == (0, ["the document has changed"])


def test_a_field_that_the_job_has_no_more_orphans_a_decision(tmp_path: Path) -> None:
    output = tmp_path / "out"
    publish_run(output, LETTER, [letter("a.txt"), letter("b.txt")])
    apply_corrections(str(output), save(tmp_path, UTAH))
    assert orphans(output) == []
    publish_run(output, SHORT, [record(SHORT, "a.txt", {"items": []}, job_fingerprint="9" * 16)], run_id="run2")
    assert orphans(output) == [("a.txt", "law.value", "the job has no such field any more")]
    late = apply_corrections(str(output), save(tmp_path, decision("law.value", "Ohio", "Utah", "b.txt")))
    assert (late.decisions, len(late.orphaned)) == (0, 2)
