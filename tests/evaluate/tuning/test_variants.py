from __future__ import annotations

from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.evaluate.gold import GoldEvidence, make_gold
from qwen_batch.evaluate.tuning.variants import job_variants, setting_variants
from qwen_batch.job.definition import job_fingerprint
from qwen_batch.job.files import JobSource, find_job, job_names, load_job

TEXT = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import Alternatives, Job, LooksFor, Quoted

class Law(Quoted):
    state: str = Field(max_length=60)

class Lease(BaseModel):
    law: Annotated[Law | None, Alternatives("the state", "whose law"), LooksFor("law")] = Field(description="law")
    parties: list[Law] = Field(max_length=3, description="signers, not witnesses")
    ends: str | None = Field(max_length=9, description="ends")

JOB = Job(name="lease", schema=Lease, instruction="Extract.")
"""
SOURCE = JobSource("lease.py", TEXT)


def words(*, texts: dict[str, str] | None = None) -> list[tuple[str, str]]:
    texts = texts or {}
    gold = [make_gold(source, {"law.state": "Nevada"}, {"law.state": [GoldEvidence(1, "Nevada")]}) for source in texts]
    return [(one.factor, one.words) for one in job_variants(SOURCE, load_job(SOURCE), gold, texts)]


def test_descriptions_that_the_job_gives_are_tried_else_those_by_rule() -> None:
    assert words() == [
        ("description of law", "'the state'"),
        ("description of law", "'whose law'"),
        ("description of parties", "'parties: signers, not witnesses'"),
        ("description of parties", "'signers'"),
        ("order of fields", "reversed"),
        ("order of fields", "lists last"),
        ("order of fields", "lists first"),
    ]


def test_words_to_look_for_stand_around_the_quotes_of_several_documents_and_are_no_values() -> None:
    texts = {
        "a": "Rent is due. It is construed under statutes of Nevada by courts.",
        "b": "It is construed under statutes of Nevada alone, says Ann.",
        "c": "Statutes and nothing else.",
    }
    ((_, said),) = [pair for pair in words(texts=texts) if pair[0] == "words for law"]
    assert said == "'construed statutes under'"


def test_alternatives_are_no_part_of_the_question() -> None:
    plain = JobSource("lease.py", TEXT.replace('Alternatives("the state", "whose law"), ', ""))
    assert job_fingerprint(load_job(SOURCE)) == job_fingerprint(load_job(plain))


def test_settings_are_tried_too() -> None:
    factors = {one.factor for one in setting_variants(load_job(SOURCE))}
    assert factors == {"passages", "threshold"}


@pytest.mark.parametrize("name", job_names(ROOT / "jobs"))
def test_each_change_to_a_job_of_the_library_gives_a_job(name: str, jobs_dir: Path) -> None:
    source = find_job(name, jobs_dir)
    job = load_job(source)
    for one in job_variants(source, job, [], {}):
        assert one.edit is not None
        changed = load_job(JobSource(source.path, one.edit(source.text) or ""))
        assert set(changed.schema.model_fields) == set(job.schema.model_fields)
